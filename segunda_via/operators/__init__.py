"""Who may change the settings: operators, how they sign in, and what keeps strangers from guessing.

passwords.py     hashing and what a password must be
tables.py        what is kept
accounts.py      the operators themselves
sessions.py      who is signed in, in the database, so that signing out ends it everywhere
devices.py       the browsers that an operator has signed in with before
lookups.py       what operators look up: how many documents a day, and a trace of each
throttle.py      how often a password may be tried, counted by all processes together
first_access.py  the one-time link that makes the first operator
"""
