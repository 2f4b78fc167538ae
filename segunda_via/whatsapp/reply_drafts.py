"""What a turn says is kept as a draft while it runs, and queued all at once, in one transaction, when it has ended.

    begin ──> draft, draft, … ──> seal          a turn that breaks off leaves a draft, which the next `begin` clears

So a turn that is run again after a crash never mixes its messages with those of the first run. The first seal wins for
ever. Each run has a token: one that was overtaken by another process can neither draft nor seal any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Connection, Engine

from segunda_via.job_queue.job import NewJob
from segunda_via.job_queue.queue import JobQueue
from segunda_via.storage.database import Moment, insert_once, metadata
from segunda_via.storage.keys import KeyRing

turns = sa.Table(
    "segunda_via_turns",
    metadata,
    sa.Column("turn", sa.String(255), primary_key=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("run", sa.String(32), nullable=False),
    sa.Column("payload", sa.Text),
    sa.Column("steps", sa.Integer),
    sa.Column("changed_at", Moment, nullable=False),
)
"""`steps` is how many messages were queued; null until the turn is sealed."""

choices = sa.Table(
    "segunda_via_choices",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("shown_at", Moment, nullable=False),
)

Step = Mapping[str, Any]
"""One message: `kind` (text, image, document, template), `from`, `to`; `body`, `url`, or `template`, `variables`."""


class ReplyDrafts:
    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime], outbox: JobQueue) -> None:
        self._engine = engine
        self._box = keys.box("turns")
        self._now = now
        self._outbox = outbox

    def begin(self, company: str, conversation: str, turn: str, *, keep: bool = False) -> str | None:
        """The token of a new run, without what an earlier one drafted unless `keep`; None when the turn was sealed."""
        run = secrets.token_hex(16)
        row = {"turn": turn, "company": company, "conversation": conversation, "run": run, "changed_at": self._now()}
        values = {"run": run, "changed_at": self._now()} | ({} if keep else {"payload": None})
        with self._engine.begin() as connection:
            if connection.execute(insert_once(self._engine, turns).values(row)).rowcount:
                return run
            unsealed = sa.update(turns).where(turns.c.turn == turn, turns.c.steps.is_(None)).values(values)
            return run if connection.execute(unsealed).rowcount else None

    def draft(self, turn: str, run: str, steps: Sequence[Step], shown: Sequence[Mapping[str, str]] = ()) -> bool:
        """Keep what the turn has said so far; False when another run has taken over."""
        sealed = self._box.seal([list(steps), list(shown)])
        mine = (turns.c.turn == turn, turns.c.run == run, turns.c.steps.is_(None))
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.update(turns).where(*mine).values(payload=sealed)).rowcount)

    def seal(self, turn: str, run: str) -> int | None:
        """Queue what was drafted; how many messages that were, None when another run has taken over."""
        with self._engine.begin() as connection:
            mine = (turns.c.turn == turn, turns.c.run == run, turns.c.steps.is_(None))
            # A write first: from here on nobody else seals this turn.
            if not connection.execute(sa.update(turns).where(*mine).values(changed_at=self._now())).rowcount:
                return None
            row = connection.execute(sa.select(turns).where(turns.c.turn == turn)).one()
            steps, shown = self._box.open(row.payload) if row.payload else ([], [])
            messages = [
                NewJob(row.conversation, f"{turn}:{place}", step["kind"], {**step, "ordinal": place, "of": len(steps)})
                for place, step in enumerate(steps)
            ]
            self._outbox.put_all(messages, connection, company=row.company, batch=turn)
            if steps:
                self._show(connection, row.company, row.conversation, shown)
            connection.execute(sa.update(turns).where(turns.c.turn == turn).values(steps=len(steps), payload=None))
            return len(steps)

    def say(
        self,
        company: str,
        conversation: str,
        turn: str,
        steps: Sequence[Step],
        shown: Sequence[Mapping[str, str]] = (),
    ) -> int | None:
        """Queue these messages as a turn of their own, in the place of whatever it had drafted."""
        run = self.begin(company, conversation, turn)
        if run is None or not self.draft(turn, run, steps, shown):
            return None
        return self.seal(turn, run)

    def count(self, turn: str) -> int | None:
        """How many messages the turn queued; None while it is not sealed."""
        with self._engine.connect() as connection:
            count: int | None = connection.execute(sa.select(turns.c.steps).where(turns.c.turn == turn)).scalar()
        return count

    def shown(self, company: str, conversation: str) -> list[Mapping[str, str]]:
        """The choices that the last turn offered."""
        query = sa.select(choices.c.payload).where(*self._of(company, conversation))
        with self._engine.connect() as connection:
            sealed = connection.execute(query).scalar()
        try:
            return list(self._box.open(sealed)) if sealed else []
        except InvalidToken:
            return []

    def _show(
        self, connection: Connection, company: str, conversation: str, shown: Sequence[Mapping[str, str]]
    ) -> None:
        connection.execute(sa.delete(choices).where(*self._of(company, conversation)))
        if shown:
            row = {"company": company, "conversation": conversation, "shown_at": self._now()}
            connection.execute(sa.insert(choices).values(**row, payload=self._box.seal(shown)))

    @staticmethod
    def _of(company: str, conversation: str) -> tuple[sa.sql.ColumnElement, sa.sql.ColumnElement]:
        return choices.c.company == company, choices.c.conversation == conversation
