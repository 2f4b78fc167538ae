"""What every page of the settings screen has: a session, CSRF, headers, errors in words, the state in the head."""

from __future__ import annotations

import asyncio
import inspect
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sanic.request import Request
from sanic.response import HTTPResponse, raw
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError, SecretKeyError, SegundaViaError
from segunda_via.operations.probes.probe import known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.operators.sessions import OperatorSession
from segunda_via.settings.contacts import DEFAULT_SUPPORT, SUPPORT_SETTING
from segunda_via.urls import is_loopback
from segunda_via.web import csrf, proxies
from segunda_via.web.headers import SECURITY
from segunda_via.web.page import ROOT, Answer, File, Form, Handler, Html, Page, Redirect, Visit
from segunda_via.web.pages import PAGES
from segunda_via.web.rendering import render
from segunda_via.web.requests import NOTICE, SESSION, VISITOR, FormTooLong, read_form

if TYPE_CHECKING:
    from segunda_via.app import App

logger = logging.getLogger(__name__)

AskToSignIn = Callable[..., Awaitable[HTTPResponse]]
"""The sign-in page in the place of any other: `(screen, request, *, expired)`."""


class Screen:
    def __init__(self, services: Callable[[], App], ask_to_sign_in: AskToSignIn) -> None:
        self._services = services
        self._ask_to_sign_in = ask_to_sign_in

    def serving(self, handlers: dict[tuple[str, str], Handler], below: str) -> Callable[..., Any]:
        async def serve(request: Request, **rest: str) -> HTTPResponse:
            return await self._guarded(request, lambda: self._serve(request, handlers[request.method, below], rest))

        return serve

    def guarding(self, handler: Callable[..., Awaitable[HTTPResponse]]) -> Callable[..., Any]:
        """`handler(screen, request, …)`, which needs no session, with its errors told as pages."""

        async def serve(request: Request, **rest: str) -> HTTPResponse:
            return await self._guarded(request, lambda: handler(self, request, **rest))

        return serve

    async def not_found(self, request: Request, rest: str = "") -> HTTPResponse:
        if request.method == "GET" and (meant := _without_slash(request.path)):
            return self.redirect(f"{meant}?{request.query_string}" if request.query_string else meant)
        return await self.error("Página não encontrada", "Não há nada neste endereço.", 404)

    @property
    def app(self) -> App:
        return self._services()

    async def _guarded(self, request: Request, serve: Callable[[], Any]) -> HTTPResponse:
        """Whatever goes wrong is a page that says what to do, and never shows data or a traceback."""
        try:
            answer: HTTPResponse = await serve()
        except FormTooLong:
            return await self.error("Formulário grande demais", "O que foi enviado é grande demais.", 413)
        except SecretKeyError as error:
            return await self.error("A chave não abre o que está salvo", str(error), 503)
        except SQLAlchemyError as error:
            logger.error("the screen cannot use the database (%s)", type(error).__name__)
            return await self.error("Banco de dados fora do ar", "Tente de novo em instantes.", 503)
        except SegundaViaError as error:
            return await self.error("Não foi possível", str(error), 503)
        except Exception as error:
            frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            logger.error("a page of the screen failed with %s at:\n%s", type(error).__name__, frames)
            return await self.error("Algo não funcionou", "O erro está no log do servidor. Tente de novo.", 500)
        return answer

    async def _serve(self, request: Request, handler: Handler, rest: dict[str, str]) -> HTTPResponse:
        app = self.app
        session = await asyncio.to_thread(app.operator_sessions.find, request.cookies.get(SESSION))
        form = await read_form(request)
        if session is None:
            return await self._ask_to_sign_in(self, request, expired=SESSION in request.cookies)
        if request.method == "POST" and not self.is_ours(request, form, session.secret):
            return await self.error("Pedido recusado", "Este formulário não veio desta tela, ou é antigo.", 403)
        asked = self.asked(request)
        visit = Visit(app, session, Form(request.query_string), form, rest, asked.host, asked.scheme)
        if inspect.iscoroutinefunction(handler):
            answer = await handler(visit)
        else:
            answer = await asyncio.to_thread(handler, visit)
        return await self.answer(request, answer, session)

    async def answer(self, request: Request, answer: Answer, session: OperatorSession | None) -> HTTPResponse:
        """The handler's answer, as it is sent."""
        if isinstance(answer, Redirect):
            response = self.redirect(answer.path)
            if answer.notice:
                self.set_cookie(request, response, NOTICE, self._notices().dumps([answer.level, answer.notice]), 60)
            return response
        if isinstance(answer, File):
            headers = {"Content-Disposition": f'attachment; filename="{answer.name}"'} if answer.name else {}
            return raw(answer.content, content_type=answer.content_type, headers={**SECURITY, **headers})
        shown = request.cookies.get(NOTICE)
        response = await asyncio.to_thread(self._page, request, answer, session, self._notice(shown))
        if shown:
            del response.cookies[NOTICE]
            response.cookies[NOTICE]["path"] = ROOT
        return response

    def _page(
        self, request: Request, answer: Html, session: OperatorSession | None, notice: tuple[str, str] | None
    ) -> HTTPResponse:
        app, asked = self.app, self.asked(request)
        common = {
            "pages": PAGES,
            "path": request.path,
            "here": _page_of(request.path),
            "session": session,
            "csrf": csrf.token(self.key, session.secret) if session else "",
            "notice": notice,
            "lights": known(PROBES, app, COMPANY) if session else (),
            "support": _support(app),
            "unknown_proxy": asked.unknown_proxy,
            "unencrypted": asked.scheme == "http" and not asked.unknown_proxy and not _is_local(asked.host),
            "now": app.now(),
        }
        return self.html(Html(answer.template, {**common, **answer.values}, answer.status))

    def html(self, answer: Html) -> HTTPResponse:
        values = {"support": None, **answer.values}
        body = render(answer.template, **values).encode()
        return raw(body, status=answer.status, content_type="text/html; charset=utf-8", headers=dict(SECURITY))

    async def error(self, title: str, words: str, status: int) -> HTTPResponse:
        """A page that says what happened, and whom to ask."""
        support = await asyncio.to_thread(_support, self.app)
        return self.html(Html("error.html", {"title": title, "words": words, "support": support}, status))

    def redirect(self, path: str) -> HTTPResponse:
        return raw(b"", status=303, headers={**SECURITY, "Location": path}, content_type="text/plain")

    @property
    def key(self) -> bytes:
        return self.app.keys.derive("screen")

    def is_ours(self, request: Request, form: Form, secret: str | None) -> bool:
        return csrf.is_ours(request.headers, self.asked(request).host, form[csrf.FIELD], self.key, secret)

    def asked(self, request: Request) -> proxies.Asked:
        """Who asks, and how, behind the proxies that are trusted."""
        return proxies.asked(request, self.app.environment.trusted_proxies)

    def visitor(self, request: Request) -> str:
        """Who has no session yet: a random name that the browser brought, or a new one."""
        brought = request.cookies.get(VISITOR, "")
        return brought if 20 <= len(brought) <= 64 and brought.isascii() else secrets.token_urlsafe(32)

    def set_cookie(self, request: Request, response: HTTPResponse, name: str, value: str, seconds: int) -> None:
        response.cookies[name] = value
        cookie = response.cookies[name]
        cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"] = ROOT, True, "Strict", seconds
        # Whoever says https may be believed here: it only keeps the visitor's own cookie from being sent without it.
        if "https" in {self.asked(request).scheme, request.headers.get("x-forwarded-proto", "").lower()}:
            cookie["secure"] = True

    def _notices(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt="notice")

    def _notice(self, cookie: str | None) -> tuple[str, str] | None:
        """Its level and its words."""
        if not cookie:
            return None
        try:
            level, words = self._notices().loads(cookie, max_age=60)
        except BadSignature:
            return None
        return str(level), str(words)


