"""Teaching: what was not understood, the lessons made of it, and the training."""

from __future__ import annotations

from functools import cached_property, partial

from segunda_via.composition.whatsapp import WhatsAppWing
from segunda_via.teaching.effect import compare
from segunda_via.teaching.lessons import Lessons
from segunda_via.teaching.school import School
from segunda_via.teaching.training import Training
from segunda_via.teaching.week import Week


class Teaching(WhatsAppWing):
    @cached_property
    def week(self) -> Week:
        return Week(self.engine, self.keys, self.now)

    @cached_property
    def lessons(self) -> Lessons:
        return Lessons(self.engine, self.keys, self.now, self.project / "data" / "nlu")

    @cached_property
    def training(self) -> Training:
        return Training(self.project)

    @cached_property
    def school(self) -> School:
        return School(self.engine, self.lessons, self.training, partial(compare, self.project), self.now)
