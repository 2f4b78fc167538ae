"""The custom actions that Rasa calls, one file each.

rasa_sdk imports this package first and its plugins' hook after: registering here is enough for `rasa run actions` and
for `python -m rasa_sdk --actions actions`. Nothing is configured at import.
"""

from rasa_sdk.plugin import plugin_manager

from segunda_via import app, privacy
from segunda_via.web.attach import ActionServer

privacy.install()
if not plugin_manager().has_plugin("segunda_via"):
    plugin_manager().register(ActionServer(app.current), name="segunda_via")
