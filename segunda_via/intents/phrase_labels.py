"""What operators made of the messages that were not understood: examples written to `data/nlu`, or messages put aside.

A message is kept as the keyed hash of its words; a phrase, which holds nobody's data, as it was written, so that it can
be taken back. Where `data/nlu` cannot be written, the phrase waits here and nothing is lost. One message has one
label: of two operators, the second is told what the first decided.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from segunda_via.errors import ConfigurationError, ExamplesReadOnly
from segunda_via.intents import misunderstood
from segunda_via.intents.example_files import ExampleFiles, checked, same_words
from segunda_via.intents.intent_catalogue import label
from segunda_via.intents.misunderstood import Misunderstood
from segunda_via.storage import audit_trail
from segunda_via.storage.database import Moment, metadata
from segunda_via.storage.keys import KeyRing

IGNORED, KNOWN, WAITING, WRITTEN = "ignored", "known", "waiting", "written"
"""Put aside; an example before it was taught; not written yet; written to the examples."""

phrase_labels = sa.Table(
    "segunda_via_phrase_labels",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("said", sa.String(64)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("phrase", sa.Text),
    sa.Column("intent", sa.String(64)),
    sa.Column("taught_at", Moment, nullable=False),
    sa.Column("taught_by", sa.String(128), nullable=False),
    sa.Column("trained_at", Moment),
    sa.Column("undone_at", Moment),
    sa.UniqueConstraint("company", "said", name="segunda_via_phrase_labels_said"),
)


@dataclass(frozen=True)
class PhraseLabel:
    """`phrase` and `intent` are those of the example; None when the message was put aside."""

    id: int
    said: str | None
    state: str
    phrase: str | None
    intent: str | None
    taught_at: datetime
    taught_by: str
    trained_at: datetime | None
    undone_at: datetime | None

    @property
    def words(self) -> str:
        """What was decided, for whoever comes second."""
        return "como " + label(self.intent) if self.intent else "para ser ignorada"


class PhraseLabels:
    """`examples` is where phrases are written; `now` gives the time, aware, in UTC."""

    def __init__(self, engine: Engine, keys: KeyRing, now: Callable[[], datetime], examples: ExampleFiles) -> None:
        self._engine = engine
        self._hashed = keys.fingerprint("lessons")  # the older name: with another, ignored messages would come back
        self._now = now
        self._examples = examples

    def sorted_out(
        self, company: str, said: Iterable[str]
    ) -> tuple[list[list[Misunderstood]], list[tuple[str, PhraseLabel]]]:
        """Of those messages, what is still to be labelled, the alike together; and what was put aside, each once."""
        decided, known = self._decided(company), [each.text for each in self._examples.all()]
        left: list[str] = []
        ignored: dict[int, tuple[str, PhraseLabel]] = {}
        for text in said:
            phrase_label = decided.get(self._fingerprint(text)) if decided else None
            if phrase_label is None:
                left.append(text)
            elif phrase_label.state == IGNORED:
                ignored[phrase_label.id] = (text, phrase_label)
        return misunderstood.grouped(left, known), list(ignored.values())

    def groups(self, company: str, said: Iterable[str]) -> list[list[Misunderstood]]:
        """What is still to be labelled, the alike together."""
        return self.sorted_out(company, said)[0]

    def teach(self, company: str, said: str, phrase: str, intent: str, *, by: str) -> PhraseLabel:
        """Make `phrase` an example of `intent`, which is what the message `said` meant.

        ConfigurationError, one line for the operator, when it cannot be, or when somebody decided otherwise before.
        """
        return self._decide(company, said, by, checked(phrase), intent)

    def ignore(self, company: str, said: str, *, by: str) -> PhraseLabel:
        """Put that message aside: it is not shown again."""
        return self._decide(company, said, by, None, None)

    def undo(self, company: str, number: int, *, by: str) -> None:
        """Take a label back, and its example out of the file; the message can be labelled anew."""
        with self._engine.begin() as connection:
            phrase_label = _first(connection, company, phrase_labels.c.id == number)
            if phrase_label is None or phrase_label.undone_at:
                raise ConfigurationError("isto já tinha sido desfeito")
            if phrase_label.state == WRITTEN and phrase_label.phrase and phrase_label.intent:
                self._examples.remove(phrase_label.phrase, phrase_label.intent)
            this = phrase_labels.c.id == number
            if phrase_label.trained_at:  # the model knows it until the next training
                back = {"said": None, "trained_at": None, "undone_at": self._now()}
                connection.execute(sa.update(phrase_labels).where(this).values(back))
            else:
                connection.execute(sa.delete(phrase_labels).where(this))
            audit_trail.record(connection, company, by, "undid a label", phrase_label.intent, self._now())

    def recent(self, company: str, limit: int = 50) -> list[PhraseLabel]:
        """The phrases that stand, the newest first."""
        c = phrase_labels.c
        chosen = (c.company == company, c.phrase.is_not(None), c.undone_at.is_(None))
        with self._engine.connect() as connection:
            return _phrase_labels(connection, *chosen, newest=limit)

    def pending(self, company: str) -> list[PhraseLabel]:
        """What the next training learns, or unlearns."""
        c = phrase_labels.c
        with self._engine.connect() as connection:
            return _phrase_labels(connection, c.company == company, c.state == WRITTEN, c.trained_at.is_(None))

    def waiting(self, company: str) -> list[PhraseLabel]:
        """What could not be written."""
        with self._engine.connect() as connection:
            return _phrase_labels(connection, phrase_labels.c.company == company, phrase_labels.c.state == WAITING)

    def write_waiting(self, company: str) -> int:
        """Write what waits, where that is possible by now; how much was written."""
        written = 0
        for phrase_label in self.waiting(company):
            try:
                state = self._write(phrase_label.phrase or "", phrase_label.intent or "")
            except ConfigurationError:  # another meaning was given to these words meanwhile: it stays, to be seen
                continue
            if state == WAITING:
                break
            with self._engine.begin() as connection:
                connection.execute(
                    sa.update(phrase_labels).where(phrase_labels.c.id == phrase_label.id).values(state=state)
                )
            written += 1
        return written

    def trained(self, connection: Connection, taught: Collection[PhraseLabel]) -> None:
        """A model that knows `taught`, and no more what of it was undone, has been made."""
        c = phrase_labels.c
        mine = c.id.in_([each.id for each in taught])
        connection.execute(sa.delete(phrase_labels).where(mine, c.undone_at.is_not(None)))
        connection.execute(sa.update(phrase_labels).where(mine).values(trained_at=self._now()))

    def _decide(self, company: str, said: str, by: str, phrase: str | None, intent: str | None) -> PhraseLabel:
        fingerprint, now = self._fingerprint(said), self._now()
        row = {
            "company": company, "said": fingerprint, "phrase": phrase, "intent": intent,
            "state": IGNORED, "taught_at": now, "taught_by": by,
        }  # fmt: skip
        try:
            # The row first: of two operators at the same message, the second waits here and is refused.
            with self._engine.begin() as connection:
                number = connection.execute(sa.insert(phrase_labels).values(row)).inserted_primary_key[0]
                if phrase and intent:
                    state = self._write(phrase, intent)
                    connection.execute(sa.update(phrase_labels).where(phrase_labels.c.id == number).values(state=state))
                event = "taught a phrase" if intent else "ignored a message"
                audit_trail.record(connection, company, by, event, intent, now)
        except IntegrityError:
            before = self._decided(company).get(fingerprint)
            if before and (before.phrase, before.intent) == (phrase, intent):
                return before
            who = f"{before.taught_by} já marcou esta mensagem {before.words}" if before else "alguém já a marcou"
            raise ConfigurationError(f"{who}: desfaça antes, se for outra coisa") from None
        return self._decided(company)[fingerprint]

    def _write(self, phrase: str, intent: str) -> str:
        try:
            return WRITTEN if self._examples.add(phrase, intent) else KNOWN
        except ExamplesReadOnly:
            return WAITING

    def _decided(self, company: str) -> dict[str, PhraseLabel]:
        with self._engine.connect() as connection:
            found = _phrase_labels(connection, phrase_labels.c.company == company, phrase_labels.c.said.is_not(None))
        return {each.said: each for each in found if each.said}

    def _fingerprint(self, said: str) -> str:
        return self._hashed(same_words(said))


def _phrase_labels(connection: Connection, *chosen: object, newest: int | None = None) -> list[PhraseLabel]:
    order = phrase_labels.c.id.desc() if newest else phrase_labels.c.id
    return [
        _phrase_label(row)
        for row in connection.execute(sa.select(phrase_labels).where(*chosen).order_by(order).limit(newest))
    ]


def _first(connection: Connection, company: str, chosen: object) -> PhraseLabel | None:
    found: Sequence[PhraseLabel] = _phrase_labels(connection, phrase_labels.c.company == company, chosen)
    return found[0] if found else None


def _phrase_label(row: Row) -> PhraseLabel:
    return PhraseLabel(
        row.id,
        row.said,
        row.state,
        row.phrase,
        row.intent,
        row.taught_at,
        row.taught_by,
        row.trained_at,
        row.undone_at,
    )
