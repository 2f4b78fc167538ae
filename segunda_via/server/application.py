"""The public server as an ASGI application: its routes, what stands before all of them, and its lifespan."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.server import desk_routes, health_routes, media_routes, metrics_route, whatsapp_routes
from segunda_via.server.access_log import AccessLog
from segunda_via.server.load import Load
from segunda_via.server.request_limits import RequestLimits
from segunda_via.server.workers import Workers
from segunda_via.web import screen_routes


def create(app: App, workers: Workers | None = None) -> Starlette:
    """Everything that `app` serves. With `workers`, they start and end with it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if workers is not None:
            workers.start()
        try:
            yield
        finally:
            if workers is not None:
                await workers.stop()
            await app.close()

    return Starlette(
        routes=[
            Route("/", _to_the_screen),
            *screen_routes.routes(app),
            *whatsapp_routes.routes(app, workers.received if workers else _nobody),
            *media_routes.routes(app),
            *desk_routes.routes(app),
            *health_routes.routes(app),
            *metrics_route.routes(app, [Load(app, workers)] if workers else ()),
        ],
        middleware=[Middleware(AccessLog), Middleware(RequestLimits, trusted=app.environment.trusted_proxies)],
        lifespan=lifespan,
    )


async def _to_the_screen(request: Request) -> Response:
    return RedirectResponse("/configuracoes", 303)


def _nobody() -> None:
    """Without workers, what enters waits for another process's."""
