"""Tickets: opened when the flow is entered, finished when the boleto was sent, handed over when it was not."""

from segunda_via.tickets.ticket import QUEUE, InvoiceSent, Ticket, TicketDesk, TicketEvent, TicketEventKind

__all__ = ["QUEUE", "TicketEvent", "InvoiceSent", "TicketEventKind", "Ticket", "TicketDesk"]
