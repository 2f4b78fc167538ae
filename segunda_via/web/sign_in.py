"""Getting in and out: signing in, signing out, and the first-access link."""

from __future__ import annotations

import asyncio

from sanic.request import Request
from sanic.response import HTTPResponse

from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError
from segunda_via.operators import devices
from segunda_via.operators.sessions import LIFETIME
from segunda_via.storage import audit_trail
from segunda_via.web import csrf
from segunda_via.web.page import ROOT, Form, Html
from segunda_via.web.pages import PAGES
from segunda_via.web.requests import DEVICE, SESSION, VISITOR, read_form
from segunda_via.web.screen import Screen

_HASHING = asyncio.Semaphore(2)
"""A password costs 40 ms of a core: strangers must not take them all from the customers."""


async def ask(screen: Screen, request: Request, *, expired: bool = False, problem: str | None = None) -> HTTPResponse:
    """The sign-in page, in the place of any other."""
    first = not await asyncio.to_thread(screen.app.operators.any, COMPANY)
    visitor = screen.visitor(request)
    if expired and problem is None:
        problem = "Sua sessão terminou. Entre de novo; o que não foi salvo se perdeu."
    answer = Html(
        "sign_in.html",
        {
            "title": "Entrar",
            "problem": problem,
            "first": first,
            "file": str(screen.app.first_access.file),
            "csrf": csrf.token(screen.key, visitor),
            "to": request.path if request.path in {page.url for page in PAGES} else ROOT,
        },
        401 if request.method == "POST" or problem else 200,
    )
    response = await screen.answer(request, answer, None)
    screen.set_cookie(request, response, VISITOR, visitor, 3600)
    return response


async def sign_in(screen: Screen, request: Request) -> HTTPResponse:
    if request.method == "GET":
        return screen.redirect(ROOT)
    form = await read_form(request)
    if not screen.is_ours(request, form, request.cookies.get(VISITOR)):
        return await ask(screen, request, problem="A página de entrada era antiga. Tente de novo.")
    app, name = screen.app, form["nome"][:200]
    address, device = screen.asked(request).address, app.known_devices.known(request.cookies.get(DEVICE), name)
    wait = await asyncio.to_thread(app.throttle.admit, name, address, device)
    if wait:
        return await ask(screen, request, problem=f"Muitas tentativas. Tente de novo em {_span(wait)}.")
    async with _HASHING:
        operator = await asyncio.to_thread(app.operators.verified, COMPANY, name, form["senha"])
    if operator is None:
        await asyncio.to_thread(_note_failure, screen, name, address)
        return await ask(screen, request, problem="Nome ou senha não conferem.")
    await asyncio.to_thread(app.throttle.succeeded, name, address, device)
    return await _let_in(screen, request, operator.id, operator.name, form)


async def sign_out(screen: Screen, request: Request) -> HTTPResponse:
    form = await read_form(request)
    cookie = request.cookies.get(SESSION)
    session = await asyncio.to_thread(screen.app.operator_sessions.find, cookie)
    if session is not None and screen.is_ours(request, form, session.secret):
        if form["todos"]:
            await asyncio.to_thread(screen.app.operator_sessions.end_all, session.operator_id)
            await asyncio.to_thread(_note, screen, session.operator, "signed_out_everywhere")
        else:
            await asyncio.to_thread(screen.app.operator_sessions.end, cookie)
    response = screen.redirect(ROOT)
    screen.set_cookie(request, response, SESSION, "", 0)
    return response


async def first_access(screen: Screen, request: Request, token: str) -> HTTPResponse:
    form, app, problem = await read_form(request), screen.app, None
    if not await asyncio.to_thread(app.first_access.is_open, COMPANY, token):
        return await screen.error("Link já usado", "Este link não vale mais. Entre com seu nome e sua senha.", 410)
    visitor = screen.visitor(request)
    if request.method == "POST":
        if not screen.is_ours(request, form, request.cookies.get(VISITOR)):
            problem = "A página era antiga. Tente de novo."
        elif form["senha"] != form["repetida"]:
            problem = "As duas senhas não são iguais."
        else:
            try:
                async with _HASHING:
                    operator = await asyncio.to_thread(
                        app.first_access.claim, COMPANY, token, form["nome"], form["senha"]
                    )
                return await _let_in(screen, request, operator.id, operator.name, form)
            except ConfigurationError as error:
                problem = f"{str(error)[:1].upper()}{str(error)[1:]}."
    values = {"title": "Primeiro acesso", "problem": problem, "name": form["nome"]}
    answer = Html("first_access.html", {**values, "csrf": csrf.token(screen.key, visitor)}, 400 if problem else 200)
    response = await screen.answer(request, answer, None)
    screen.set_cookie(request, response, VISITOR, visitor, 3600)
    return response


async def _let_in(screen: Screen, request: Request, operator_id: int, name: str, form: Form) -> HTTPResponse:
    """A new session, whatever the browser brought along, and on to the page that was asked for."""
    cookie = await asyncio.to_thread(screen.app.operator_sessions.start, operator_id)
    await asyncio.to_thread(_note, screen, name, "signed_in")
    response = screen.redirect(form["para"] if form["para"] in {page.url for page in PAGES} else ROOT)
    screen.set_cookie(request, response, SESSION, cookie, int(LIFETIME.total_seconds()))
    device = screen.app.known_devices.mark(name)
    screen.set_cookie(request, response, DEVICE, device, int(devices.LIFETIME.total_seconds()))
    screen.set_cookie(request, response, VISITOR, "", 0)
    return response


def _note_failure(screen: Screen, name: str, address: str) -> None:
    """Into the trail, with the address; a name that no operator has is not kept: it may be a password."""
    who = screen.app.operators.known(COMPANY, name) or "nome desconhecido"
    _note(screen, who, "sign_in_failed", address)


def _note(screen: Screen, who: str, event: str, detail: str | None = None) -> None:
    with screen.app.engine.begin() as connection:
        audit_trail.record(connection, COMPANY, who, event, detail, screen.app.now())


def _span(seconds: int) -> str:
    return f"{seconds} segundos" if seconds < 90 else f"{-(-seconds // 60)} minutos"
