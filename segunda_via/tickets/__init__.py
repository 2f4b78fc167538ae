"""Tickets: opened when the flow is entered, finished when the boleto was sent, handed over when it was not."""

from segunda_via.tickets.port import QUEUE, Event, InvoiceSent, Kind, Ticket, TicketDesk

__all__ = ["QUEUE", "Event", "InvoiceSent", "Kind", "Ticket", "TicketDesk"]