def _support(app: App) -> str:
    """Whom to ask, as the company says; the error page tells it even while nothing can be read."""
    try:
        return SUPPORT_SETTING.in_force(app.settings, COMPANY)
    except (SecretKeyError, ConfigurationError, SQLAlchemyError):
        return DEFAULT_SUPPORT


def _is_local(host: str) -> bool:
    return is_loopback(host.rsplit(":", 1)[0].strip("[]"))


def _without_slash(path: str) -> str | None:
    """The page that an address means but for the slash at its end.

    >>> _without_slash("/configuracoes/"), _without_slash("/configuracoes/fila/"), _without_slash("/outra/")
    ('/configuracoes', '/configuracoes/fila', None)
    """
    bare = path.rstrip("/")
    known = {f"{page.url}{below}" for page in PAGES for method, below in page.handlers if method == "GET"}
    return bare if path.endswith("/") and bare in known else None


def _page_of(path: str) -> Page:
    """The page of the navigation that an address belongs to, whatever stands below it.

    >>> _page_of("/configuracoes/flow/menu").title, _page_of("/configuracoes/painel/lista").title
    ('Flow Builder', 'Painel')
    """
    shown = [page for page in PAGES if page.group]
    belongs = [page for page in shown if path == page.url or (page.path and path.startswith(f"{page.url}/"))]
    return max(belongs, key=lambda page: len(page.url), default=shown[0])
