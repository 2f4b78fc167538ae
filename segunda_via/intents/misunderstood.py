"""What the assistant did not understand, for the operator to read: masked, each once, the alike together.

They are read out of Rasa's conversations: only the message, never who wrote it, and it is masked before anything else
is done with it. Control characters go: this is shown in a terminal. A store that cannot be read is a
ConfigurationError.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from segunda_via import log_redaction
from segunda_via.errors import ConfigurationError
from segunda_via.intents.example_files import same_words
from segunda_via.intents.intent_catalogue import FALLBACK
from segunda_via.storage.conversation_events import ConversationEvents

ALIKE = 0.4
"""Messages that share this much of their letter triples are shown together (Jaccard)."""
MOST = 5000
"""Messages that are read, the latest."""
COMPARED = 500
"""Different messages that are compared with each other, those said most: who labels has them before others."""

_MASK = re.compile(r"<[^<>]{1,40}>")


@dataclass(frozen=True)
class Misunderstood:
    """A message as it is shown, and how often it, or the same words, were said."""

    text: str
    times: int


def read(kept: ConversationEvents | None) -> list[str]:
    """The messages not understood, masked, latest first; none where there is no SQL store yet."""
    if kept is None:
        return []
    try:
        said = list(itertools.islice(filter(_is_misunderstood, kept.newest("user")), MOST))
    except sa.exc.SQLAlchemyError as error:
        # The driver's own text may repeat the URL with its password.
        raise ConfigurationError(f"as conversas não puderam ser lidas ({type(error).__name__})") from None
    return [text for text in (shown(event.get("text") or "") for event in said) if text]


def _is_misunderstood(event: Mapping[str, Any]) -> bool:
    return bool(((event.get("parse_data") or {}).get("intent") or {}).get("name") == FALLBACK)


def grouped(texts: Iterable[str], known: Collection[str] = ()) -> list[list[Misunderstood]]:
    """Each text once, without those whose words are in `known`, the alike together; what was said most comes first."""
    done = {same_words(each) for each in known}
    times: Counter[str] = Counter()
    first: dict[str, str] = {}
    for text in texts:
        words = same_words(text)
        if words not in done and same_words(unmasked(text)) not in done:
            times[words] += 1
            first.setdefault(words, text)
    groups: list[list[Misunderstood]] = []
    triples: list[frozenset[str]] = []
    holding: dict[str, list[int]] = {}
    for words, count in times.most_common(COMPARED):
        mine = _triples(words)
        near = _nearest(mine, triples, holding)
        if near is None:
            near = len(groups)
            groups.append([])
            triples.append(mine)
            for each in mine:
                holding.setdefault(each, []).append(near)
        groups[near].append(Misunderstood(first[words], count))
    return sorted(groups, key=_said, reverse=True)


def unmasked(text: str) -> str:
    """`text` without its masks: what may become an example of it, empty when nothing was said beside them."""
    return " ".join(_MASK.sub(" ", text).split())


def shown(text: str) -> str:
    """`text` as it may be shown: in one line, masked; empty when nothing of it is visible."""
    seen = "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cs"})
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in seen)
    return " ".join(log_redaction.redact(" ".join(visible.split())).split())


def _said(group: Sequence[Misunderstood]) -> int:
    return sum(each.times for each in group)


def _triples(words: str) -> frozenset[str]:
    padded = f"  {words} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def _nearest(
    mine: frozenset[str], triples: Sequence[frozenset[str]], holding: Mapping[str, Sequence[int]]
) -> int | None:
    """The group most alike, if any is alike at all; only those that share a triple are looked at."""
    shared = Counter(group for each in mine for group in holding.get(each, ()))

    def likeness(group: int) -> float:
        return shared[group] / (len(mine) + len(triples[group]) - shared[group])

    near = max(sorted(shared), key=likeness, default=None)
    return near if near is not None and likeness(near) >= ALIKE else None
