"""What a training changed: the taught phrases before and after, and the test sentences that went elsewhere.

The comparison itself (`segunda_via.intents.model_comparison`) trains two classifiers and needs numpy and scikit-learn:
the public server asks a process of its own for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Taught = tuple[str, str]
"""A phrase and its intent."""
SECONDS = 300


@dataclass(frozen=True)
class Understood:
    """`confidence` goes from 0 to 1."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Change:
    """A phrase that was taught, or taken back."""

    text: str
    intent: str
    before: Understood
    after: Understood


@dataclass(frozen=True)
class Moved:
    """A test sentence that is understood otherwise than before; `label` is what it means."""

    text: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class TrainingEffect:
    phrases: Sequence[Change]
    moved: Sequence[Moved]
    asked: int
    """Test sentences in all."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> TrainingEffect:
        value: Mapping[str, Any] = json.loads(text)
        changes = [
            Change(each["text"], each["intent"], Understood(**each["before"]), Understood(**each["after"]))
            for each in value["phrases"]
        ]
        return cls(changes, [Moved(**each) for each in value["moved"]], value["asked"])


def compare(project: Path, added: Collection[Taught], removed: Collection[Taught]) -> TrainingEffect:
    """The effect of phrases that stand in the examples since, and of some that do so no more. Seconds of one CPU.

    OSError or subprocess.SubprocessError when it cannot be told.
    """
    asked = json.dumps({"added": list(added), "removed": list(removed)})
    command = [sys.executable, "-m", "segunda_via.intents.model_comparison", str(project)]
    done = subprocess.run(  # noqa: S603
        command, cwd=project, input=asked, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    return TrainingEffect.from_json(done.stdout)
