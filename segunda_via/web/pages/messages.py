"""Mensagens: every text that customers read, by situation; each can be changed, previewed, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from segunda_via.conversation import domain_file
from segunda_via.conversation.response_rules import LONGEST, checked, variables
from segunda_via.conversation.response_store import ResponseVersion
from segunda_via.conversation.responses import OPTIONAL, QUESTION, lay_over, variant_of
from segunda_via.errors import ConfigurationError
from segunda_via.web import response_catalogue
from segunda_via.web.page import Answer, File, Form, Html, Page, Redirect, Visit
from segunda_via.web.rendering import render
from segunda_via.web.response_catalogue import Place

PAGE = Page("/mensagens", "Mensagens", "Atendimento", "message")


@PAGE.get()
def show(visit: Visit) -> Answer:
    responses = domain_file.responses()
    saved = visit.app.saved_responses.in_force(visit.company)
    laid = lay_over(responses, saved)
    changed = {place for place in saved.texts if place[0] in responses}
    situations = [
        (situation, [(place, _text(laid, place), (place.response, place.channel) in changed) for place in places])
        for situation, places in response_catalogue.places(responses)
    ]
    values = {"title": "Mensagens", "situations": situations, "sample": response_catalogue.sample, "address": _address}
    return Html("messages.html", values)


@PAGE.get("/editar")
def edit(visit: Visit) -> Answer:
    place = _place(visit.query)
    return _editor(visit, place, None) if place else _unknown()


@PAGE.post("/editar")
def save(visit: Visit) -> Answer:
    form, place = visit.form, _place(visit.form)
    if place is None:
        return _unknown()
    typed = None if form["original"] else form["texto_novo"]
    if form["ver"]:
        return _editor(visit, place, typed)
    number = int(form["versao"]) if form["versao"].isdecimal() else 0
    try:
        saved = visit.app.saved_responses.save(
            visit.company,
            place.response,
            _original(place),
            typed,
            by=visit.operator,
            at=visit.app.now(),
            based_on=number,
        )
    except ConfigurationError as error:
        return _editor(visit, place, typed, str(error))
    words = "Salvo. Os clientes já leem o novo texto." if saved else "Nada mudou."
    return Redirect(f"{PAGE.url}/editar?{_address(place)}", words)


@PAGE.post("/previa")
def preview(visit: Visit) -> Answer:
    """The preview alone, for the script that renews it while one types."""
    place = _place(visit.form)
    if place is None:
        return _unknown()
    html = render("message_preview.html", **_preview(place, visit.form["texto_novo"]))
    return File(html.encode(), "text/html; charset=utf-8")


def _editor(visit: Visit, place: Place, typed: str | None, refused: str | None = None) -> Answer:
    original = _original(place)
    versions = visit.app.saved_responses.versions(visit.company, place.response, place.channel)
    in_force = _text(lay_over(domain_file.responses(), visit.app.saved_responses.in_force(visit.company)), place)
    text = typed if typed is not None else _chosen(versions, visit.query["numero"]) or in_force
    values = {
        "title": place.title,
        "place": place,
        "text": text,
        "in_force": in_force,
        "original": str(original["text"]).strip(),
        "variables": _variables(place),
        "versions": versions,
        "version": visit.form["versao"] if refused else str(versions[0].number if versions else 0),
        "refused": refused,
        "is_question": place.response == QUESTION,
        "address": _address(place),
        "sample": response_catalogue.sample,
        **_preview(place, text),
    }
    return Html("message.html", values, 400 if refused else 200)


def _preview(place: Place, text: str) -> dict[str, Any]:
    original = _original(place)
    try:
        clean = checked(text, variables(str(original["text"])), OPTIONAL.get(place.response, ()))
        problem = None
    except ConfigurationError as error:
        clean, problem = text.replace("\r\n", "\n"), str(error)
    buttons = [str(button.get("title", "")) for button in original.get("buttons") or ()]
    return {
        "shown": response_catalogue.sample(clean),
        "wrong": problem,
        "length": len(clean),
        "longest": LONGEST,
        "buttons": buttons,
    }


def _variables(place: Place) -> list[tuple[str, str, bool]]:
    """Name, example, and whether the text must have it."""
    required = variables(str(_original(place)["text"]))
    names = [*required, *(name for name in OPTIONAL.get(place.response, ()) if name not in required)]
    return [(f"{{{name}}}", response_catalogue.SAMPLES.get(name, ""), name in required) for name in names]


def _chosen(versions: list[ResponseVersion], number: str) -> str | None:
    return next((each.text for each in versions if str(each.number) == number), None)


def _place(form: Form) -> Place | None:
    for _, found in response_catalogue.places(domain_file.responses()):
        for place in found:
            if (place.response, place.channel) == (form["texto"], form["canal"]):
                return place
    return None


def _original(place: Place) -> Mapping[str, Any]:
    variants = domain_file.responses()[place.response]
    return variants[variant_of(variants, place.channel) or 0]


def _text(laid: Mapping[str, Any], place: Place) -> str:
    variants = laid[place.response]
    return str(variants[variant_of(variants, place.channel) or 0]["text"]).strip()


def _address(place: Place) -> str:
    return urlencode({"texto": place.response, **({"canal": place.channel} if place.channel else {})})


def _unknown() -> Answer:
    return Html("error.html", {"title": "Texto não encontrado", "words": "Este texto não existe (mais)."}, 404)
