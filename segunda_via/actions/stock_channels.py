"""How a file and a menu are said on Rasa's own channels, which differ in what they can carry.

Rasa's `attachment` is a file in the terminal and for whoever reads its REST answers. Some of its channels take a file
by a message of their own kind; to the others the base class would say "Attachment: …", in English, and `socketio` would
hand its widget what that cannot show: there the link stands in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segunda_via.delivery.bundle import Line

PDF_LINK = "utter_segunda_via_pdf_link"

_FILES: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "twilio": lambda url: {"media_url": [url]},
    "telegram": lambda url: {"document": url},
    "facebook": lambda url: {"attachment": {"type": "file", "payload": {"url": url}}},
}
"""The channel's own message that carries a file."""

_WITHOUT_FILES = frozenset(
    {"socketio", "slack", "mattermost", "rocketchat", "webexteams", "hangouts", "botframework", "rasa"}
)
_MOST_BUTTONS: Mapping[str | None, int] = {"cmdline": 0, "twilio": 0, "facebook": 3}
"""In the terminal buttons take the place of the line to write on; on `twilio` each would be a message with its payload;
Facebook drops them all when there are more."""


def file(channel: str | None, url: str) -> dict[str, Any] | Line:
    """What `dispatcher.utter_message` is told to send that file; a line where it can only be said where it is."""
    if as_file := _FILES.get(channel or ""):
        return {"json_message": as_file(url)}
    if channel in _WITHOUT_FILES:
        return Line(PDF_LINK, {"link": url})
    return {"attachment": url}


def shows_buttons(channel: str | None, count: int) -> bool:
    """Whether so many buttons can be pressed there; where not, the options are numbered text."""
    return count <= _MOST_BUTTONS.get(channel, count)
