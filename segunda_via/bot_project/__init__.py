"""Another bot's folder: what the skill needs there, what is missing or in conflict, and the edits that add it.

wanted.py        what must be named where, read from `skill/config.yml`; the host's names for shared intents
domain_intents.py  the intents of the bot's own domain
text_file.py     how its files are read
yaml_lists.py    edits the lists of a YAML file, line by line
config_file.py, endpoints_file.py, actions_package.py    the three places of a bot that change
changes.py       all of those changes together, as they would be made
loaded.py        what Rasa and its SDK load in that folder, each asked in a process of its own
check.py         all of it, as findings

Nothing here imports Rasa.
"""
