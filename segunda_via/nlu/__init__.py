"""The components that run inside the Rasa server: document extractor, intent classifier, spoken failures.

They import Rasa, which pulls TensorFlow: nothing outside the Rasa server may import this room. Whatever loads a model
imports it, which is why the privacy of the Rasa process's logs is installed here.
"""

from segunda_via import privacy

privacy.install()
