"""Content templates: kept by SID, rendered with their variables, as far as quick replies and lists need."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.twilio.account import Account, make_sid


class ContentRefused(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True)
class Rendered:
    """`buttons` each hold `title` and `id`; a list's hold its items, which the phone shows behind one button."""

    body: str
    buttons: tuple[Mapping[str, str], ...]
    kind: str


def add(account: Account, wanted: Mapping[str, object]) -> dict[str, object]:
    """Keep a template and give it its SID; ContentRefused when it has no type that is known."""
    types = wanted.get("types")
    if not isinstance(types, dict) or not types or not all(isinstance(each, dict) for each in types.values()):
        raise ContentRefused(20001)
    name = str(wanted.get("friendly_name", ""))
    content = {
        "sid": make_sid("HX", json.dumps(wanted, sort_keys=True)),
        "account_sid": account.sid,
        "friendly_name": name,
        "language": str(wanted.get("language", "pt_BR")),
        "variables": wanted.get("variables") or {},
        "types": types,
    }
    account.contents[str(content["sid"])] = content
    return content


def render(account: Account, content_sid: str, variables: str | None) -> Rendered:
    """What the customer sees; ContentRefused for an unknown SID or variables that are no JSON object."""
    content = account.contents.get(content_sid)
    if content is None:
        raise ContentRefused(21655)
    try:
        told = json.loads(variables) if variables else {}
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ContentRefused(21656)
    known: Mapping[str, object] = {**_mapping(content["variables"]), **told}
    (kind, shape), *_ = _mapping(content["types"]).items()
    fields = _mapping(shape)

    def fill(value: object) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda found: str(known.get(found[1], found[0])), str(value or ""))

    listed = [_mapping(one) for one in (fields.get("actions") or fields.get("items") or [])]  # type: ignore[attr-defined]
    buttons = tuple(
        {
            "title": fill(one.get("title") or one.get("item")),
            "id": fill(one.get("id")),
            "description": fill(one.get("description")),
        }
        for one in listed
    )
    return Rendered(fill(fields.get("body")), buttons, kind.removeprefix("twilio/"))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
