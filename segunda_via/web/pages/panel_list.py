"""The list behind a figure of the panel: one event a line, documents masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlencode

from segunda_via.boletos.formatting import reais
from segunda_via.gateways import registry
from segunda_via.metrics import display_names
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.figures import FIGURES
from segunda_via.metrics.stats import MONTH, Place
from segunda_via.metrics.tally import total
from segunda_via.web.page import Answer, Html, Page, Visit

PAGE = Page("/painel/lista", "Lista")
TODAY, IN_MONTH = "hoje", "mes"


@PAGE.get()
def show(visit: Visit) -> Answer:
    wanted, reason = visit.query["evento"] or MetricEvent.DELIVERED.value, visit.query["motivo"] or None
    figure = FIGURES.get(wanted)
    if figure is None:
        return Html("error.html", {"title": "Lista não encontrada", "words": "Não há essa figura no painel."}, 404)
    month = visit.app.stats.days(visit.company)
    first, last, period = _period(visit.query["periodo"], min(month), max(month))
    number = figure.number(total(month[first + timedelta(days=n)] for n in range((last - first).days + 1)), reason)
    rows, following = visit.app.stats.events(visit.company, figure, first, last, reason, _place(visit.query["depois"]))
    before = int(visit.query["antes"]) if visit.query["antes"].isdecimal() else 0
    here = {"evento": wanted, "periodo": visit.query["periodo"], **({"motivo": reason} if reason else {})}
    values = {
        "title": figure.name + (f": {display_names.reason(reason)}" if reason else ""),
        "period": period,
        "rows": rows,
        "number": max(number, before + len(rows)),  # the list may have grown since the figure was counted
        "before": before,
        "newest": _address(here),
        "older": following and _address(here, following, before + len(rows)),
        "reais": reais,
        "reason": display_names.reason,
        "called": registry.label,
    }
    return Html("panel_list.html", values)


def address(figure: str, period: str, reason: str | None = None) -> str:
    """Where that figure's list stands; `period` is TODAY, IN_MONTH or a day in ISO's way."""
    return _address({"evento": figure, "periodo": period, **({"motivo": reason} if reason else {})})


def _period(written: str, first: date, today: date) -> tuple[date, date, str]:
    """From which day to which, and in words."""
    if written == TODAY:
        return today, today, "hoje"
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return first, today, f"nos últimos {MONTH} dias"
    day = min(max(day, first), today)
    return day, day, f"em {day:%d/%m/%Y}"


def _address(query: Mapping[str, str], after: Place | None = None, before: int = 0) -> str:
    place = {"depois": f"{after[0].isoformat()}_{after[1]}", "antes": str(before)} if after else {}
    return f"{PAGE.url}?{urlencode({**query, **place})}"


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
