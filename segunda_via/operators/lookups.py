"""What operators look up on the screen, outside any conversation: so many documents a day, and each in the trail.

Without that, whoever sits at a signed-in browser tries a list of CPFs in seconds, and nobody ever knows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.engine import Engine
from stdnum.exceptions import ValidationError

from segunda_via.boletos.documents import mask, parse
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.storage import audit_trail

PER_DAY = 30
"""Different documents of one operator in a day: more than setting up and helping takes, too few for a list."""
_ANY_NUMBER = 10**9


class OperatorLookups:
    """`key` is of its own: operators count for themselves, never as one of a document's senders."""

    def __init__(self, engine: Engine, key: bytes, now: Callable[[], datetime], today: Callable[[], date]) -> None:
        self._engine = engine
        self._now = now
        self._today = today
        self._limits = LookupLimits(engine, key, documents_per_sender=PER_DAY, senders_per_document=_ANY_NUMBER)

    def admit(self, company: str, operator: str, written: str) -> bool:
        """Count and record this look-up; False when it is one too many. What is no document is not looked up."""
        try:
            document = parse(written)
        except ValidationError:
            return True
        admitted = self._limits.admit(company, f"operator:{operator}", document, self._today())
        self.record(company, operator, "looked_up" if admitted else "look_up_refused", written)
        return admitted

    def record(self, company: str, who: str, event: str, written: str) -> None:
        """A line of the trail, with the document masked."""
        with self._engine.begin() as connection:
            audit_trail.record(connection, company, who, event, mask(written), self._now())
