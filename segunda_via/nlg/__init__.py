"""The operator's saved texts, laid over `domain.yml` as Rasa speaks: `nlg` of `endpoints.yml` names `saved_texts`.

It imports Rasa, which pulls TensorFlow: nothing outside the Rasa server may import it.
"""

from segunda_via import privacy

privacy.install()
