"""What must not be lost: durable queues in the database, whose entries wait in lanes and are taken under leases.

lanes.py     the queues: ordered within a lane, one at a time, first version wins, encrypted, erased when done
worker.py    a loop that takes entries and handles several lanes at once
identity.py  who holds a lease, and whether that process still lives
"""
