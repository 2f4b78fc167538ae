"""Whether what is asked answers: told by every call, kept in the database, so that all processes know the same.

record.py   what the calls told: since when it fails, how, and when it worked last
watch.py    the cheap check that notices without traffic, made by one process at a time; and telling it once
"""
