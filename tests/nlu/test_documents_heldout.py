"""`documents.find` against the held-out messages of `documents.yml`: everything found, nothing else (see README.md).

A message counts as understood only if kinds, values and order all agree; precision and recall count documents.

A bar against regressions, not an estimate for new messages: the rules were mended on the six of 279 messages that
disagreed at first sight (precision 0.981, recall 0.975 then).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from segunda_via.boletos import documents

FILE = Path(__file__).with_name("documents.yml")
FEWEST_MESSAGES, FEWEST_TRAPS = 220, 70


class Labelled(NamedTuple):
    text: str
    found: list[tuple[str, str]]


@pytest.fixture(scope="module")
def messages() -> list[Labelled]:
    return [
        Labelled(entry["text"], [(one["kind"], one["value"]) for one in entry["found"]])
        for entry in yaml.safe_load(FILE.read_text(encoding="utf-8"))
    ]


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in documents.find(text)]


def test_the_file_is_large_and_fair(messages: list[Labelled]) -> None:
    assert len(messages) >= FEWEST_MESSAGES
    assert sum(not message.found for message in messages) >= FEWEST_TRAPS
    assert {kind for message in messages for kind, _ in message.found} == {"cpf", "cnpj", "documento_invalido"}
    repeated = [text for text, times in Counter(message.text for message in messages).items() if times > 1]
    assert not repeated


def test_labels_hold_by_the_check_digits(messages: list[Labelled]) -> None:
    """A wrong label would let a wrong finding pass."""
    for text, expected in messages:
        for kind, value in expected:
            assert documents.is_valid(value) == (kind != "documento_invalido"), text
            if kind != "documento_invalido":
                assert documents.parse(value).kind.value == kind, text


def test_every_document_is_found_and_nothing_else(messages: list[Labelled]) -> None:
    wanted: Counter[tuple[int, str, str]] = Counter()
    got: Counter[tuple[int, str, str]] = Counter()
    disagreements = []
    for place, (text, expected) in enumerate(messages):
        actual = found(text)
        wanted.update((place, *one) for one in expected)
        got.update((place, *one) for one in actual)
        if actual != expected:
            disagreements.append(f"{text!r}\n    expected {expected}\n    found    {actual}")
    right = (wanted & got).total()
    precision, recall = right / max(got.total(), 1), right / wanted.total()

    report = f"precision {precision:.4f}, recall {recall:.4f}; disagreements:\n" + "\n".join(disagreements)
    assert (precision, recall, disagreements) == (1.0, 1.0, []), report
