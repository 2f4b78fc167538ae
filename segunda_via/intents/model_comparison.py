"""What new examples change: the classifier is trained without them and with them, and both are asked.

Knows the classifier as it stands in the pipeline after the document extractor (documents taken out of what is asked),
before any keyword. Needs no Rasa, so that a terminal has it at once.

    python -m segunda_via.intents.model_comparison <project>

reads {"added": …, "removed": …} and writes the effect, both as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from segunda_via.boletos import documents
from segunda_via.intents import intent_model
from segunda_via.intents.example_files import ExampleFiles, of_project
from segunda_via.intents.intent_catalogue import FALLBACK
from segunda_via.intents.intent_model import IntentModel
from segunda_via.intents.training_effect import Change, Moved, Taught, TrainingEffect, Understood


def of(
    added: Collection[Taught],
    examples: Sequence[Taught],
    sentences: Sequence[tuple[str, str]],
    removed: Collection[Taught] = (),
    fallback: Fallback | None = None,
) -> TrainingEffect:
    """What the phrases `added`, which are among the `examples`, and those `removed` from them change.

    `sentences` are (text, label). With `fallback` it is what customers would get: a guess below it is no answer, and
    from one such guess to another nothing changes for anybody. Seconds of one CPU.
    """
    earlier = _trained([*(each for each in examples if each not in added), *removed])
    later = _trained(examples)
    changes = [
        Change(*each, ask(earlier, each[0], fallback), ask(later, each[0], fallback)) for each in [*added, *removed]
    ]
    moved = [
        Moved(text, label, before.intent, after.intent)
        for text, label in sentences
        if (before := ask(earlier, text, fallback)).intent != (after := ask(later, text, fallback)).intent
    ]
    return TrainingEffect(changes, moved, len(sentences))


@dataclass(frozen=True)
class Fallback:
    """Rasa's FallbackClassifier: the least confidence, and the least lead over the second intent, of an answer."""

    threshold: float
    ambiguity: float

    @classmethod
    def of_project(cls, project: Path) -> Fallback | None:
        """As the project's `config.yml` has it; None where there is no such component, or no such file."""
        file = project / "config.yml"
        config: Any = (YAML(typ="safe").load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}
        for component in config.get("pipeline") or ():
            if component.get("name") == "FallbackClassifier":
                return cls(float(component.get("threshold", 0.3)), float(component.get("ambiguity_threshold", 0.1)))
        return None


def ask(model: IntentModel, text: str, fallback: Fallback | None = None) -> Understood:
    for found in reversed(documents.find(text)):
        text = f"{text[: found.start]} {text[found.end :]}"
    (best, confidence), *others = model.rank(text)
    lead = confidence - (others[0][1] if others else 0.0)
    if fallback and (confidence < fallback.threshold or lead < fallback.ambiguity):
        return Understood(FALLBACK, confidence)
    return Understood(best, confidence)


def taught(examples: ExampleFiles) -> list[Taught]:
    """Every example, with its intent."""
    return [(each.text, each.intent) for each in examples.all()]


def labelled(folder: Path) -> list[tuple[str, str]]:
    """The (text, label) of the Rasa files in `folder`; none when there is no such folder."""
    return [each for file in sorted(folder.glob("*.yml")) for each in _labelled(file)]


def _labelled(file: Path) -> Iterator[tuple[str, str]]:
    content: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or {}
    for entry in content.get("nlu", []):
        lines = str(entry.get("examples", "")).splitlines() if "intent" in entry else []
        yield from ((line[2:].strip(), str(entry["intent"])) for line in lines if line.startswith("- "))


def _trained(examples: Sequence[Taught]) -> IntentModel:
    return intent_model.train([text for text, _ in examples], [intent for _, intent in examples])


def main(project: Path) -> None:
    asked = json.load(sys.stdin)
    added, removed = ([(text, intent) for text, intent in asked[name]] for name in ("added", "removed"))
    examples, sentences = taught(of_project(project)), labelled(project / "tests/nlu/sentences")
    effect = of(added, examples, sentences, removed, Fallback.of_project(project))
    sys.stdout.write(effect.to_json())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
