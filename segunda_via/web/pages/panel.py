"""Painel: whether it is worth it. Today and the last 30 days, from the same queries as `segunda-via stats`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from segunda_via.errors import ConfigurationError
from segunda_via.flow import words
from segunda_via.flow.events import Event
from segunda_via.flow.stats import MONTH
from segunda_via.flow.tally import Tally, together
from segunda_via.money import reais
from segunda_via.settings import panel
from segunda_via.web import charts
from segunda_via.web.page import Answer, File, Html, Page, Redirect, Visit

PAGE = Page("/painel", "Painel", "Início", "chart")
LISTED = 200
SHOWN = tuple(event for event in Event if event not in (Event.DOCUMENT_GIVEN, Event.NOTHING_TO_SEND))


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
def save(visit: Visit) -> Answer:
    typed = visit.form["minutos"].strip()
    try:
        minutes = panel.Panel(int(typed) if typed.isdecimal() and len(typed) < 5 else 0)
        panel.save(visit.app.settings, visit.company, minutes, by=visit.operator, at=visit.app.now())
    except ConfigurationError as error:
        return _page(visit, str(error))
    return Redirect(PAGE.url, "Salvo.")


@PAGE.get("/lista")
def listing(visit: Visit) -> Answer:
    """What a figure counts, one event a line; documents masked."""
    names = {event.value: name for event, name in words.NAMES.items()}
    wanted, reason = visit.query["evento"], visit.query["motivo"] or None
    if wanted not in names:
        return Html("error.html", {"title": "Lista não encontrada", "words": "Não há essa figura no painel."}, 404)
    today = visit.query["periodo"] == "hoje"
    first = visit.app.today() - timedelta(days=0 if today else MONTH - 1)
    rows, number = visit.app.stats.events(visit.company, Event(wanted), first, reason, LISTED)
    values = {
        "title": names[wanted] + (f": {words.reason(reason)}" if reason else ""),
        "period": "hoje" if today else f"nos últimos {MONTH} dias",
        "rows": rows,
        "number": number,
        "reais": reais,
        "reason": words.reason,
    }
    return Html("panel_list.html", values)


@PAGE.get("/csv")
def export(visit: Visit) -> Answer:
    """The days, without a word about anyone."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Dia", *words.NAMES.values(), "Valor entregue", "Sem nenhuma pessoa"])
    for day, tally in visit.app.stats.days(visit.company).items():
        amount = f"{tally.amount:.2f}".replace(".", ",")
        writer.writerow([f"{day:%d/%m/%Y}", *(tally[event] for event in words.NAMES), amount, tally.untouched])
    name = f"segunda-via-{visit.app.today():%Y-%m-%d}.csv"
    return File(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)


def _page(visit: Visit, problem: str | None = None) -> Answer:
    days = visit.app.stats.days(visit.company)
    today, month = days[max(days)], together(days.values())
    minutes = panel.in_force(visit.app.settings, visit.company).minutes_per_ticket
    figures = [
        (words.NAMES[event], [(today[event], _list(event, "hoje")), (month[event], _list(event, "mes"))])
        for event in SHOWN
    ]
    reasons = [(code, words.reason(code), number) for code, number in month.reasons.most_common()]
    values = {
        "title": "Painel",
        "problem": problem,
        "periods": [("Hoje", _summary(today, minutes)), (f"Últimos {MONTH} dias", _summary(month, minutes))],
        "figures": figures,
        "chart": charts.by_day(_asked_and_delivered(days), ("pedidos", "entregues")),
        "days": days,
        "asked": Event.ASKED,
        "delivered": Event.DELIVERED,
        "handed_over": Event.HANDED_OVER,
        "reasons": [
            (name, number, bar, _list(Event.HANDED_OVER, "mes", code))
            for (code, _, _), (name, number, bar) in zip(
                reasons, charts.ranking([(name, number) for _, name, number in reasons]), strict=True
            )
        ],
        "speeds": month.speeds,
        "seconds": words.seconds,
        "not_understood": visit.app.week.number(visit.company),
        "minutes": minutes,
        "month": MONTH,
    }
    return Html("panel.html", values, 400 if problem else 200)


def _summary(tally: Tally, minutes: int) -> dict[str, str]:
    hours = f"{tally.untouched * minutes / 60:.1f}".replace(".", ",")
    return {
        "delivered": str(tally[Event.DELIVERED]),
        "amount": reais(tally.amount),
        "untouched": str(tally.untouched),
        "hours": hours,
    }


def _asked_and_delivered(days: Mapping[date, Tally]) -> dict[date, tuple[int, int]]:
    return {
        day: (tally[Event.ASKED] + tally[Event.NEXT_ACCEPTED], tally[Event.DELIVERED]) for day, tally in days.items()
    }


def _list(event: Event, period: str, reason: str | None = None) -> str:
    query = {"evento": event.value, "periodo": period, **({"motivo": reason} if reason else {})}
    return f"{PAGE.url}/lista?{urlencode(query)}"
