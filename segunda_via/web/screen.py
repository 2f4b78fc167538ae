"""What every page of the settings screen has: a session, CSRF, cookies, the state in the head."""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Awaitable, Callable
from functools import cached_property

from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError, SecretKeyError
from segunda_via.operations.probes.probe import known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.operators.sessions import OperatorSession
from segunda_via.settings.contacts import DEFAULT_SUPPORT, SUPPORT_SETTING
from segunda_via.urls import is_loopback
from segunda_via.web import csrf, proxies
from segunda_via.web.cookies import NOTICE, NOTICE_SECONDS, SESSION, VISITOR, Notices
from segunda_via.web.page import ROOT, Answer, File, Form, Handler, Html, Page, Redirect, Visit, read_form
from segunda_via.web.pages import PAGES
from segunda_via.web.rendering import render


class NotSignedIn(Exception):
    """Nobody is signed in, or no more."""


class Screen:
    def __init__(self, app: App) -> None:
        self.app = app

    def endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """That page, for who is signed in and posts our own forms.

        Sessions are rows of the database, so that they can be ended; Starlette's are cookies, which cannot.
        """

        async def serve(request: Request) -> Response:
            session = await asyncio.to_thread(self.session, request)
            if session is None:
                raise NotSignedIn
            form = await read_form(request)
            if request.method == "POST" and not self.is_ours(request, form, session.secret):
                raise HTTPException(403)
            asked = self.asked(request)
            visit = Visit(self.app, session, Form(request.query_params), form, asked.host, asked.scheme)
            if inspect.iscoroutinefunction(handler):
                answer = await handler(visit)
            else:
                answer = await asyncio.to_thread(handler, visit)
            return await self.response(request, answer, session)

        return serve

    async def response(self, request: Request, answer: Answer, session: OperatorSession | None) -> Response:
        """The handler's answer, as it is sent."""
        if isinstance(answer, Redirect):
            response: Response = RedirectResponse(answer.path, 303)
            if answer.notice:
                notice = self._notices.written(answer.level, answer.notice)
                self.set_cookie(request, response, NOTICE, notice, NOTICE_SECONDS)
        elif isinstance(answer, File):
            response = Response(answer.content, media_type=answer.content_type)
            if answer.name:
                response.headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
        else:
            response = await asyncio.to_thread(self._page, request, answer, session)
            if NOTICE in request.cookies:
                self.drop_cookie(request, response, NOTICE)
        return response

    def _page(self, request: Request, answer: Html, session: OperatorSession | None) -> Response:
        app, asked, path = self.app, self.asked(request), request.scope["path"]
        common = {
            "pages": PAGES,
            "path": path,
            "here": _page_of(path),
            "session": session,
            "csrf": csrf.token(self.key, session.secret) if session else "",
            "notice": self._notices.read(request.cookies.get(NOTICE)),
            "lights": known(PROBES, app, COMPANY) if session else (),
            "support": support(app),
            "unknown_proxy": asked.unknown_proxy,
            "unencrypted": asked.scheme == "http" and not asked.unknown_proxy and not _is_local(asked.host),
            "now": app.now(),
        }
        return HTMLResponse(render(answer.template, **{**common, **answer.values}), answer.status)

    @cached_property
    def key(self) -> bytes:
        return self.app.keys.derive("screen")

    @cached_property
    def _notices(self) -> Notices:
        return Notices(self.key)

    def session(self, request: Request) -> OperatorSession | None:
        """Of who is signed in. It asks the database, which may be away."""
        return self.app.operator_sessions.find(request.cookies.get(SESSION))

    def is_ours(self, request: Request, form: Form, secret: str | None) -> bool:
        return csrf.is_ours(request.headers, self.asked(request).host, form[csrf.FIELD], self.key, secret)

    def asked(self, request: Request) -> proxies.Asked:
        """Who asks, and how, behind the proxies that are trusted."""
        return proxies.asked(request, self.app.environment.trusted_proxies)

    def visitor(self, request: Request) -> str:
        """Who has no session yet: a random name that the browser brought, or a new one."""
        brought = request.cookies.get(VISITOR, "")
        return brought if 20 <= len(brought) <= 64 and brought.isascii() else secrets.token_urlsafe(32)

    def set_cookie(self, request: Request, response: Response, name: str, value: str, seconds: int) -> None:
        # Whoever says https may be believed here: it only keeps the visitor's own cookie from being sent without it.
        secure = "https" in {self.asked(request).scheme, request.headers.get("x-forwarded-proto", "").lower()}
        response.set_cookie(name, value, seconds, path=ROOT, secure=secure, httponly=True, samesite="strict")

    def drop_cookie(self, request: Request, response: Response, name: str) -> None:
        self.set_cookie(request, response, name, "", 0)


def support(app: App) -> str:
    """Whom to ask, as the company says; the error page tells it even while nothing can be read."""
    try:
        return SUPPORT_SETTING.in_force(app.settings, COMPANY)
    except (SecretKeyError, ConfigurationError, SQLAlchemyError):
        return DEFAULT_SUPPORT


def _is_local(host: str) -> bool:
    return is_loopback(host.rsplit(":", 1)[0].strip("[]"))


def _page_of(path: str) -> Page:
    """The page of the navigation that an address belongs to, whatever stands below it.

    >>> _page_of("/configuracoes/flow/menu").title, _page_of("/configuracoes/painel/lista").title
    ('Flow Builder', 'Painel')
    """
    shown = [page for page in PAGES if page.group]
    belongs = [page for page in shown if path == page.url or (page.path and path.startswith(f"{page.url}/"))]
    return max(belongs, key=lambda page: len(page.url), default=shown[0])
