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


def test_a_lesson_is_an_example_and_its_message_is_not_shown_again(lessons: PhraseLabels, folder: Path) -> None:
    said = ["sou a Ana, cadê o torpedo", "xis"]
    lesson = lessons.teach("default", said[0], TORPEDO, "pedir_segunda_via", by="maria")
    assert (lesson.state, lesson.phrase) == (WRITTEN, TORPEDO)
    assert f"      - {TORPEDO}\n" in written(folder)
    assert lessons.groups("default", said) == [[Misunderstood("xis", 1)]]
    assert lessons.groups("other", said)[0] == [Misunderstood(said[0], 1)], "another company's operators decide"


def test_what_is_taken_back_is_gone_from_the_file_and_shown_again(lessons: PhraseLabels, folder: Path) -> None:
    lesson = lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    lessons.undo("default", lesson.id, by="joao")
    assert written(folder) == BOLETO
    assert lessons.groups("default", [TORPEDO]) == [[Misunderstood(TORPEDO, 1)]]
    assert lessons.pending("default") == lessons.recent("default") == []
    with pytest.raises(ConfigurationError, match="já tinha sido desfeito"):
        lessons.undo("default", lesson.id, by="maria")


def test_what_a_model_knows_is_unlearnt_by_the_next_training(
    lessons: PhraseLabels, engine: Engine, folder: Path
) -> None:
    lesson = lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    with engine.begin() as connection:
        lessons.trained(connection, lessons.pending("default"))
    assert lessons.pending("default") == []
    lessons.undo("default", lesson.id, by="maria")
    (back,) = lessons.pending("default")
    assert back.undone_at
    assert written(folder) == BOLETO
    lessons.teach("default", TORPEDO, TORPEDO, "cumprimentar", by="maria")
    assert len(lessons.pending("default")) == 2, "it can be taught anew before that"
    with engine.begin() as connection:
        lessons.trained(connection, lessons.pending("default"))
    assert [each.intent for each in lessons.recent("default")] == ["cumprimentar"]


def test_an_example_that_was_there_before_stays_when_its_lesson_is_taken_back(
    lessons: PhraseLabels, folder: Path
) -> None:
    lesson = lessons.teach("default", "segundavia", "Segunda via!", "pedir_segunda_via", by="maria")
    assert lesson.state == KNOWN
    lessons.undo("default", lesson.id, by="maria")
    assert written(folder) == BOLETO


def test_a_message_put_aside_comes_back_when_asked_for(lessons: PhraseLabels) -> None:
    lessons.ignore("default", "xis", by="maria")
    assert lessons.groups("default", ["xis", "XIS!"]) == []
    _, ((text, lesson),) = lessons.sorted_out("default", ["xis", "xis", "uai"])
    assert text == "xis"
    lessons.undo("default", lesson.id, by="maria")
    assert len(lessons.groups("default", ["xis"])) == 1


def test_the_second_of_two_operators_is_told_what_the_first_decided(lessons: PhraseLabels, folder: Path) -> None:
    first = lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    assert lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="joao") == first, "they agree"
    with pytest.raises(ConfigurationError, match="maria já marcou esta mensagem como Segunda via de boleto"):
        lessons.teach("default", "Cadê o torpedo?", TORPEDO, "cumprimentar", by="joao")
    lessons.ignore("default", "xis", by="joao")
    with pytest.raises(ConfigurationError, match="joao já marcou esta mensagem para ser ignorada"):
        lessons.teach("default", "xis", "xis", "cumprimentar", by="maria")
    assert written(folder).count("torpedo") == 1


def test_many_at_once_lose_nothing(lessons: PhraseLabels, folder: Path) -> None:
    together = threading.Barrier(8)

    def teach(n: int) -> None:
        together.wait()
        lessons.teach("default", f"torpedo {n}", f"torpedo {n}", "pedir_segunda_via", by="maria")

    threads = [threading.Thread(target=teach, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line for line in written(folder).splitlines() if "torpedo" in line] == [
        f"      - torpedo {n}" for n in range(8)
    ]


@pytest.mark.parametrize("phrase", ["cpf 529.982.247-25", "eu@exemplo.com", "", "oi"])
def test_what_cannot_be_an_example_leaves_no_trace(lessons: PhraseLabels, folder: Path, phrase: str) -> None:
    with pytest.raises(ConfigurationError):
        lessons.teach("default", TORPEDO, phrase, "pedir_segunda_via", by="maria")
    assert written(folder) == BOLETO
    assert lessons.recent("default") == []
    assert len(lessons.groups("default", [TORPEDO])) == 1


def test_what_cannot_be_written_waits_and_is_written_later(lessons: PhraseLabels, folder: Path) -> None:
    taken = block(folder)
    lesson = lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    assert lesson.state == WAITING
    assert written(folder) == BOLETO
    assert lessons.groups("default", [TORPEDO]) == []
    assert lessons.write_waiting("default") == 0
    taken.rmdir()
    assert lessons.write_waiting("default") == 1
    assert TORPEDO in written(folder)
    assert [each.state for each in lessons.pending("default")] == [WRITTEN]


def test_who_decided_is_in_the_trail_and_what_was_said_is_not(lessons: PhraseLabels, engine: Engine) -> None:
    lesson = lessons.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="maria")
    lessons.undo("default", lesson.id, by="joao")
    trail = audit_trail.recent(engine, "default")
    assert [(each.who, each.event) for each in trail] == [("joao", "undid a lesson"), ("maria", "taught a phrase")]
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


def test_times_are_those_of_the_clock(lessons: PhraseLabels) -> None:
    lesson = lessons.ignore("default", "xis", by="maria")
    assert lesson.taught_at == datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
