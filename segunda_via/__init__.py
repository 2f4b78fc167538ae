"""Segunda Via: everything that knows boletos, and nothing that knows Rasa.

Only the rooms `nlu/`, `nlg/` and `channels/` may import Rasa; they run inside the Rasa server.
"""

__version__ = "0.1.0"
