"""What a gateway lists, sorted: what can be read, and what cannot and so must not be forgotten.

One odd entry keeps no other from being read. But it may stand for the very invoice that should be sent, so it is noted
with whatever is known of it, for `invoices.choose` to decide.

`read` is given one entry after the other. It answers None for an entry that is surely not wanted (somebody else's, or
not open), and raises when it cannot tell; so it asks first whose an entry is, then whether it is open, then the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from segunda_via.boletos.invoice import Invoice, Listing, Unreadable
from segunda_via.errors import GatewayProtocolError
from segunda_via.http.record import Record

T = TypeVar("T")

_AT_ONCE = 200
"""Entries that are read within some ten milliseconds."""


async def sort_out(
    entries: Collection[Record],
    read: Callable[[Record], T | None],
    *,
    key: Callable[[Record], str | None] = lambda entry: None,
    due: str = "",
) -> tuple[list[T], list[Unreadable]]:
    """What `read` makes of the entries, and a note of each that it cannot read; the very same entry is noted once.

    `key` gives an invoice's `gateway_id`, None where it cannot be read; `due` names the field of the due date. Many
    entries are read in another thread: thousands take a second.
    """
    if len(entries) > _AT_ONCE:
        return await asyncio.to_thread(_sort_out, entries, read, key, due)
    return _sort_out(entries, read, key, due)


def _sort_out(
    entries: Iterable[Record],
    read: Callable[[Record], T | None],
    key: Callable[[Record], str | None],
    due: str,
) -> tuple[list[T], list[Unreadable]]:
    found: list[T] = []
    unreadable: dict[str, Unreadable] = {}
    for entry in entries:
        try:
            value = read(entry)
        except GatewayProtocolError as error:
            unreadable[entry.as_written()] = Unreadable(error.field or str(error), entry.any_day(due), key(entry))
        else:
            if value is not None:
                found.append(value)
    return found, [*unreadable.values()]


def listing(invoices: Iterable[Invoice], unreadable: Iterable[Unreadable]) -> Listing:
    """Each invoice and each note once; an invoice that is listed with contradictions is noted, and not listed."""
    found: dict[str, Invoice] = {}
    notes: dict[object, Unreadable] = {}
    for note in unreadable:
        notes[note.gateway_id or len(notes)] = _earlier(note, notes.get(note.gateway_id))
    for invoice in invoices:
        other = found.setdefault(invoice.gateway_id, invoice)
        if _what_is_owed(other) != _what_is_owed(invoice):
            due = min(other.due_date, invoice.due_date)
            note = Unreadable("listed twice, with contradictions", due, invoice.gateway_id)
            notes[invoice.gateway_id] = _earlier(note, notes.get(invoice.gateway_id))
        elif invoice.updated_amount is not None:  # it fell due between the two
            found[invoice.gateway_id] = invoice
    readable = tuple(invoice for key, invoice in found.items() if key not in notes)
    return Listing(readable, tuple(notes.values()))


def _what_is_owed(invoice: Invoice) -> tuple[object, ...]:
    return invoice.number, invoice.due_date, invoice.amount


def _earlier(note: Unreadable, other: Unreadable | None) -> Unreadable:
    """The note that is more likely to stand for the invoice to send: the one without a date, or with the earlier."""
    if other is None or note.due_date is None:
        return note
    return note if other.due_date is not None and note.due_date < other.due_date else other
