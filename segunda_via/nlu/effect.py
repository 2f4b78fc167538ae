"""What a new example changes: the classifier is trained without it and with it, in this process, and both are asked.

Knows the classifier as it stands in the pipeline after the document extractor (documents taken out of what is asked),
before any threshold and keyword. Confidences go from 0 to 1. Needs no Rasa, so that a terminal has it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segunda_via import documents
from segunda_via.nlu import intent_model
from segunda_via.nlu.intent_model import IntentModel
from segunda_via.teaching.phrases import Example


@dataclass(frozen=True)
class Understood:
    intent: str
    confidence: float


@dataclass(frozen=True)
class Moved:
    """A test sentence that is understood otherwise than before; `label` is what it means."""

    text: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    before: Understood
    after: Understood
    moved: Sequence[Moved]
    asked: int
    """Test sentences in all."""


def of(phrase: str, intent: str, examples: Sequence[Example], sentences: Sequence[tuple[str, str]]) -> Effect:
    """What `phrase`, one of the `examples` of `intent`, changes; `sentences` are (text, label). Seconds of one CPU."""
    earlier = _trained([each for each in examples if (each.text, each.intent) != (phrase, intent)])
    later = _trained(examples)
    changes = [
        Moved(text, label, before.intent, after.intent)
        for text, label in sentences
        if (before := ask(earlier, text)).intent != (after := ask(later, text)).intent
    ]
    return Effect(ask(earlier, phrase), ask(later, phrase), changes, len(sentences))


def ask(model: IntentModel, text: str) -> Understood:
    for found in reversed(documents.find(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    return Understood(*model.rank(text)[0])


def labelled(folder: Path) -> list[tuple[str, str]]:
    """The (text, label) of the Rasa files in `folder`; none when there is no such folder."""
    found: list[tuple[str, str]] = []
    for file in sorted(folder.glob("*.yml")):
        content: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or {}
        for entry in content.get("nlu", []):
            lines = str(entry.get("examples", "")).splitlines() if "intent" in entry else []
            found += [(line[2:].strip(), str(entry["intent"])) for line in lines if line.startswith("- ")]
    return found


def _trained(examples: Sequence[Example]) -> IntentModel:
    return intent_model.train([each.text for each in examples], [each.intent for each in examples])
