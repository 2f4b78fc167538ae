"""Trains a model with the labelled phrases, and keeps what the training changed."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from segunda_via.intents.phrase_labels import PhraseLabel, PhraseLabels
from segunda_via.intents.training_effect import Taught, TrainingEffect
from segunda_via.intents.training_job import TrainingJob, TrainingProgress
from segunda_via.storage import audit_trail
from segunda_via.storage.database import Moment, metadata

logger = logging.getLogger(__name__)

trainings = sa.Table(
    "segunda_via_trainings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("trained_at", Moment, nullable=False),
    sa.Column("trained_by", sa.String(128), nullable=False),
    sa.Column("effect", sa.Text, nullable=False),
    sa.Index("segunda_via_trainings_by_company", "company", "id"),
)

Compare = Callable[[Collection[Taught], Collection[Taught]], TrainingEffect]
"""The effect of phrases that were added and of phrases that were removed."""


@dataclass(frozen=True)
class Trained:
    at: datetime
    by: str
    effect: TrainingEffect


class TrainingService:
    def __init__(
        self,
        engine: Engine,
        phrase_labels: PhraseLabels,
        training: TrainingJob,
        compare: Compare,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._phrase_labels = phrase_labels
        self._training = training
        self._compare = compare
        self._now = now

    def train(self, company: str, *, by: str) -> bool:
        """Start a training of everything taught so far; False while one is running."""
        self._phrase_labels.write_waiting(company)
        taught = self._phrase_labels.pending(company)
        started = self._training.start(lambda: self._learnt(company, by, taught))
        if started:
            with self._engine.begin() as connection:
                audit_trail.record(connection, company, by, "trained", None, self._now())
        return started

    def progress(self) -> TrainingProgress:
        return self._training.progress()

    def last(self, company: str) -> Trained | None:
        """The last training that learnt or unlearnt something, and what it changed."""
        c = trainings.c
        query = sa.select(trainings).where(c.company == company).order_by(c.id.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return row and Trained(row.trained_at, row.trained_by, TrainingEffect.from_json(row.effect))

    def _learnt(self, company: str, by: str, taught: Collection[PhraseLabel]) -> None:
        """The model stands: say what is different. That it cannot be told does not undo the training."""
        if not taught:
            return
        added, removed = (
            [(each.phrase or "", each.intent or "") for each in taught if bool(each.undone_at) is undone]
            for undone in (False, True)
        )
        try:
            effect = self._compare(added, removed)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            logger.warning("what the training changed cannot be told (%s)", type(error).__name__)
            effect = TrainingEffect([], [], 0)
        with self._engine.begin() as connection:
            self._phrase_labels.trained(connection, taught)
            row = {"company": company, "trained_at": self._now(), "trained_by": by, "effect": effect.to_json()}
            connection.execute(sa.insert(trainings).values(row))
