"""Erases what has expired: of every table, as `stored_data` says, and of the conversations that Rasa keeps.

It runs by itself in the public server. Of several one does it, once an hour, under a lease in the database. The
conversations have a lease of their own, since not every process knows where Rasa keeps them. `segunda-via purge` does
it at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.errors import ConfigurationError
from segunda_via.metrics import days
from segunda_via.privacy.expiry import Expiry, Stored
from segunda_via.privacy.stored_data import STORED
from segunda_via.storage.conversation_events import ConversationEvents
from segunda_via.storage.database import empty_log
from segunda_via.storage.leases import Leases

logger = logging.getLogger(__name__)

EVERY, LASTS = timedelta(hours=1), timedelta(minutes=15)
"""How often it is done, and how long whoever does it may take before another one tries."""
LOOK_EVERY = 300.0
"""Seconds between two looks whether it is due."""
TABLES, CONVERSATIONS = "erase what is old", "erase old conversations"
_AT_ONCE = 1000
"""Rows of one transaction: others write in between."""


@dataclass(frozen=True)
class Erased:
    """How many rows of each table went or were emptied, and how many events of conversations."""

    rows: Mapping[str, int]
    conversation_events: int


class Retention:
    """`kept` is SEGUNDA_VIA_RETENTION_DAYS; `now` gives the time, aware, in UTC.

    `close_days` counts the days whose events are about to go. `conversations` opens what Rasa keeps: None where that is
    nothing, ConfigurationError where it cannot be known.
    """

    def __init__(
        self,
        engine: Engine,
        leases: Leases,
        now: Callable[[], datetime],
        kept: timedelta,
        close_days: Callable[[], object],
        conversations: Callable[[], AbstractContextManager[ConversationEvents | None]],
    ) -> None:
        self._engine = engine
        self._leases = leases
        self._now = now
        self._kept = kept
        self._close_days = close_days
        self._conversations = conversations

    async def run(self) -> None:
        """For ever, whatever fails."""
        while True:
            for name, erase in ((TABLES, self.erase_tables), (CONVERSATIONS, self.erase_conversations)):
                try:
                    await asyncio.to_thread(self.erase_if_due, name, erase)
                except ConfigurationError as error:
                    logger.debug("what is old is erased by another process: %s", error)
                except Exception as error:
                    logger.error("what is old could not be erased (%s)", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)

    def erase_if_due(self, name: str, erase: Callable[[], object]) -> bool:
        """Whether it was this process's turn."""
        if not self._leases.claim(name, every=EVERY, lasts=LASTS):
            return False
        try:
            erase()
        except BaseException:
            self._leases.give_back(name)
            raise
        self._leases.done(name)
        return True

    def erase_everything_old(self) -> Erased:
        """Now, whoever else is at it."""
        return Erased(self.erase_tables(), self.erase_conversations())

    def erase_tables(self) -> Mapping[str, int]:
        """How many rows of each table went or were emptied."""
        self._close_days()
        erased = {stored.name: self.erase_table(stored) for stored in STORED}
        if any(erased.values()):
            empty_log(self._engine)
        return erased

    def erase_table(self, stored: Stored) -> int:
        """As `erase_tables`, of one."""
        table = stored.place
        return sum(self._erase(table, expiry) for expiry in stored.expiries) if isinstance(table, sa.Table) else 0

    def erase_conversations(self) -> int:
        """How many events went."""
        with self._conversations() as conversations:
            if conversations is None:
                return 0
            return conversations.delete_older_than((self._now() - self._kept).timestamp())

    def _erase(self, table: sa.Table, expiry: Expiry) -> int:
        over = [expiry.since < self._cutoff(expiry), expiry.only]
        if expiry.blanks is not None:
            over.append(expiry.blanks.is_not(None))
        keys, count = list(table.primary_key.columns), 0
        some = sa.select(*keys).where(*over).limit(_AT_ONCE)
        while True:
            with self._engine.connect() as connection:  # where nothing is old, nobody waits for a writer
                found = [tuple(row) for row in connection.execute(some)]
            if not found:
                return count
            these = sa.tuple_(*keys).in_(found)
            gone = sa.delete(table) if expiry.blanks is None else sa.update(table).values({expiry.blanks.name: None})
            with self._engine.begin() as connection:
                count += int(connection.execute(gone.where(these, *over)).rowcount)

    def _cutoff(self, expiry: Expiry) -> datetime | date:
        moment = self._now() - expiry.span(self._kept)
        if isinstance(expiry.since.type, sa.Date):
            return days.day_of(moment)
        return days.begin(days.day_of(moment)) if expiry.whole_days else moment
