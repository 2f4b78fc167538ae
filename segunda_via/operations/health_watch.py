"""Notices without traffic that a token is refused, and tells the operator's webhook once.

A task of the action server. Every few seconds it looks whether something is to be told; every fifteen minutes one of
all processes asks the gateway, the ticket desk and Twilio their cheapest question, and every minute while one does not
answer, so that what turned red turns green again by itself. It never raises: whatever fails is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from segunda_via.company import COMPANY
from segunda_via.desks.registry import JOURNAL
from segunda_via.errors import ConfigurationError, GatewayError, SecretKeyError, TicketDeskError
from segunda_via.gateways import field_help
from segunda_via.operations.desk_probe import examine as examine_desk
from segunda_via.operations.twilio_probe import examine as examine_number
from segunda_via.operations.twilio_probe import mark_of
from segunda_via.privacy import stored_data
from segunda_via.settings import contacts
from segunda_via.storage.database import settings
from segunda_via.storage.health_record import DESK, WHATSAPP, mark, subject_of

if TYPE_CHECKING:
    from segunda_via.app import App

logger = logging.getLogger(__name__)

EVERY, EVERY_WHILE_FAILING = timedelta(minutes=15), timedelta(minutes=1)
LOOK_EVERY = 10.0
"""Seconds between two looks."""


class HealthWatch:
    """`app` is asked at each look, so that what was saved counts at once."""

    def __init__(self, app: Callable[[], App], *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._app = app
        self._pause = pause

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await self._pause(LOOK_EVERY)

    async def look(self) -> None:
        """One look: erase what is over, check what is due, tell what is new. What fails keeps no other from running."""
        for step in (self._erase, self._check, self._check_desk, self._check_number, self._tell):
            try:
                await step(self._app())
            except Exception as error:  # a look that fails must not be the last one
                logger.warning("the watch could not look (%s in %s)", type(error).__name__, step.__name__)

    async def _erase(self, app: App) -> None:
        """Tokens that were replaced, or pasted and not confirmed: sooner than the rest of what is old."""
        await asyncio.to_thread(app.retention.erase_table, stored_data.of(settings))

    async def _check(self, app: App) -> None:
        try:
            account = await asyncio.to_thread(app.account, COMPANY)
        except (ConfigurationError, SecretKeyError):
            return
        subject = subject_of(account.gateway.name)
        if not await self._claim(app, subject, account.mark):
            return
        try:
            await account.gateway.check()
        except GatewayError as error:
            await asyncio.to_thread(app.health.failed_with, COMPANY, subject, account.mark, error)
        else:
            await asyncio.to_thread(app.health.worked, COMPANY, subject, account.mark)
        await asyncio.to_thread(app.health.checked, COMPANY, subject)

    async def _check_desk(self, app: App) -> None:
        settings = await asyncio.to_thread(app.desk_settings, COMPANY)
        if settings.name == JOURNAL or not await self._claim(app, DESK, mark(settings.credentials)):
            return
        with contextlib.suppress(TicketDeskError):  # written down by then
            await examine_desk(app, COMPANY, settings)
        await asyncio.to_thread(app.health.checked, COMPANY, DESK)

    async def _check_number(self, app: App) -> None:
        try:
            number = await asyncio.to_thread(app.whatsapp, COMPANY)
        except (ConfigurationError, SecretKeyError):
            return
        if number is None or not await self._claim(app, WHATSAPP, mark_of(number)):
            return
        await examine_number(app, COMPANY, number)
        await asyncio.to_thread(app.health.checked, COMPANY, WHATSAPP)

    @staticmethod
    async def _claim(app: App, subject: str, token: str) -> bool:
        return await asyncio.to_thread(
            app.health.claim_check, COMPANY, subject, token, EVERY, timedelta(minutes=1), EVERY_WHILE_FAILING
        )

    async def _tell(self, app: App) -> None:
        url = await asyncio.to_thread(contacts.alert_url, app.settings, COMPANY)
        if url is None:
            return
        try:
            account = await asyncio.to_thread(app.account, COMPANY)
        except (ConfigurationError, SecretKeyError):
            return
        gateway, subject = account.gateway.name, subject_of(account.gateway.name)
        news = await asyncio.to_thread(app.health.to_tell, COMPANY, subject)
        if news is None:
            return
        event = {
            "event": f"gateway.{news}",
            "gateway": gateway,
            "company": COMPANY,
            "text": _WORDS[news].format(gateway=field_help.called(gateway), access=field_help.access(gateway)),
            "at": app.now().isoformat(timespec="seconds"),
        }
        try:
            answer = await app.http.post(url, json=event, timeout=5)
            answer.raise_for_status()
        except httpx.HTTPError as error:  # its text holds the URL, which may hold a secret
            logger.warning("the alert webhook did not take the news (%s)", type(error).__name__)
            await asyncio.to_thread(app.health.untold, COMPANY, subject, news)


_WORDS = {
    "rejected": "{gateway} recusa {access}: nenhum boleto sai até isso ser trocado em Configurações.",
    "recovered": "O gateway {gateway} voltou a aceitar o acesso.",
}
