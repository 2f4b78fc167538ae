"""What Rasa is told of a job of the inbox: the customer's words, or what they mean where that is certain."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from segunda_via.http.rasa_client import Turn
from segunda_via.job_queue.job import Job
from segunda_via.whatsapp import buttons
from segunda_via.whatsapp.inbound import Inbound

MEDIA_INTENT = "enviar_midia"
OUTBOX = "outbox"
"""In a turn's metadata: what is said goes through an outbox, so a ticket ends when it has arrived."""
INPUT = "input"
"""In a turn's metadata: the kind of the customer's message, or of the job that speaks in its place."""

_PAYLOAD = re.compile(r"/([\w+\-]+)\s*(\{.*\})?", re.DOTALL)


def of(job: Job, offered: Sequence[buttons.ButtonChoice]) -> Turn | None:
    """The turn; None for what names no intent and says nothing. `offered` are the choices that were shown last."""
    if job.kind == "message":
        inbound = Inbound.of_payload(job.payload)
        return Turn(job.ordering_key, job.key, **_understood(inbound, offered), metadata=_metadata(inbound))
    intent = str(job.payload.get("intent") or "")
    if not intent:
        return None
    told = dict(job.payload.get("metadata") or {})
    return Turn(
        job.ordering_key,
        job.key,
        intent=intent,
        entities=_entities(job.payload.get("entities") or {}),
        metadata={**told, OUTBOX: True, INPUT: job.kind},
    )


def _understood(inbound: Inbound, offered: Sequence[buttons.ButtonChoice]) -> Mapping[str, Any]:
    choice = buttons.chosen(inbound.text, inbound.choice, offered)
    if choice is not None:
        match = _PAYLOAD.fullmatch(choice.payload.strip())
        if match:
            return {"text": choice.title, "intent": match[1], "entities": _entities(_read(match[2]))}
        return {"text": choice.payload}
    if inbound.text:
        return {"text": inbound.text}
    return {"text": inbound.kind, "intent": MEDIA_INTENT}


def _entities(told: Mapping[str, Any] | Sequence[Any]) -> list[Any]:
    if isinstance(told, Mapping):
        return [{"entity": name, "value": value} for name, value in told.items()]
    return list(told)


def _read(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def _metadata(inbound: Inbound) -> dict[str, Any]:
    return {
        OUTBOX: True,
        INPUT: inbound.kind,
        "to": inbound.to,
        "profile_name": inbound.profile_name,
        "wa_id": inbound.wa_id,
        "external_user_id": inbound.external_user_id,
    }
