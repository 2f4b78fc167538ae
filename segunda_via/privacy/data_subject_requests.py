"""The answer to a person who asks what is held of them, or that it be erased. Each has a protocol number in the trail.

By document it is everything of the conversations in which that document was given. Where another document was given in
one of them too, it may be somebody else's conversation: of it only what names the document is exported.

An erasure leaves the tickets that are open or with a person, and what they need: somebody still waits for something. It
leaves the trail, which names no customer, and the figures, of which nobody knows any more whose they were.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection, Engine

from segunda_via.boletos import documents, phone_numbers
from segunda_via.clock import SAO_PAULO
from segunda_via.privacy.data_places import Places, Whose, is_waiting
from segunda_via.privacy.data_subject import Subject
from segunda_via.storage import audit_trail
from segunda_via.storage.conversation_events import ConversationEvents
from segunda_via.storage.database import empty_log

SHOWN, EXPORTED, ERASED = "privacy shown", "privacy exported", "privacy erased"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Held:
    """What is held of a person. `shared` are conversations in which another document was given too."""

    protocol: str
    whose: Whose = field(repr=False)
    events: Mapping[str, list[dict[str, Any]]] = field(repr=False)
    rows: Mapping[str, int]
    shared: frozenset[str] = field(repr=False)
    waiting: tuple[str, ...] = field(repr=False)
    """The ids of the tickets that are open or with a person."""

    @property
    def customers(self) -> list[str]:
        """Who wrote in these conversations, masked."""
        return sorted({phone_numbers.mask(phone_numbers.of_conversation(each)) for each in self.whose.conversations})

    @property
    def nothing(self) -> bool:
        return not self.events and not any(self.rows.values())


@dataclass(frozen=True)
class Erased:
    rows: Mapping[str, int]
    events: int
    kept: tuple[str, ...] = field(repr=False)
    """The ids of the tickets that stay."""


class Requests:
    """`conversations` opens what Rasa keeps, None where that is nothing; `now` gives the time, aware, in UTC."""

    def __init__(
        self,
        engine: Engine,
        places: Places,
        conversations: Callable[[], AbstractContextManager[ConversationEvents | None]],
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self.places = places
        self._conversations = conversations
        self._now = now

    def show(self, company: str, subject: Subject, *, by: str, event: str = SHOWN) -> Held:
        """What is held of them."""
        protocol = self._protocol()
        with self._conversations() as kept, self._engine.connect() as connection:
            ids = self._conversations_of(connection, kept, subject)
            events = {each: kept.read_all(each) for each in sorted(ids)} if kept else {}
            found = self.places.tickets_of(connection, company, ids)
            whose = Whose(company, frozenset(ids), frozenset(row.id for row in found), subject.document)
            held = Held(
                protocol=protocol,
                whose=whose,
                events={each: told for each, told in events.items() if told},
                rows=self.places.count(connection, whose),
                shared=frozenset(each for each, told in events.items() if _names_another(told, subject)),
                waiting=tuple(row.id for row in found if is_waiting(row)),
            )
        with self._engine.begin() as connection:
            audit_trail.record(connection, company, by, event, protocol, self._now())
        return held

    def export(self, company: str, subject: Subject, *, by: str) -> tuple[Held, dict[str, Any]]:
        """The same, and all of it as what can be written as JSON."""
        held = self.show(company, subject, by=by, event=EXPORTED)
        open_to_all = Whose(
            company, held.whose.conversations - held.shared, self._tickets_outside(held), subject.document
        )
        with self._engine.connect() as connection:
            records = self.places.read(connection, open_to_all)
        conversations = {
            each: [event for event in told if each not in held.shared or subject.is_named_in(event)]
            for each, told in held.events.items()
        }
        return held, {
            "protocolo": held.protocol,
            "emitido_em": self._now().astimezone(SAO_PAULO).isoformat(timespec="seconds"),
            "conversas": conversations,
            "registros": {table: rows for table, rows in records.items() if rows},
        }

    def erase(self, company: str, held: Held, *, by: str, waiting_too: bool = False) -> Erased:
        """Erase what was shown, but for the tickets for which somebody waits unless `waiting_too`."""
        kept = () if waiting_too else held.waiting
        with self._engine.begin() as connection:
            tickets = self.places.tickets_of(connection, company, held.whose.conversations)
            needed = frozenset(row.conversation_id for row in tickets if row.id in kept)
            rows = self.places.erase(connection, held.whose, Whose(company, needed, frozenset(kept), None))
            audit_trail.record(connection, company, by, ERASED, held.protocol, self._now())
        # After it: by document the conversations are what the rest is found by, should this have to be done again.
        with self._conversations() as conversations:
            events = sum(map(conversations.delete, held.whose.conversations)) if conversations else 0
            if conversations:
                empty_log(conversations.engine)
        empty_log(self._engine)
        return Erased(rows, events, kept)

    def _conversations_of(self, connection: Connection, kept: ConversationEvents | None, subject: Subject) -> set[str]:
        if subject.document is None:
            known = self.places.known_conversations(connection) | set(kept.ids() if kept else ())
            return {each for each in known if subject.is_in(each)}
        named = self.places.conversations_naming(connection, subject.is_named_in)
        return named | {each for each, event in (kept.all() if kept else ()) if subject.is_named_in(event)}

    def _tickets_outside(self, held: Held) -> frozenset[str]:
        with self._engine.connect() as connection:
            of_shared = self.places.tickets_of(connection, held.whose.company, held.shared)
        return held.whose.tickets - {row.id for row in of_shared}

    def _protocol(self) -> str:
        day = self._now().astimezone(SAO_PAULO)
        return f"LGPD-{day:%Y%m%d}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}"


def _names_another(told: list[dict[str, Any]], subject: Subject) -> bool:
    """Whether a valid document other than that of the subject was given there; by phone it is all their own."""
    if subject.document is None:
        return False
    texts = (str(event.get("text") or "") for event in told if event.get("event") == "user")
    given = {found.value for text in texts for found in documents.find(text) if found.kind != "documento_invalido"}
    return bool(given - {subject.document.value})
