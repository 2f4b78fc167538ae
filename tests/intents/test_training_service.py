"""From phrase labels to a trained model, and what is told of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from pathlib import Path

from sqlalchemy.engine import Engine
from support.clock import Clock

from segunda_via.intents.phrase_labels import PhraseLabels
from segunda_via.intents.training_effect import Change, Moved, Taught, TrainingEffect, Understood
from segunda_via.intents.training_job import TrainingJob
from segunda_via.intents.training_service import TrainingService

TORPEDO = ("cadê o torpedo", "pedir_segunda_via")
EFFECT = TrainingEffect(
    [Change(*TORPEDO, Understood("negar", 0.3), Understood("pedir_segunda_via", 0.9))],
    [Moved("sem torpedo", "negar", "negar", "pedir_segunda_via")],
    663,
)


def until_over(training: TrainingJob) -> str:
    limit = time.monotonic() + 30
    while training.progress().goes_on:
        assert time.monotonic() < limit
        time.sleep(0.02)
    return training.progress().state


class Comparison:
    def __init__(self, fails: bool = False) -> None:
        self.asked: list[tuple[Collection[Taught], Collection[Taught]]] = []
        self.fails = fails

    def __call__(self, added: Collection[Taught], removed: Collection[Taught]) -> TrainingEffect:
        self.asked.append((added, removed))
        if self.fails:
            raise OSError
        return EFFECT


def training(folder: Path, program: str) -> TrainingJob:
    return TrainingJob(folder, (sys.executable, "-c", program))


def test_what_was_taught_is_trained_compared_and_told(
    engine: Engine, phrase_labels: PhraseLabels, clock: Clock, tmp_path: Path
) -> None:
    compare, trains = Comparison(), training(tmp_path, "open('trained', 'w')")
    service = TrainingService(engine, phrase_labels, trains, compare, clock)
    phrase_label = phrase_labels.teach("default", TORPEDO[0], *TORPEDO, by="maria")
    assert service.last("default") is None
    assert service.train("default", by="joao")
    assert until_over(trains) == "done"
    assert (tmp_path / "trained").exists()
    told = service.last("default")
    assert told is not None
    assert (told.by, told.at, told.effect) == ("joao", clock.now, EFFECT)
    assert phrase_labels.pending("default") == []
    phrase_labels.undo("default", phrase_label.id, by="maria")
    service.train("default", by="joao")
    until_over(trains)
    assert compare.asked == [([TORPEDO], []), ([], [TORPEDO])]


def test_one_at_a_time(engine: Engine, phrase_labels: PhraseLabels, clock: Clock, tmp_path: Path) -> None:
    trains = training(tmp_path, "import time; time.sleep(1)")
    service = TrainingService(engine, phrase_labels, trains, Comparison(), clock)
    assert service.train("default", by="maria")
    assert not service.train("default", by="joao")
    assert trains.progress().percent < 100
    assert until_over(trains) == "done"


def test_a_training_that_fails_keeps_what_was_taught_for_the_next(
    engine: Engine, phrase_labels: PhraseLabels, clock: Clock, tmp_path: Path
) -> None:
    trains = training(tmp_path, "raise SystemExit(3)")
    service = TrainingService(engine, phrase_labels, trains, Comparison(), clock)
    phrase_labels.teach("default", TORPEDO[0], *TORPEDO, by="maria")
    service.train("default", by="maria")
    assert until_over(trains) == "failed"
    assert len(phrase_labels.pending("default")) == 1
    assert service.last("default") is None


def test_that_the_effect_cannot_be_told_does_not_undo_the_training(
    engine: Engine, phrase_labels: PhraseLabels, clock: Clock, tmp_path: Path
) -> None:
    trains = training(tmp_path, "")
    service = TrainingService(engine, phrase_labels, trains, Comparison(fails=True), clock)
    phrase_labels.teach("default", TORPEDO[0], *TORPEDO, by="maria")
    service.train("default", by="maria")
    assert until_over(trains) == "done"
    told = service.last("default")
    assert told is not None
    assert told.effect == TrainingEffect([], [], 0)
    assert phrase_labels.pending("default") == []
