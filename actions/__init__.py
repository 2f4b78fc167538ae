"""The stand-alone assistant's actions: the plugin's, and its own in this folder (menu, what was not understood).

rasa_sdk imports this package first: `rasa run actions` and `python -m rasa_sdk --actions actions` need no more. The
process is ours alone: every call is guarded, and whatever it logs is redacted.
"""

import segunda_via.actions  # registers the plugin's actions
from segunda_via import log_redaction

segunda_via.actions.server.alone = True
log_redaction.install(everything=True)
