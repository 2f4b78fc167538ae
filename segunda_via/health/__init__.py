"""Whether what is asked answers: told by every call, kept in the database, so that all processes know the same.

record.py   what the calls told: since when it fails, how, and when it worked last
desk.py     asking the ticket desk, and whether it has the queue
number.py   asking Twilio
watch.py    the cheap check that notices without traffic, made by one process at a time; and telling it once
"""
