"""Renders several responses of the domain into one message.

Rasa renders one response a message. The delivery's first message is made of several (data, payee, link, what else is
open), of which some do not apply; sent apart they would be a burst, so they are joined here, from the very responses
that operators edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segunda_via.bundle import Line

Responses = Mapping[str, Sequence[Mapping[str, Any]]]
"""`responses` of a Rasa domain, as every action call carries it."""

_VARIABLE = re.compile(r"\{(\w+)\}")


def render(lines: Iterable[Line], responses: Responses, channel: str | None = None) -> str:
    """The text of `lines`, one below the other. KeyError names a response that the domain lacks."""
    return "\n".join(filter(None, (_render_line(line, responses, channel) for line in lines)))


def _render_line(line: Line, responses: Responses, channel: str | None) -> str:
    template = _variant(responses[line.response], channel)
    # Values are inserted in one pass, so a value that looks like a variable stays what it is.
    return _VARIABLE.sub(lambda match: line.values.get(match[1], match[0]), template).strip()


def _variant(variants: Sequence[Mapping[str, Any]], channel: str | None) -> str:
    """The text for that channel, else the one for every channel, as Rasa would choose."""
    for wanted in (channel, None):
        for variant in variants:
            if variant.get("channel") == wanted and not variant.get("condition"):
                return str(variant.get("text") or "")
    return ""
