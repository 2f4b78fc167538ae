"""Estado: everything at a glance. Its lights are in the head of every page too, which renews them by script."""

from __future__ import annotations

from segunda_via.operations.probes.probe import known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.web.page import Answer, File, Html, Page, Visit
from segunda_via.web.rendering import render

PAGE = Page("", "Estado", "Início", "pulse")


@PAGE.get()
def show(visit: Visit) -> Answer:
    return Html("overview.html", {"title": "Estado"})


@PAGE.get("/luzes")
def lights(visit: Visit) -> Answer:
    """The head's lights alone, for the script that renews them."""
    html = render("lights.html", lights=known(PROBES, visit.app, visit.company), root="/configuracoes")
    return File(html.encode(), "text/html; charset=utf-8")
