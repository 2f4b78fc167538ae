"""Notices without traffic that a token is refused, and tells the operator's webhook once.

A task of the public server. Every few seconds it looks whether something is to be told. Every fifteen minutes one of
all processes asks the probes that have a row in the health record (gateway, ticket desk, Twilio), and every minute
while one does not answer, so that what turned red turns green again by itself. It never raises: whatever fails is tried
again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import httpx

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.gateways import registry
from segunda_via.operations.probes.probe import Probe, Row
from segunda_via.operations.probes.registry import PROBES
from segunda_via.privacy import stored_data
from segunda_via.settings.contacts import ALERTS_SETTING
from segunda_via.storage.database import settings
from segunda_via.storage.health_record import subject_of

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
        """One look: erase what is over, ask what is due, tell what is new. What fails keeps no other from running."""
        steps: dict[str, Callable[[App], Awaitable[None]]] = {"erase": self._erase}
        steps |= {probe.subject: partial(self._ask, probe=probe) for probe in PROBES if probe.row}
        steps["tell"] = self._tell
        for name, step in steps.items():
            try:
                await step(self._app())
            except Exception as error:  # a look that fails must not be the last one
                logger.warning("the watch could not look (%s in %s)", type(error).__name__, name)

    async def _erase(self, app: App) -> None:
        """Tokens that were replaced, or pasted and not confirmed: sooner than the rest of what is old."""
        await asyncio.to_thread(app.retention.erase_table, stored_data.of(settings))

    async def _ask(self, app: App, probe: Probe) -> None:
        """Ask it if it is due; what it answers stands in its row of the health record by then."""
        row = await asyncio.to_thread(probe.row, app, COMPANY) if probe.row else None
        if row is None or not await self._claim(app, row):
            return
        await asyncio.wait_for(probe.check(app, COMPANY), probe.seconds)
        await asyncio.to_thread(app.health.checked, COMPANY, row.subject)

    @staticmethod
    async def _claim(app: App, row: Row) -> bool:
        at_most = timedelta(minutes=1)
        return await asyncio.to_thread(
            app.health.claim_check, COMPANY, row.subject, row.mark, EVERY, at_most, EVERY_WHILE_FAILING
        )

    async def _tell(self, app: App) -> None:
        url = await asyncio.to_thread(ALERTS_SETTING.in_force, app.settings, COMPANY)
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
            "text": _WORDS[news].format(gateway=registry.label(gateway), access=registry.GATEWAYS[gateway].access()),
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
