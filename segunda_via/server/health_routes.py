"""Whether this server lives, and whether it can serve: for whoever starts it anew or sends it customers.

    GET /health/live     200 {"status": "ok"}; nothing is asked
    GET /health/ready    200, or 503 when one of {"database", "migrations", "rasa"} is not "ok" but "failed"
    GET /health/receiving    the same without "rasa": what customers write can be taken, and waits

A balancer asks the last one: while Rasa is away, messages are better taken than refused.
Strangers may ask, so no more is told than that word, and what they ask again within a second is not looked at again.
What is wrong stands in the log, and in `segunda-via doctor`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.storage import database

logger = logging.getLogger(__name__)

LIMIT = 3.0
"""Seconds that a check may take."""
FRESH = 1.0
"""Seconds for which what was found is told again."""
RECEIVING = ("database", "migrations")
HEADERS = {"Cache-Control": "no-store"}

Check = Callable[[], Awaitable[bool]]


def routes(app: App) -> list[Route]:
    checks = {"database": _answers, "migrations": _migrated, "rasa": _has_a_model}
    readiness = Readiness({name: partial(check, app) for name, check in checks.items()})

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    def answer(found: Mapping[str, bool]) -> Response:
        words = {name: "ok" if fine else "failed" for name, fine in found.items()}
        return JSONResponse(words, 200 if all(found.values()) else 503, HEADERS)

    async def ready(request: Request) -> Response:
        return answer(await readiness.found())

    async def receiving(request: Request) -> Response:
        return answer({name: fine for name, fine in (await readiness.found()).items() if name in RECEIVING})

    return [
        Route("/health/live", live, name="live"),
        Route("/health/ready", ready, name="ready"),
        Route("/health/receiving", receiving, name="receiving"),
    ]


class Readiness:
    """Asks all checks at once, for all who want to know at that time.

    A check that hangs has failed for now, and is waited for before it is asked again, so that none piles up.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        *,
        limit: float = LIMIT,
        fresh: float = FRESH,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._limit = limit
        self._fresh = fresh
        self._clock = clock
        self._asked: dict[str, asyncio.Task[bool]] = {}
        self._found: dict[str, bool] = {}
        self._found_at: float | None = None
        self._one_at_a_time = asyncio.Lock()

    async def found(self) -> Mapping[str, bool]:
        async with self._one_at_a_time:
            if self._found_at is None or self._clock() - self._found_at >= self._fresh:
                self._found = await self._look()
                self._found_at = self._clock()
            return self._found

    async def _look(self) -> dict[str, bool]:
        for name, check in self._checks.items():
            if name not in self._asked:
                self._asked[name] = asyncio.create_task(_outcome(name, check))
        ended, _ = await asyncio.wait(self._asked.values(), timeout=self._limit)
        found = {name: task in ended and task.result() for name, task in self._asked.items()}
        self._asked = {name: task for name, task in self._asked.items() if task not in ended}
        return found


async def _outcome(name: str, check: Check) -> bool:
    try:
        return await check()
    except Exception as error:
        logger.warning("not ready: %s (%s)", name, type(error).__name__)
        return False


async def _answers(app: App) -> bool:
    def ask() -> bool:
        with app.engine.connect() as connection:
            return bool(connection.execute(sa.text("SELECT 1")).scalar() == 1)

    return await asyncio.to_thread(ask)


async def _migrated(app: App) -> bool:
    return await asyncio.to_thread(lambda: database.is_migrated(app.engine))


async def _has_a_model(app: App) -> bool:
    return await app.rasa_client.status() is None
