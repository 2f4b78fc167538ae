"""What the log says of a request: nothing of who asked, and nothing of what was sent."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from support.serving import serving
from web.operator import new_app

from segunda_via.app import App
from segunda_via.server.access_log import AccessLog

CPF = "52998224725"
LOGGER = "segunda_via.server.access_log"


async def fine(request: Request) -> Response:
    return PlainTextResponse("fine", 202)


async def breaks(request: Request) -> Response:
    raise ValueError(f"no customer {request.path_params['token']}")


async def breaks_midway(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        raise ValueError(CPF)

    return StreamingResponse(parts(), headers={"Content-Length": "8"})


ROUTES = [
    Route("/fine/{token}", fine, name="a route", methods=["GET", "POST"]),
    Route("/breaks/{token}", breaks, name="breaks"),
    Route("/midway", breaks_midway, name="midway"),
]


@pytest.fixture
def app(tmp_path: Path) -> App:
    return new_app(tmp_path)


@pytest.fixture
def asgi() -> Starlette:
    """Each look at its clock is an eighth of a second after the one before."""
    ticks = itertools.count()
    return Starlette(routes=ROUTES, middleware=[Middleware(AccessLog, clock=lambda: next(ticks) / 8)])


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


async def test_a_request_is_a_line_without_anything_of_the_visitors(
    app: App, asgi: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        async with serving(app, asgi) as client:
            await client.post(f"/fine/{CPF}?cpf={CPF}", headers={"User-Agent": CPF, "X-Forwarded-For": "203.0.113.9"})
            await client.get(f"/nowhere/{CPF}")
            await client.request(f"X{CPF}"[:8], "/fine/x")
    assert lines(caplog)[:2] == ["POST a route 202 125 ms", "GET - 404 125 ms"]
    text = str([record.__dict__ for record in caplog.records if record.name == LOGGER])
    for hidden in (CPF, CPF[:7], "203.0.113.9", "127.0.0.1", "nowhere"):
        assert hidden not in text


async def test_an_exception_is_told_without_its_text(
    app: App, asgi: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(app, asgi) as client:
            answer = await client.get(f"/breaks/{CPF}")
    assert (answer.status_code, answer.text) == (500, "something failed\n")
    told, line = lines(caplog)
    assert "breaks failed with ValueError" in told
    assert "test_access_log.py" in told  # where, for whoever has to mend it
    assert line == "GET breaks 500 125 ms"
    assert CPF not in "".join(str(r.__dict__) for r in caplog.records if not r.name.startswith("http"))


async def test_an_answer_that_breaks_midway_is_cut(app: App, asgi: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(app, asgi) as client:
            with pytest.raises(Exception, match=r"peer closed|incomplete|disconnected"):
                await client.get("/midway")
    assert CPF not in "".join(str(r.__dict__) for r in caplog.records if not r.name.startswith("http"))


async def test_the_public_server_writes_it_of_what_is_refused_too(app: App, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        async with serving(app) as client:
            await client.get("/health/live")
            await client.post("/media/x", content=b"a body")
    assert [line.rpartition(" ms")[0].rpartition(" ")[0] for line in lines(caplog)] == ["GET live 200", "POST - 413"]
