"""Operadores: who may enter, one's own password, and signing out everywhere."""

from __future__ import annotations

from segunda_via.errors import ConfigurationError
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/operadores", "Operadores", "Sistema", "people")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post("/senha")
def change_password(visit: Visit) -> Answer:
    app, form = visit.app, visit.form
    wait = app.throttle.admit_change(visit.operator)
    if wait:
        return _page(visit, f"muitas tentativas: espere {wait} segundos", 429)
    if app.operators.verified(visit.company, visit.operator, form["atual"]) is None:
        return _page(visit, "a senha atual não confere", 400)
    app.throttle.changed(visit.operator)
    if form["nova"] != form["repetida"]:
        return _page(visit, "as duas senhas novas não são iguais", 400)
    try:
        app.operators.change_password(visit.company, visit.operator, form["nova"], by=visit.operator)
    except ConfigurationError as error:
        return _page(visit, str(error), 400)
    return Redirect("/configuracoes", "Senha trocada. Entre com a nova.")


def _page(visit: Visit, problem: str | None = None, status: int = 200) -> Answer:
    values = {"title": "Operadores", "operators": visit.app.operators.all(visit.company), "problem": problem}
    return Html("account.html", values, status)
