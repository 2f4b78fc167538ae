"""What Rasa loads by class path: components, policies, channel, NLG, tracker store.

Everything here imports Rasa, which pulls TensorFlow in: nothing outside the Rasa server may import it.

importer.py                adds the skill to a bot's own domain, rules and examples
channel/, nlu/, policies/  the WhatsApp channel, the pipeline's components, the policies above RulePolicy
nlg.py, tracker_store.py   the saved responses; Rasa's conversations, encrypted
process.py                 the App of this process, for what Rasa builds by class path
http_api.py                whether Rasa's own API is open to everyone
patches/                   what is changed in Rasa at run time

What `segunda_via` logs is redacted once anything here is imported; what the bot logs besides, only when it asks for it.
"""

from segunda_via import log_redaction

log_redaction.install()
