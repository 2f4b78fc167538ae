"""What Rasa loads by class path: the tracker store, and what makes sure of it at the start.

It imports Rasa, which pulls TensorFlow: nothing outside the Rasa server may import it.
"""

from segunda_via import log_redaction

log_redaction.install()
