"""Alertas e suporte: who is told when something breaks, and whom an operator asks."""

from __future__ import annotations

from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.settings import contacts
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/alertas", "Alertas e suporte", "Sistema", "bell")


@PAGE.get()
def show(visit: Visit) -> Answer:
    store = visit.app.settings
    saved = store.get(visit.company, contacts.SUPPORT)
    return _page(
        visit, contacts.alert_url(store, visit.company) or "", str(saved.value["contact"]) if saved else "", None, 200
    )


@PAGE.post()
def save(visit: Visit) -> Answer:
    form, app = visit.form, visit.app
    try:
        with app.settings.unchanged_since(
            alerts=form["versao_alertas"], support=form["versao_suporte"]
        ).together() as store:
            contacts.save_alert_url(store, visit.company, form["url"], by=visit.operator, at=app.now())
            contacts.save_support(store, visit.company, form["contato"], by=visit.operator, at=app.now())
    except SavedMeanwhile as error:
        return _page(visit, form["url"], form["contato"], str(error), 409)
    except ConfigurationError as error:
        return _page(visit, form["url"], form["contato"], str(error), 400)
    return Redirect(PAGE.url, "Salvo.")


def _page(visit: Visit, url: str, contact: str, problem: str | None, status: int) -> Answer:
    store = visit.app.settings
    values = {
        "title": "Alertas e suporte",
        "url": url,
        "contact": contact,
        "default": contacts.DEFAULT_SUPPORT,
        "problem": problem,
        "version_alerts": store.version(visit.company, contacts.ALERTS) or "",
        "version_support": store.version(visit.company, contacts.SUPPORT) or "",
    }
    return Html("contacts.html", values, status)
