"""The settings in force: what the environment says, else what an operator saved, else a default.

environment.py     the variables, parsed and refused with one clear line
store.py           what operators saved, encrypted
setting.py         how every setting is read and saved
fields.py          the fields of a gateway or desk as they were pasted (pasted.py: cleaned)
others             one setting each; those of the conversation and of the desk stand in their packages, as *_setting.py
"""
