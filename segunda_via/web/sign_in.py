"""Getting in and out: signing in, signing out, and the first-access link."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError
from segunda_via.operators import devices
from segunda_via.operators.accounts import Operator
from segunda_via.operators.sessions import LIFETIME
from segunda_via.storage import audit_trail
from segunda_via.web import csrf
from segunda_via.web.cookies import DEVICE, SESSION, VISITOR
from segunda_via.web.page import ROOT, Form, Html, read_form
from segunda_via.web.pages import PAGES
from segunda_via.web.screen import Screen

_ADDRESSES = frozenset(page.url for page in PAGES)
"""Where one may want to go on to."""


class SignIn:
    """The entrance of that screen. Its methods are endpoints, but for `instead`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._app = screen.app
        # A password costs 40 ms of a core: strangers must not take them all from the customers.
        self._hashing = asyncio.Semaphore(2)

    async def instead(self, request: Request, error: Exception) -> Response:
        """The sign-in page in the place of any other: what becomes of `NotSignedIn`."""
        ended = "Sua sessão terminou. Entre de novo; o que não foi salvo se perdeu."
        return await self._page(request, ended if SESSION in request.cookies else None)

    async def sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return RedirectResponse(ROOT, 303)
        screen, app = self._screen, self._app
        form = await read_form(request)
        if not screen.is_ours(request, form, request.cookies.get(VISITOR)):
            return await self._page(request, "A página de entrada era antiga. Tente de novo.")
        name = form["nome"][:200]
        address, device = screen.asked(request).address, app.known_devices.known(request.cookies.get(DEVICE), name)
        wait = await asyncio.to_thread(lambda: app.throttle.admit(name, address, device))
        if wait:
            return await self._page(request, f"Muitas tentativas. Tente de novo em {_span(wait)}.")
        async with self._hashing:
            operator = await asyncio.to_thread(app.operators.verified, COMPANY, name, form["senha"])
        if operator is None:
            await asyncio.to_thread(self._note_failure, name, address)
            return await self._page(request, "Nome ou senha não conferem.")
        await asyncio.to_thread(app.throttle.succeeded, name, address, device)
        return await self._let_in(request, operator, form)

    async def sign_out(self, request: Request) -> Response:
        form = await read_form(request)
        session = await asyncio.to_thread(self._screen.session, request)
        if session is not None and self._screen.is_ours(request, form, session.secret):
            sessions = self._app.operator_sessions
            if form["todos"]:
                await asyncio.to_thread(sessions.end_all, session.operator_id)
                await asyncio.to_thread(self._note, session.operator, "signed_out_everywhere")
            else:
                await asyncio.to_thread(sessions.end, request.cookies[SESSION])
        response = RedirectResponse(ROOT, 303)
        self._screen.drop_cookie(request, response, SESSION)
        return response

    async def first_access(self, request: Request) -> Response:
        token, form = request.path_params["token"], await read_form(request)
        if not await asyncio.to_thread(lambda: self._app.first_access.is_open(COMPANY, token)):
            raise HTTPException(410)
        problem = None
        if request.method == "POST":
            try:
                operator = await self._claimed(request, token, form)
            except ConfigurationError as error:
                problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
            else:
                return await self._let_in(request, operator, form)
        values = {"title": "Primeiro acesso", "problem": problem, "name": form["nome"]}
        return await self._for_visitor(request, Html("first_access.html", values, 400 if problem else 200))

    async def _claimed(self, request: Request, token: str, form: Form) -> Operator:
        """The first operator, just made; ConfigurationError, in words, when the form won't do."""
        if not self._screen.is_ours(request, form, request.cookies.get(VISITOR)):
            raise ConfigurationError("a página era antiga. Tente de novo")
        if form["senha"] != form["repetida"]:
            raise ConfigurationError("as duas senhas não são iguais")
        async with self._hashing:
            return await asyncio.to_thread(self._app.first_access.claim, COMPANY, token, form["nome"], form["senha"])

    async def _page(self, request: Request, problem: str | None) -> Response:
        first = not await asyncio.to_thread(lambda: self._app.operators.any(COMPANY))
        path = request.scope["path"]
        values = {
            "title": "Entrar",
            "problem": problem,
            "first": first,
            "file": str(self._app.first_access.file),
            "to": path if path in _ADDRESSES else ROOT,
        }
        status = 401 if request.method == "POST" or problem else 200
        return await self._for_visitor(request, Html("sign_in.html", values, status))

    async def _for_visitor(self, request: Request, page: Html) -> Response:
        """A page whose form is bound to a cookie of who has no session yet."""
        visitor = self._screen.visitor(request)
        bound = Html(page.template, {**page.values, "csrf": csrf.token(self._screen.key, visitor)}, page.status)
        response = await self._screen.response(request, bound, None)
        self._screen.set_cookie(request, response, VISITOR, visitor, 3600)
        return response

    async def _let_in(self, request: Request, operator: Operator, form: Form) -> Response:
        """A new session, whatever the browser brought along, and on to the page that was asked for."""
        screen, app = self._screen, self._app
        cookie = await asyncio.to_thread(app.operator_sessions.start, operator.id)
        await asyncio.to_thread(self._note, operator.name, "signed_in")
        response = RedirectResponse(form["para"] if form["para"] in _ADDRESSES else ROOT, 303)
        screen.set_cookie(request, response, SESSION, cookie, int(LIFETIME.total_seconds()))
        device = app.known_devices.mark(operator.name)
        screen.set_cookie(request, response, DEVICE, device, int(devices.LIFETIME.total_seconds()))
        screen.drop_cookie(request, response, VISITOR)
        return response

    def _note_failure(self, name: str, address: str) -> None:
        """Into the trail, with the address; a name that no operator has is not kept: it may be a password."""
        who = self._app.operators.known(COMPANY, name) or "nome desconhecido"
        self._note(who, "sign_in_failed", address)

    def _note(self, who: str, event: str, detail: str | None = None) -> None:
        with self._app.engine.begin() as connection:
            audit_trail.record(connection, COMPANY, who, event, detail, self._app.now())


def _span(seconds: int) -> str:
    return f"{seconds} segundos" if seconds < 90 else f"{-(-seconds // 60)} minutos"
