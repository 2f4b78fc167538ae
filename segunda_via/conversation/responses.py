"""The texts that customers read: the domain's, under what the operator saved; and several of them as one message.

Rasa renders one response a message. The delivery's first message is made of several (data, payee, link, what else is
open), of which some do not apply; sent apart they would be a burst, so they are joined here, from the very responses
that operators edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from segunda_via.conversation.response_rules import checked, variables
from segunda_via.delivery.bundle import Line
from segunda_via.errors import ConfigurationError

Responses = Mapping[str, Sequence[Mapping[str, Any]]]
"""`responses` of a Rasa domain, as every action call carries it."""

QUESTION: Final = "utter_ask_segunda_via_form_segunda_via_document"
"""The form's question. Its first line is the queue's message; what follows says what the document is used for."""

OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "utter_segunda_via_invoice_overdue": ("valor_original",),
    "utter_segunda_via_invoice_overdue_updated": ("valor_original",),
}
"""Variables that a response is given although the domain's text does not use them."""

_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class SavedResponses:
    """What lies over the domain: texts by response and channel ("" is every channel), and the queue's message."""

    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    queue_message: str | None = None


def lay_over(responses: Responses, saved: SavedResponses) -> Responses:
    """`responses` with the saved texts in their places; buttons, images and everything else stay.

    What no longer fits the domain (a response that is gone, a variable that it lost) falls through to it.
    """
    laid: dict[str, Sequence[Mapping[str, Any]]] = dict(responses)
    for (response, channel), text in with_question(responses, saved).items():
        variants = laid.get(response, ())
        place = variant_of(variants, channel)
        if place is None or problem_of(response, variants[place], text):
            continue
        others = [each for n, each in enumerate(variants) if n != place and not _is_alternative(each, channel)]
        laid[response] = [{**variants[place], "text": text}, *others]
    return laid


def left_out(responses: Responses, saved: SavedResponses) -> list[str]:
    """The responses whose saved text does not fit the domain any more, and is not read."""
    names = []
    for (response, channel), text in with_question(responses, saved).items():
        place = variant_of(responses.get(response, ()), channel)
        if place is None or problem_of(response, responses[response][place], text):
            names.append(response)
    return names


def with_question(responses: Responses, saved: SavedResponses) -> Mapping[tuple[str, str], str]:
    """The saved texts, the form's question with the queue's message as its first line."""
    if saved.queue_message is None:
        return saved.texts
    place = variant_of(responses.get(QUESTION, ()), "")
    below = saved.texts.get((QUESTION, "")) or (str(responses[QUESTION][place]["text"]) if place is not None else "")
    return {**saved.texts, (QUESTION, ""): "\n".join([saved.queue_message, *below.split("\n")[1:]])}


def variant_of(variants: Sequence[Mapping[str, Any]], channel: str) -> int | None:
    """Where the variant for that channel ("" is every channel) stands that depends on no slot."""
    return next((n for n, each in enumerate(variants) if _is_alternative(each, channel) and "text" in each), None)


def problem_of(response: str, variant: Mapping[str, Any], text: str) -> str | None:
    """Why `text` cannot stand in the place of that variant."""
    try:
        checked(text, variables(str(variant["text"])), OPTIONAL.get(response, ()))
    except ConfigurationError as error:
        return str(error)
    return None


def text_of(response: str, responses: Responses, channel: str | None = None) -> str:
    """The text of a response without variables. KeyError when the domain lacks it."""
    return _variant(responses[response], channel).strip()


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


def _is_alternative(variant: Mapping[str, Any], channel: str) -> bool:
    return (variant.get("channel") or "") == channel and not variant.get("condition")
