"""Painel: whether it is worth it. Today and the last 30 days, from the same queries as `segunda-via stats`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from urllib.parse import urlencode

from markupsafe import Markup

from segunda_via.flow import words
from segunda_via.flow.event import Event
from segunda_via.flow.stats import MONTH, Place
from segunda_via.flow.tally import Tally, together
from segunda_via.money import reais
from segunda_via.settings import panel
from segunda_via.web import charts, saving
from segunda_via.web.page import Answer, File, Html, Page, Redirect, Visit
from segunda_via.web.rendering import thousands

PAGE = Page("/painel", "Painel", "Início", "chart")
SHOWN = tuple(event for event in Event if event not in (Event.DOCUMENT_GIVEN, Event.NOTHING_TO_SEND))


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
def save(visit: Visit) -> Answer:
    typed = visit.form["minutos"].strip()
    minutes = panel.Panel(int(typed) if typed.isdecimal() and len(typed) < 5 else 0)
    refused = saving.attempt(
        visit,
        panel.NAME,
        lambda store: panel.save(store, visit.company, minutes, by=visit.operator, at=visit.app.now()),
    )
    return _page(visit, refused) if refused else Redirect(PAGE.url, "Salvo.")


@PAGE.get("/lista")
def listing(visit: Visit) -> Answer:
    """What a figure counts, one event a line; documents masked."""
    names = {event.value: name for event, name in words.NAMES.items()}
    wanted, reason = visit.query["evento"], visit.query["motivo"] or None
    if wanted not in names:
        return Html("error.html", {"title": "Lista não encontrada", "words": "Não há essa figura no painel."}, 404)
    event, period = Event(wanted), "hoje" if visit.query["periodo"] == "hoje" else "mes"
    days = visit.app.stats.days(visit.company, 1 if period == "hoje" else MONTH)
    whole = together(days.values())
    number = whole.reasons[reason] if reason else whole[event]
    rows, following = visit.app.stats.events(visit.company, event, min(days), reason, _place(visit.query["depois"]))
    before = int(visit.query["antes"]) if visit.query["antes"].isdecimal() else 0
    here = {"evento": wanted, "periodo": period, **({"motivo": reason} if reason else {})}
    values = {
        "title": names[wanted] + (f": {words.reason(reason)}" if reason else ""),
        "period": "hoje" if period == "hoje" else f"nos últimos {MONTH} dias",
        "rows": rows,
        "number": max(number, before + len(rows)),  # the list may have grown since the figure was counted
        "before": before,
        "newest": _address(here),
        "older": following and _address(here, following, before + len(rows)),
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


def _page(visit: Visit, refused: saving.Refused | None = None) -> Answer:
    days = visit.app.stats.days(visit.company)
    today, month = days[max(days)], together(days.values())
    minutes = panel.in_force(visit.app.settings, visit.company).minutes_per_ticket
    figures = [
        (words.NAMES[event], [(today[event], _list(event, "hoje")), (month[event], _list(event, "mes"))])
        for event in SHOWN
    ]
    most = max(month.reasons.values(), default=0)
    reasons = [
        (words.reason(code), number, charts.bar(number / most), _list(Event.HANDED_OVER, "mes", code))
        for code, number in month.reasons.most_common()
    ]
    values = {
        "title": "Painel",
        "problem": refused and refused.words,
        "version": saving.version(visit, panel.NAME),
        "tiles": _tiles(days, today, month, minutes),
        "figures": figures,
        "chart": charts.by_day(_asked_and_delivered(days)),
        "days": days,
        "asked": Event.ASKED,
        "delivered": Event.DELIVERED,
        "handed_over": Event.HANDED_OVER,
        "steps": _steps(month),
        "reasons": reasons,
        "speeds": month.speeds,
        "waits": month.speed and charts.waits(month.waits, month.speed.median, month.speed.p95),
        "seconds": words.seconds,
        "not_understood": visit.app.week.number(visit.company),
        "minutes": minutes,
        "month": MONTH,
    }
    return Html("panel.html", values, refused.status if refused else 200)


def _tiles(
    days: Mapping[date, Tally], today: Tally, month: Tally, minutes: int
) -> list[tuple[str, str, str, Markup]]:
    """Name, the month's figure, today's, and the line between them."""

    def tile(name: str, told: Callable[[Tally], str], drawn: Callable[[Tally], float]) -> tuple[str, str, str, Markup]:
        return name, told(month), told(today), charts.spark([drawn(tally) for tally in days.values()])

    return [
        tile("Boletos entregues", lambda t: thousands(t[Event.DELIVERED]), lambda t: t[Event.DELIVERED]),
        tile("Valor entregue", lambda t: reais(t.amount), lambda t: float(t.amount)),
        tile("Sem nenhuma pessoa", lambda t: thousands(t.untouched), lambda t: t.untouched),
        tile("Horas poupadas", lambda t: _hours(t.untouched * minutes), lambda t: t.untouched),
    ]


def _hours(minutes: int) -> str:
    """
    >>> _hours(4805), _hours(60 * 12345)
    ('80,1', '12.345,0')
    """
    return f"{minutes / 60:,.1f}".translate(str.maketrans(",.", ".,"))


def _steps(month: Tally) -> list[tuple[str, int, int, Markup]]:
    """From being asked to being finished: name, number, percent of what was asked for, and a bar of it."""
    asked = month[Event.ASKED] + month[Event.NEXT_ACCEPTED]
    steps = [
        ("Pedidos", asked, False),
        ("Faturas encontradas", month[Event.FOUND], False),
        ("Boletos entregues", month[Event.DELIVERED], False),
        ("Finalizados sem nenhuma pessoa", month.untouched, False),
        ("Sem fatura em aberto", month[Event.NOTHING_TO_SEND], True),
        ("Passados a uma pessoa", month[Event.HANDED_OVER], True),
        ("Abandonados", month[Event.ABANDONED], True),
    ]
    return [
        (name, number, round(100 * number / asked), charts.bar(number / asked, hollow))
        for name, number, hollow in steps
        if asked
    ]


def _asked_and_delivered(days: Mapping[date, Tally]) -> dict[date, tuple[int, int]]:
    return {
        day: (tally[Event.ASKED] + tally[Event.NEXT_ACCEPTED], tally[Event.DELIVERED]) for day, tally in days.items()
    }


def _list(event: Event, period: str, reason: str | None = None) -> str:
    return _address({"evento": event.value, "periodo": period, **({"motivo": reason} if reason else {})})


def _address(query: Mapping[str, str], after: Place | None = None, before: int = 0) -> str:
    place = {"depois": f"{after[0].isoformat()}_{after[1]}", "antes": str(before)} if after else {}
    return f"{PAGE.url}/lista?{urlencode({**query, **place})}"


def _place(written: str) -> Place | None:
    """
    >>> _place("2026-11-25T12:00:00+00:00_7")
    (datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.timezone.utc), 7)
    >>> _place("2026-11-25T12:00:00_7"), _place("x_y"), _place("")
    (None, None, None)
    """
    moment, _, number = written.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at.astimezone(timezone.utc), int(number)) if at.tzinfo and len(number) < 10 else None
    except (ValueError, OverflowError):
        return None
