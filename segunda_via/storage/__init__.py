"""The database and what it is encrypted with.

database.py             engine, tables' metadata, migrations at the start
sqlite_writes.py        one writer at a time on SQLite
keys.py                 the secret key, and what is derived from it
conversation_events.py  Rasa's conversations, encrypted
endpoints_file.py       where endpoints.yml says that they are kept
leases.py               work that one process does for all
lease_owner.py          which process holds a lease
audit_trail.py          what operators changed
health_record.py        what calls to gateway, desk and Twilio answered
private_files.py        files 0600, folders 0700
"""
