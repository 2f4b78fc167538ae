"""Asks Twilio whether it takes the number's account and token, and writes down what it answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from segunda_via.http import exact_json
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.storage.health_record import WHATSAPP, Trouble, mark

if TYPE_CHECKING:
    from segunda_via.app import App


def mark_of(number: WhatsAppNumber) -> str:
    """Which account and token a row speaks of."""
    return mark({"account_sid": number.account_sid, "auth_token": number.auth_token})


async def examine(app: App, company: str, number: WhatsAppNumber) -> None:
    """The cheapest question: the account itself. Never raises."""
    trouble = await _trouble(app, number)
    if trouble is None:
        await asyncio.to_thread(app.health.worked, company, WHATSAPP, mark_of(number))
    else:
        await asyncio.to_thread(app.health.failed, company, WHATSAPP, mark_of(number), trouble)


async def _trouble(app: App, number: WhatsAppNumber) -> Trouble | None:
    try:
        answer = await app.twilio.get(number, f"/Accounts/{number.account_sid}.json")
    except httpx.HTTPError:
        return Trouble.UNAVAILABLE
    if answer.status_code in {401, 403, 404}:
        return Trouble.REJECTED
    if not answer.is_success:
        return Trouble.UNAVAILABLE
    account = exact_json.parse(answer.content)
    if account is exact_json.NOT_JSON:
        return Trouble.UNREADABLE
    return None if isinstance(account, dict) and account.get("status") == "active" else Trouble.REJECTED
