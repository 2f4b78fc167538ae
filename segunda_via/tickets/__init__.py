"""Tickets: opened when the flow is entered, finished when the boleto was sent, handed over when it was not.

ticket.py          the ticket, its events, and the port to ticket desks
ticket_service.py  the use case: opens, finishes, hands over, abandons, reopens
journal.py         tickets and their events in our own database, which also is the desk where there is no other
human_takeover.py  conversations in the hands of people, in which the assistant is silent
sealing.py         how conversation ids are kept: encrypted, and found by a keyed hash
resealing.py       the same with another secret key
"""

from segunda_via.tickets.ticket import QUEUE, InvoiceSent, Ticket, TicketDesk, TicketEvent, TicketEventKind

__all__ = ["QUEUE", "TicketEvent", "InvoiceSent", "TicketEventKind", "Ticket", "TicketDesk"]
