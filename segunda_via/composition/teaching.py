"""Teaching: what was not understood, the lessons made of it, and the training."""

from __future__ import annotations

from functools import cached_property, partial

from segunda_via.composition.whatsapp import WhatsAppWing
from segunda_via.intents.misunderstood_store import MisunderstoodStore
from segunda_via.intents.phrase_labels import PhraseLabels
from segunda_via.intents.training_effect import compare
from segunda_via.intents.training_job import TrainingJob
from segunda_via.intents.training_service import TrainingService


class Teaching(WhatsAppWing):
    @cached_property
    def week(self) -> MisunderstoodStore:
        return MisunderstoodStore(self.engine, self.keys, self.now)

    @cached_property
    def lessons(self) -> PhraseLabels:
        return PhraseLabels(self.engine, self.keys, self.now, self.project / "data" / "nlu")

    @cached_property
    def training(self) -> TrainingJob:
        return TrainingJob(self.project)

    @cached_property
    def school(self) -> TrainingService:
        return TrainingService(self.engine, self.lessons, self.training, partial(compare, self.project), self.now)
