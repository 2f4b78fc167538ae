"""What operators make of messages: written once, taken back whole, never lost, and never two things at a time."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from intents.conftest import BOLETO
from sqlalchemy.engine import Engine
from support.clock import Clock
from support.retention import erase_old

from segunda_via.errors import ConfigurationError
from segunda_via.intents.misunderstood import Misunderstood
from segunda_via.intents.misunderstood_store import MisunderstoodStore, not_understood
from segunda_via.intents.phrase_labels import KNOWN, WAITING, WRITTEN, PhraseLabels
from segunda_via.storage import audit_trail

TORPEDO = "cadê o torpedo"


def written(folder: Path) -> str:
    return (folder / "segunda_via.yml").read_text("utf-8")


def block(folder: Path) -> Path:
    """The examples cannot be written: something else has the name of the new file."""
    taken = folder / ".segunda_via.yml.new"
    taken.mkdir()
    return taken


def test_a_label_is_an_example_and_its_message_is_not_shown_again(phrase_labels: PhraseLabels, folder: Path) -> None:
    said = ["sou a Ana, cadê o torpedo", "xis"]
    phrase_label = phrase_labels.teach("default", said[0], TORPEDO, "pedir_segunda_via", by="maria")
    assert (phrase_label.state, phrase_label.phrase) == (WRITTEN, TORPEDO)
    assert f"      - {TORPEDO}\n" in written(folder)
    assert phrase_labels.groups("default", said) == [[Misunderstood("xis", 1)]]
    assert phrase_labels.groups("other", said)[0] == [Misunderstood(said[0], 1)], "another company's operators decide"


def test_what_is_taken_back_is_gone_from_the_file_and_shown_again(phrase_labels: PhraseLabels, folder: Path) -> None:
    phrase_label = phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    phrase_labels.undo("default", phrase_label.id, by="joao")
    assert written(folder) == BOLETO
    assert phrase_labels.groups("default", [TORPEDO]) == [[Misunderstood(TORPEDO, 1)]]
    assert phrase_labels.pending("default") == phrase_labels.recent("default") == []
    with pytest.raises(ConfigurationError, match="já tinha sido desfeito"):
        phrase_labels.undo("default", phrase_label.id, by="maria")


def test_what_a_model_knows_is_unlearnt_by_the_next_training(
    phrase_labels: PhraseLabels, engine: Engine, folder: Path
) -> None:
    phrase_label = phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    with engine.begin() as connection:
        phrase_labels.trained(connection, phrase_labels.pending("default"))
    assert phrase_labels.pending("default") == []
    phrase_labels.undo("default", phrase_label.id, by="maria")
    (back,) = phrase_labels.pending("default")
    assert back.undone_at
    assert written(folder) == BOLETO
    phrase_labels.teach("default", TORPEDO, TORPEDO, "cumprimentar", by="maria")
    assert len(phrase_labels.pending("default")) == 2, "it can be taught anew before that"
    with engine.begin() as connection:
        phrase_labels.trained(connection, phrase_labels.pending("default"))
    assert [each.intent for each in phrase_labels.recent("default")] == ["cumprimentar"]


def test_an_example_that_was_there_before_stays_when_its_label_is_taken_back(
    phrase_labels: PhraseLabels, folder: Path
) -> None:
    phrase_label = phrase_labels.teach("default", "segundavia", "Segunda via!", "pedir_segunda_via", by="maria")
    assert phrase_label.state == KNOWN
    phrase_labels.undo("default", phrase_label.id, by="maria")
    assert written(folder) == BOLETO


def test_a_message_put_aside_comes_back_when_asked_for(phrase_labels: PhraseLabels) -> None:
    phrase_labels.ignore("default", "xis", by="maria")
    assert phrase_labels.groups("default", ["xis", "XIS!"]) == []
    _, ((text, phrase_label),) = phrase_labels.sorted_out("default", ["xis", "xis", "uai"])
    assert text == "xis"
    phrase_labels.undo("default", phrase_label.id, by="maria")
    assert len(phrase_labels.groups("default", ["xis"])) == 1


def test_the_second_of_two_operators_is_told_what_the_first_decided(phrase_labels: PhraseLabels, folder: Path) -> None:
    first = phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    assert phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="joao") == first, "they agree"
    with pytest.raises(ConfigurationError, match="maria já marcou esta mensagem como Segunda via de boleto"):
        phrase_labels.teach("default", "Cadê o torpedo?", TORPEDO, "cumprimentar", by="joao")
    phrase_labels.ignore("default", "xis", by="joao")
    with pytest.raises(ConfigurationError, match="joao já marcou esta mensagem para ser ignorada"):
        phrase_labels.teach("default", "xis", "xis", "cumprimentar", by="maria")
    assert written(folder).count("torpedo") == 1


def test_many_at_once_lose_nothing(phrase_labels: PhraseLabels, folder: Path) -> None:
    together = threading.Barrier(8)

    def teach(n: int) -> None:
        together.wait()
        phrase_labels.teach("default", f"torpedo {n}", f"torpedo {n}", "pedir_segunda_via", by="maria")

    threads = [threading.Thread(target=teach, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line for line in written(folder).splitlines() if "torpedo" in line] == [
        f"      - torpedo {n}" for n in range(8)
    ]


@pytest.mark.parametrize("phrase", ["cpf 529.982.247-25", "eu@exemplo.com", "", "oi"])
def test_what_cannot_be_an_example_leaves_no_trace(phrase_labels: PhraseLabels, folder: Path, phrase: str) -> None:
    with pytest.raises(ConfigurationError):
        phrase_labels.teach("default", TORPEDO, phrase, "pedir_segunda_via", by="maria")
    assert written(folder) == BOLETO
    assert phrase_labels.recent("default") == []
    assert len(phrase_labels.groups("default", [TORPEDO])) == 1


def test_what_cannot_be_written_waits_and_is_written_later(phrase_labels: PhraseLabels, folder: Path) -> None:
    taken = block(folder)
    phrase_label = phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    assert phrase_label.state == WAITING
    assert written(folder) == BOLETO
    assert phrase_labels.groups("default", [TORPEDO]) == []
    assert phrase_labels.write_waiting("default") == 0
    taken.rmdir()
    assert phrase_labels.write_waiting("default") == 1
    assert TORPEDO in written(folder)
    assert [each.state for each in phrase_labels.pending("default")] == [WRITTEN]


def test_who_decided_is_in_the_trail_and_what_was_said_is_not(phrase_labels: PhraseLabels, engine: Engine) -> None:
    phrase_label = phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    phrase_labels.undo("default", phrase_label.id, by="joao")
    trail = audit_trail.recent(engine, "default")
    assert [(each.who, each.event) for each in trail] == [("joao", "undid a label"), ("maria", "taught a phrase")]
    assert "torpedo" not in str(trail)


def test_the_week_is_masked_sealed_and_over_after_seven_days(
    week: MisunderstoodStore, engine: Engine, clock: Clock
) -> None:
    week.note("default", "torpedo 529.982.247-25")
    week.note("default", "\u200b")
    clock.pass_by(timedelta(days=6))
    week.note("default", "xis")
    assert week.said("default") == ["xis", "torpedo <cpf>"]
    assert (week.number("default"), week.number("other")) == (2, 0)
    with engine.connect() as connection:
        kept = str(connection.execute(sa.select(not_understood)).all())
    assert "torpedo" not in kept
    clock.pass_by(timedelta(days=1))
    assert week.said("default") == ["xis"]
    assert erase_old(engine, not_understood, clock.now) == 0
    assert erase_old(engine, not_understood, clock.now + timedelta(seconds=1)) == 1


def test_without_a_database_a_customer_is_answered_all_the_same(week: MisunderstoodStore, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE segunda_via_not_understood"))
    week.note("default", "torpedo")


def test_times_are_those_of_the_clock(phrase_labels: PhraseLabels) -> None:
    phrase_label = phrase_labels.ignore("default", "xis", by="maria")
    assert phrase_label.taught_at == datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
