"""What Twilio's form says: who writes to whom, and what kind of message it is.

A sender's address is opaque: `whatsapp:+55…`, or `whatsapp:BR.…` for who hides the number (BSUID).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

LONGEST_TEXT = 1_000
"""Characters of a message that are read: more than any document or wish takes."""

SILENT = frozenset({"reaction"})
"""Kinds that nobody expects an answer to."""

_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_ADDRESS = re.compile(r"whatsapp:[\w.+\-]{3,140}")
_KINDS = {"contacts": "contact", "interactive": "list", "order": "document"}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
_MEDIA = {"image": "image", "audio": "audio", "video": "video"}


@dataclass(frozen=True)
class Inbound:
    """One message. `text` is what may be read as words; `choice` is the payload of a button or list entry."""

    message_id: str
    sender: str = field(repr=False)
    to: str
    kind: str
    text: str = field(repr=False)
    choice: str = field(default="", repr=False)
    profile_name: str = field(default="", repr=False)
    wa_id: str = field(default="", repr=False)
    external_user_id: str = field(default="", repr=False)

    @property
    def conversation_id(self) -> str:
        """Rasa's sender id: a customer of two companies never shares a tracker."""
        return f"{self.to}:{self.sender}"

    def as_payload(self) -> Mapping[str, Any]:
        return asdict(self)

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any]) -> Inbound:
        """What `as_payload` gave, also in an older version, which called the message's id `sid`."""
        kept = {name: value for name, value in payload.items() if name != "sid"}
        return cls(**{"message_id": payload.get("sid", ""), **kept})


def read(pairs: Iterable[tuple[str, str]]) -> Inbound | None:
    """The message of the form; None when it is none (no SID, or no address of WhatsApp)."""
    form: dict[str, str] = {}
    for name, value in pairs:
        form.setdefault(name, value)
    sid, sender, to = form.get("MessageSid") or form.get("SmsSid", ""), form.get("From", ""), form.get("To", "")
    if not _SID.fullmatch(sid) or not _ADDRESS.fullmatch(sender) or not _ADDRESS.fullmatch(to):
        return None
    text = clean(form.get("Body", ""))
    choice = form.get("ButtonPayload") or form.get("ListId") or ""
    kind = _kind(form, text)
    if kind in {"button", "list"}:
        text = clean(form.get("ButtonText") or form.get("ListTitle") or "") or text
    return Inbound(
        message_id=sid,
        sender=sender,
        to=to,
        kind=kind,
        text=text,
        choice=choice[:256],
        profile_name=form.get("ProfileName", "")[:128],
        wa_id=form.get("WaId", "")[:64],
        external_user_id=form.get("ExternalUserIdentifier", "")[:160],
    )


def clean(text: str) -> str:
    """Words that cannot be a command: without control characters or leading slashes, and of a bounded length.

    >>> clean(" /restart "), clean("\\u200b//pedir{}"), clean("/")
    ('restart', 'pedir{}', '')
    """
    kept = "".join(c for c in text[: LONGEST_TEXT * 4] if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
    kept = re.sub(r"^[\s/／⁄∕]+", "", kept).rstrip()
    return _cut(kept)


def _cut(text: str) -> str:
    """At most LONGEST_TEXT characters, cut between words and never inside a number."""
    if len(text) <= LONGEST_TEXT:
        return text
    head = text[:LONGEST_TEXT]
    number = re.search(r"\d[\d .\-/]*$", head)  # digits that may go on after the cut
    if number and re.match(r"[\d .\-/]", text[LONGEST_TEXT]) and len(number[0]) < 60:
        head = head[: number.start()]
    elif not text[LONGEST_TEXT].isspace() and (space := head.rfind(" ")) > LONGEST_TEXT // 2:
        head = head[:space]
    return head.rstrip()


def _kind(form: Mapping[str, str], text: str) -> str:
    if form.get("ListId"):
        return "list"
    if form.get("ButtonPayload") or form.get("ButtonText"):
        return "button"
    told = form.get("MessageType", "").lower()
    if told == "reaction" or form.get("ReactionEmoji"):
        return "reaction"
    if form.get("Latitude") and form.get("Longitude"):
        return "location"
    if told in {"location", "sticker", "contacts", "image", "audio", "video", "document", "order"}:
        return _KINDS.get(told, told)
    if form.get("NumMedia", "0") not in {"", "0"}:
        return _media_kind(form.get("MediaContentType0", "").lower())
    return "text" if text else "empty"


def _media_kind(content_type: str) -> str:
    if content_type in {"text/vcard", "text/x-vcard"}:
        return "contact"
    if content_type == "image/webp":
        return "sticker"
    return _MEDIA.get(content_type.split("/")[0], "document")
