"""Alertas e suporte: who is told when something breaks, and whom an operator asks."""

from __future__ import annotations

from segunda_via.errors import ConfigurationError, SavedMeanwhile
from segunda_via.settings.contacts import ALERTS_SETTING, DEFAULT_SUPPORT, SUPPORT_SETTING
from segunda_via.web import saving
from segunda_via.web.page import Answer, Html, Page, Redirect, Visit

PAGE = Page("/alertas", "Alertas e suporte", "Sistema", "bell")


@PAGE.get()
def show(visit: Visit) -> Answer:
    store = visit.app.settings
    contact = SUPPORT_SETTING.in_force(store, visit.company)
    url = ALERTS_SETTING.in_force(store, visit.company)
    return _page(visit, url, "" if contact == DEFAULT_SUPPORT else contact, None, 200)


@PAGE.post()
def save(visit: Visit) -> Answer:
    form, app = visit.form, visit.app
    try:
        with app.settings.unchanged_since(
            alerts=form["versao_alertas"], support=form["versao_suporte"]
        ).together() as store:
            ALERTS_SETTING.save(store, visit.company, form["url"], by=visit.operator, at=app.now())
            SUPPORT_SETTING.save(store, visit.company, form["contato"], by=visit.operator, at=app.now())
    except SavedMeanwhile as error:
        return _page(visit, form["url"], form["contato"], str(error), 409)
    except ConfigurationError as error:
        return _page(visit, form["url"], form["contato"], str(error), 400)
    return Redirect(PAGE.url, "Salvo.")


def _page(visit: Visit, url: str, contact: str, problem: str | None, status: int) -> Answer:
    values = {
        "title": "Alertas e suporte",
        "url": url,
        "contact": contact,
        "default": DEFAULT_SUPPORT,
        "problem": problem,
        "version_alerts": saving.version(visit, ALERTS_SETTING),
        "version_support": saving.version(visit, SUPPORT_SETTING),
    }
    return Html("contacts.html", values, status)
