"""The steps of the flow.

asked            the flow was entered                         document_given   with `tries`, invalid ones included
found            the gateway has an open invoice              nothing_to_send  it has none for that document
delivered        the bundle was composed and said             next_offered, next_accepted
promised         the gateway could not be asked, `outcome` says why: the delivery comes later
finished, handed_over, abandoned                              how the ticket ended
not_understood   a message without a meaning
"""

from __future__ import annotations

from enum import Enum


class MetricEvent(str, Enum):
    ASKED = "asked"
    DOCUMENT_GIVEN = "document_given"
    FOUND = "found"
    NOTHING_TO_SEND = "nothing_to_send"
    PROMISED = "promised"
    DELIVERED = "delivered"
    FINISHED = "finished"
    HANDED_OVER = "handed_over"
    ABANDONED = "abandoned"
    NOT_UNDERSTOOD = "not_understood"
    NEXT_OFFERED = "next_offered"
    NEXT_ACCEPTED = "next_accepted"
