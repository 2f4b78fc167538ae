"""The company that is spoken for where nothing says which: the shell, REST, the terminal, the settings screen."""

COMPANY = "default"
"""As it stands in every key of the database."""
