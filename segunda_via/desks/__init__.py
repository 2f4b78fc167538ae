"""Ticket desks: the registry, what adapters share, one package a desk, and the relay that tells the desk in force.

What is known of a desk stands in its package alone: `description.py` (names, fields, returns) and `adapter.py` (calls).
The port is `TicketDesk`, in `segunda_via.tickets.ticket`.
"""
