"""What must not be lost: durable queues in the database, whose entries wait in lanes and are taken under leases.

lanes.py          the queues: ordered within a lane, one at a time, first version wins, encrypted, erased when done
entries.py        their table, and an entry as its worker sees it
together.py       many small writes in one transaction
worker.py         a loop that takes entries and handles several lanes at once
identity.py       who holds a lease, and whether that process still lives

turns.py          what a turn says, drafted while it runs and queued whole at its end
sender.py         sends what is queued, in order
steps.py          each message at Twilio, and what became of it
finishing.py      the ticket, finished when the last message was accepted
twilio_client.py  Twilio's API         twilio_errors.py  what its codes mean
"""
