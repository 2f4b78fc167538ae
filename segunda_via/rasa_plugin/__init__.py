"""What Rasa loads by class path: components, policies, channel, NLG, tracker store.

Everything here imports Rasa, which pulls TensorFlow in: nothing outside the Rasa server may import it.

channel/, nlu/, policies/  the WhatsApp channel, the pipeline's components, the policies above RulePolicy
nlg.py, tracker_store.py   the saved responses; Rasa's conversations, encrypted
process.py                 the App of this process, for what Rasa builds by class path
in_force.py, http_api.py   what is checked at the start: the store named in endpoints.yml, and a token for Rasa's API
patches/                   what is changed in Rasa at run time
"""

from segunda_via import log_redaction

log_redaction.install()
