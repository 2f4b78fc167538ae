"""The routes of the settings screen: /configuracoes, and everything below it.

Without a session one reaches the sign-in, the first-access link and the static files alone.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route, Router

from segunda_via.app import App
from segunda_via.web.error_pages import ErrorPages
from segunda_via.web.headers import SecurityHeaders
from segunda_via.web.page import ROOT
from segunda_via.web.pages import PAGES
from segunda_via.web.screen import NotSignedIn, Screen
from segunda_via.web.sign_in import SignIn
from segunda_via.web.static_files import ScreenFiles


def routes(app: App) -> list[Route]:
    """Two, to a router with headers and error pages of its own: Starlette's `Mount` leaves out the address itself."""
    screen = Screen(app)
    entrance = SignIn(screen)
    errors = {**ErrorPages(app).handlers(), NotSignedIn: entrance.instead}
    router = Router(
        [
            *(
                Route(f"{page.url}{below}", screen.endpoint(handler), methods=[method])
                for page in PAGES
                for (method, below), handler in page.handlers.items()
            ),
            Route(f"{ROOT}/entrar", entrance.sign_in, methods=["GET", "POST"]),
            Route(f"{ROOT}/sair", entrance.sign_out, methods=["POST"]),
            Route(f"{ROOT}/primeiro-acesso/{{token}}", entrance.first_access, methods=["GET", "POST"]),
            Mount(f"{ROOT}/static", ScreenFiles()),
            Route(f"{ROOT}{{page:path}}/", _without_slash),
        ],
        redirect_slashes=False,  # it would lead to the host and scheme by which a proxy asks
        middleware=[Middleware(SecurityHeaders), Middleware(ExceptionMiddleware, handlers=errors)],
    )
    return [Route(ROOT, router), Route(f"{ROOT}/{{below:path}}", router)]


async def _without_slash(request: Request) -> Response:
    """The page that an address means but for the slash at its end."""
    path, query = request.scope["path"].rstrip("/"), str(request.query_params)
    if path not in {f"{page.url}{below}" for page in PAGES for method, below in page.handlers if method == "GET"}:
        raise HTTPException(404)
    return RedirectResponse(f"{path}?{query}" if query else path, 303)
