"""The account at Twilio, as it answered last or as it answers now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from segunda_via.app import App
from segunda_via.boletos.formatting import moment, phone
from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.http import exact_json
from segunda_via.operations.probes.probe import Finding, Level, Row
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.storage.health_record import WHATSAPP, Trouble, mark
from segunda_via.whatsapp.twilio_errors import meaning

STATUS: Mapping[str, str] = {
    "suspended": "suspensa",
    "closed": "encerrada",
    "offline": "desligado",
    "creating": "em criação",
    "draft": "em rascunho",
    "pending_verification": "à espera de verificação",
    "verifying": "em verificação",
    "twilio_review": "em análise pela Twilio",
    "stubbed": "ainda não criado",
    "": "sem situação informada",
}
"""What Twilio calls the state of an account or of a sender -> as people read it."""


@dataclass(frozen=True)
class Refusal:
    """Why Twilio gave no resource: for the health record, and in words."""

    trouble: Trouble
    words: str


def mark_of(number: WhatsAppNumber) -> str:
    """Which account and token a row speaks of."""
    return mark({"account_sid": number.account_sid, "auth_token": number.auth_token})


def row(app: App, company: str) -> Row | None:
    try:
        number = app.whatsapp(company)
    except (ConfigurationError, SecretKeyError):
        return None
    return Row(WHATSAPP, mark_of(number)) if number else None


async def check(app: App, company: str) -> Finding:
    """The cheapest question, the account itself; what Twilio answers is noted. No answer is a failure here."""
    number = await asyncio.to_thread(app.whatsapp, company)
    refusal = await ask_account(app, number) if number else None
    if number and refusal:
        await asyncio.to_thread(app.health.failed, company, WHATSAPP, mark_of(number), refusal.trouble)
    elif number:
        await asyncio.to_thread(app.health.worked, company, WHATSAPP, mark_of(number))
    found = await asyncio.to_thread(known, app, company)
    return replace(found, level=Level.FAILURE) if refusal else found


def known(app: App, company: str) -> Finding:
    number, page = app.whatsapp(company), "/whatsapp"
    if number is None:
        return Finding("whatsapp", Level.WARNING, "sem número", "cadastre o número da Twilio", page)
    last = app.health.of(company, WHATSAPP, mark_of(number))
    if last.trouble is Trouble.REJECTED:
        words = f"a Twilio recusa o acesso desde {moment(last.failing_since)}"
        advice, command = "confira o Account SID e o Auth Token", "`segunda-via twilio check`"
        return Finding("whatsapp", Level.FAILURE, words, advice, page, command)
    if last.trouble is not None:
        words = f"a Twilio não respondeu em {moment(last.failed_at)}"
        return Finding("whatsapp", Level.WARNING, words, "acompanhe", page)
    shown = phone(number.number)
    if last.succeeded_at is None:
        return Finding("whatsapp", Level.WARNING, f"{shown}, ainda sem contato com a Twilio", "aguarde", page)
    return Finding("whatsapp", Level.OK, shown, None, page)


async def ask_account(app: App, number: WhatsAppNumber) -> Refusal | None:
    """None when Twilio takes the account and its token. `number` need not be saved yet."""
    answer = await ask(app, number, f"/Accounts/{number.account_sid}.json")
    if isinstance(answer, Refusal):
        return answer
    status = str(answer.get("status"))
    return None if status == "active" else Refusal(Trouble.REJECTED, f"a conta da Twilio está {in_words(status)}")


def in_words(status: str) -> str:
    return STATUS.get(status, status)


async def ask(app: App, number: WhatsAppNumber, path: str) -> Mapping[str, Any] | Refusal:
    """That resource of Twilio's API."""
    try:
        answer = await app.twilio.get(number, path)
    except httpx.HTTPError:
        return Refusal(Trouble.UNAVAILABLE, "a Twilio não respondeu")
    body = exact_json.parse(answer.content)
    if answer.is_success and isinstance(body, dict):
        return body
    refused = answer.status_code in {401, 403, 404}
    trouble = Trouble.REJECTED if refused else Trouble.UNREADABLE if answer.is_success else Trouble.UNAVAILABLE
    if not isinstance(body, dict):
        return Refusal(trouble, "a Twilio respondeu algo que não se entende")
    code = body.get("code")
    return Refusal(trouble, meaning(code if isinstance(code, int) else None, answer.status_code).text)
