"""The texts that operators saved, every version of each, with who and when.

They are what every customer reads, and no secret: kept as they are, not sealed. The newest version of a response and
channel counts; one without text is the domain's again. The first line of the form's question is the queue's message and
is kept there, in one place: saving either changes both, together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.conversation.queue_setting import QUEUE_SETTING, QueueSettings
from segunda_via.conversation.response_rules import checked, variables
from segunda_via.conversation.responses import OPTIONAL, QUESTION, SavedResponses
from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Source
from segunda_via.settings.store import SettingsStore
from segunda_via.storage import audit_trail
from segunda_via.storage.database import Moment, metadata

text_versions = sa.Table(
    "segunda_via_texts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("response", sa.String(128), nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("saved_by", sa.String(128), nullable=False),
    sa.Index("segunda_via_texts_by_response", "company", "response", "channel", "id"),
)


@dataclass(frozen=True)
class ResponseVersion:
    """One version; `text` None is the return to the original."""

    number: int
    text: str | None
    saved_at: datetime
    saved_by: str


class ResponseStore:
    def __init__(self, engine: Engine, store: SettingsStore) -> None:
        self._engine = engine
        self._store = store

    def in_force(self, company: str) -> SavedResponses:
        """What lies over the domain now."""
        newest = (
            sa.select(sa.func.max(text_versions.c.id))
            .where(text_versions.c.company == company)
            .group_by(text_versions.c.response, text_versions.c.channel)
        )
        query = sa.select(text_versions).where(text_versions.c.id.in_(newest), text_versions.c.text.is_not(None))
        with self._engine.connect() as connection:
            texts = {(row.response, row.channel): row.text for row in connection.execute(query)}
        queue = QUEUE_SETTING.with_source(self._store, company)
        return SavedResponses(texts, queue.value.message if queue.source is Source.SAVED else None)

    def versions(self, company: str, response: str, channel: str = "") -> list[ResponseVersion]:
        """Every version, the newest first."""
        query = sa.select(text_versions).where(*_named(company, response, channel)).order_by(text_versions.c.id.desc())
        with self._engine.connect() as connection:
            return [ResponseVersion(row.id, row.text, row.saved_at, row.saved_by) for row in connection.execute(query)]

    def save(
        self,
        company: str,
        response: str,
        original: Mapping[str, Any],
        text: str | None,
        *,
        by: str,
        at: datetime,
        based_on: int | None = None,
    ) -> bool:
        """Save a version in the place of `original`, a variant of the domain; None goes back to it.

        Whether anything changed. `based_on` is the number of the version that was edited (0: the original);
        ConfigurationError when there is another one by now, or when the text cannot be.
        """
        channel, written = str(original.get("channel") or ""), str(original["text"])
        kept = None if text is None else checked(text, variables(written), OPTIONAL.get(response, ()))
        if kept == written.strip():
            kept = None
        with self._engine.begin() as connection:
            newest = self._newest(connection, company, response, channel)
            if based_on is not None and based_on != (newest.id if newest else 0):
                raise ConfigurationError(f"{newest.saved_by} salvou este texto enquanto você editava")
            asked = self._asked(connection, company, response, kept or written)
            if (newest.text if newest else None) == kept and asked is None:
                return False
            row = {"company": company, "response": response, "channel": channel, "text": kept}
            connection.execute(sa.insert(text_versions).values(**row, saved_at=at, saved_by=by))
            audit_trail.record(connection, company, by, "saved text", f"{response} {channel}".strip(), at)
            if asked is not None:
                QUEUE_SETTING.save(self._store.within(connection), company, asked, by=by, at=at)
        return True

    def _newest(self, connection: Connection, company: str, response: str, channel: str) -> Any:
        query = sa.select(text_versions).where(*_named(company, response, channel))
        return connection.execute(query.order_by(text_versions.c.id.desc()).limit(1)).first()

    def _asked(self, connection: Connection, company: str, response: str, text: str) -> QueueSettings | None:
        """The queue with the first line of `text` for its message; None when that is not the question, or no news."""
        if response != QUESTION:
            return None
        queued = QUEUE_SETTING.in_force(self._store.within(connection), company)
        changed = replace(queued, message=text.split("\n")[0])
        return None if changed == queued else changed


def _named(company: str, response: str, channel: str) -> tuple[Any, ...]:
    c = text_versions.c
    return c.company == company, c.response == response, c.channel == channel
