"""Painel: whether it is worth it. Today and the last 30 days, from the same queries as `segunda-via stats`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from segunda_via.boletos.formatting import reais, thousands
from segunda_via.gateways import registry
from segunda_via.metrics import display_names
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.figures import FIGURES, REQUESTS, UNTOUCHED
from segunda_via.metrics.stats import MONTH
from segunda_via.metrics.tally import Tally, total
from segunda_via.settings.panel import PANEL_SETTING, PanelSettings
from segunda_via.web import charts, saving
from segunda_via.web.page import Answer, File, Html, Page, Redirect, Visit
from segunda_via.web.pages.panel_list import IN_MONTH, TODAY, address

PAGE = Page("/painel", "Painel", "Início", "chart")
DELIVERED, HANDED_OVER = MetricEvent.DELIVERED.value, MetricEvent.HANDED_OVER.value
NOT_DELIVERED = (MetricEvent.NOTHING_TO_SEND.value, HANDED_OVER, MetricEvent.ABANDONED.value)
IN_A_DAY = (REQUESTS, DELIVERED, HANDED_OVER)
SHOWN = tuple(event for event in MetricEvent if event not in (MetricEvent.DOCUMENT_GIVEN, MetricEvent.NOTHING_TO_SEND))


@PAGE.get()
def show(visit: Visit) -> Answer:
    return _page(visit)


@PAGE.post()
def save(visit: Visit) -> Answer:
    typed = visit.form["minutos"].strip()
    minutes = PanelSettings(int(typed) if typed.isdecimal() and len(typed) < 5 else 0)
    refused = saving.save(visit, PANEL_SETTING, lambda: minutes)
    return _page(visit, refused) if refused else Redirect(PAGE.url, "Salvo.")


@PAGE.get("/csv")
def export(visit: Visit) -> Answer:
    """The days, without a word about anyone."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Dia", *display_names.NAMES.values(), "Valor entregue", "Sem nenhuma pessoa"])
    for day, tally in visit.app.stats.days(visit.company).items():
        amount = f"{tally.amount:.2f}".replace(".", ",")
        writer.writerow([f"{day:%d/%m/%Y}", *(tally[event] for event in display_names.NAMES), amount, tally.untouched])
    name = f"segunda-via-{visit.app.today():%Y-%m-%d}.csv"
    return File(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", name)


def _page(visit: Visit, refused: saving.SaveRefused | None = None) -> Answer:
    days = visit.app.stats.days(visit.company)
    today, month = days[max(days)], total(days.values())
    minutes = PANEL_SETTING.in_force(visit.app.settings, visit.company).minutes_per_ticket
    figures = [
        (name, [(today[event], address(event.value, TODAY)), (month[event], address(event.value, IN_MONTH))])
        for event, name in display_names.NAMES.items()
        if event in SHOWN
    ]
    most = max(month.reasons.values(), default=0)
    reasons = [
        (
            display_names.reason(code),
            (today.reasons[code], address(HANDED_OVER, TODAY, code)),
            (number, address(HANDED_OVER, IN_MONTH, code)),
            charts.bar(number / most),
        )
        for code, number in month.reasons.most_common()
    ]
    values = {
        "title": "Painel",
        "problem": refused and refused.words,
        "version": saving.version(visit, PANEL_SETTING),
        "tiles": _tiles(days, today, month, minutes),
        "figures": figures,
        "chart": charts.by_day(_asked_and_delivered(days)),
        "days": [
            (day, [(FIGURES[name].number(tally), address(name, day.isoformat())) for name in IN_A_DAY])
            for day, tally in days.items()
        ],
        "steps": _steps(month),
        "reasons": reasons,
        "speeds": [(f"{MONTH} dias", month.speeds), ("hoje", today.speeds)],
        "called": registry.label,
        "waits": month.speed and charts.waits(month.waits, month.speed.median, month.speed.p95),
        "seconds": display_names.seconds,
        "not_understood": visit.app.misunderstood_store.number(visit.company),
        "minutes": minutes,
        "month": MONTH,
    }
    return Html("panel.html", values, refused.status if refused else 200)


class Tile(NamedTuple):
    name: str
    month: str
    today: str
    line: Markup
    figure: str

    def list_of(self, period: str) -> str:
        return address(self.figure, period)


def _tiles(days: Mapping[date, Tally], today: Tally, month: Tally, minutes: int) -> list[Tile]:
    def tile(name: str, figure: str, told: Callable[[Tally], str], drawn: Callable[[Tally], float]) -> Tile:
        return Tile(name, told(month), told(today), charts.spark([drawn(tally) for tally in days.values()]), figure)

    delivered = FIGURES[DELIVERED].number
    return [
        tile("Boletos entregues", DELIVERED, lambda t: thousands(delivered(t)), delivered),
        tile("Valor entregue", DELIVERED, lambda t: reais(t.amount), lambda t: float(t.amount)),
        tile("Sem nenhuma pessoa", UNTOUCHED, lambda t: thousands(t.untouched), lambda t: t.untouched),
        tile("Horas poupadas", UNTOUCHED, lambda t: _hours(t.untouched * minutes), lambda t: t.untouched),
    ]


def _hours(minutes: int) -> str:
    """
    >>> _hours(4805), _hours(60 * 12345)
    ('80,1', '12.345,0')
    """
    return f"{minutes / 60:,.1f}".translate(str.maketrans(",.", ".,"))


def _steps(month: Tally) -> list[tuple[str, int, str, int, Markup]]:
    """What became of what was asked for: name, number, its list, percent, and a bar of it; hollow, what was not."""
    asked = FIGURES[REQUESTS].number(month)
    steps = [
        (FIGURES[name].name, FIGURES[name].number(month), address(name, IN_MONTH), name in NOT_DELIVERED)
        for name in (REQUESTS, MetricEvent.FOUND.value, DELIVERED, UNTOUCHED, *NOT_DELIVERED)
    ]
    return [
        (name, number, listed, round(100 * number / asked), charts.bar(number / asked, hollow))
        for name, number, listed, hollow in steps
        if asked
    ]


def _asked_and_delivered(days: Mapping[date, Tally]) -> dict[date, tuple[int, int]]:
    return {day: (FIGURES[REQUESTS].number(tally), tally[MetricEvent.DELIVERED]) for day, tally in days.items()}
