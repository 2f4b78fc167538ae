"""Segunda Via, the plugin. `docs/architecture.md` says which package does what.

Only `rasa_plugin` imports Rasa, and only `actions` its SDK.
"""

__version__ = "0.2.0"
