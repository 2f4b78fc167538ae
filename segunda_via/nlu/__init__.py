"""The components that run inside the Rasa server: document extractor, intent classifier, spoken failures.

They import Rasa, which pulls TensorFlow: nothing outside the Rasa server may import them. `intent_model` and `effect`
do without: the operator's commands and the screen's comparison, in a process of its own, use those two. Whatever loads
a model imports this room, which is why the privacy of the Rasa process's logs is installed here.
"""

from segunda_via import privacy

privacy.install()
