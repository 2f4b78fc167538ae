"""The routes of the settings screen: /configuracoes on the action server.

Without a session one reaches the sign-in, the first-access link and the static files alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from segunda_via.web import sign_in, static_files
from segunda_via.web.page import ROOT
from segunda_via.web.pages import PAGES
from segunda_via.web.screen import Screen

if TYPE_CHECKING:
    from segunda_via.app import App


def mount(target: Sanic, services: Callable[[], App]) -> None:
    """Serve the screen on `target`. `services` is asked at each request."""
    blueprint = Blueprint("segunda_via_screen")
    screen = Screen(services, sign_in.ask)
    for page in PAGES:
        paths = {below for _, below in page.handlers}
        for number, below in enumerate(sorted(paths)):
            methods = [method for method, path in page.handlers if path == below]
            _route(
                blueprint, f"{page.url}{below}", methods, screen.serving(page.handlers, below), f"{page.path}{number}"
            )
    _route(blueprint, f"{ROOT}/entrar", ["GET", "POST"], screen.guarding(sign_in.sign_in), "entrar")
    _route(blueprint, f"{ROOT}/sair", ["POST"], screen.guarding(sign_in.sign_out), "sair")
    first_access = screen.guarding(sign_in.first_access)
    _route(blueprint, f"{ROOT}/primeiro-acesso/<token:str>", ["GET", "POST"], first_access, "primeiro")
    _route(blueprint, f"{ROOT}/static/<name:str>", ["GET"], static_files.serve, "static")
    _route(blueprint, f"{ROOT}/<rest:path>", ["GET", "POST"], screen.not_found, "outras")
    target.blueprint(blueprint)


def _route(blueprint: Blueprint, uri: str, methods: list[str], handler: Callable[..., Any], name: str) -> None:
    async def serve(request: Request, **rest: str) -> HTTPResponse:
        answer: HTTPResponse = await handler(request, **rest)
        return answer

    # Streamed, so that a body is read here, and no further than a form may be long.
    blueprint.add_route(serve, uri, methods=methods, stream=True, name=f"sv_{name.strip('/').replace('/', '_')}")
