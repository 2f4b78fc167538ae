"""`segunda-via stats`: the panel's figures, in the terminal."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from segunda_via import app as composition
from segunda_via.boletos.formatting import reais
from segunda_via.company import COMPANY
from segunda_via.gateways import registry
from segunda_via.metrics import display_names
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.stats import MONTH
from segunda_via.metrics.tally import Tally, total
from segunda_via.settings.panel import PANEL_SETTING


def command(
    days: Annotated[int, typer.Option(min=1, max=366, help="Quantos dias, com hoje.")] = MONTH,
    as_json: Annotated[bool, typer.Option("--json", help="Para outro programa.")] = False,
) -> None:
    """Quanto o assistente atendeu, hoje e nos últimos dias."""
    root = composition.build()
    try:
        today, period = root.stats.today(COMPANY), total(root.stats.days(COMPANY, days).values())
        minutes = PANEL_SETTING.in_force(root.settings, COMPANY).minutes_per_ticket
    finally:
        asyncio.run(root.close())
    if as_json:
        typer.echo(json.dumps({"today": _plain(today), "period": {"days": days, **_plain(period)}}, ensure_ascii=False))
        return
    console = Console()
    console.print(_figures(today, period, days, minutes))
    for title, tally in (("hoje", today), (f"{days} dias", period)):
        for gateway, speed in tally.speeds.items():
            median, p95 = display_names.seconds(speed.median), display_names.seconds(speed.p95)
            name = registry.label(gateway)
            console.print(f"Do documento à entrega, {title}, {name}: metade em até {median}, 95% em até {p95}")
    if period.reasons:
        console.print(f"\nPassados a uma pessoa, {days} dias:")
        for reason, number in period.reasons.most_common():
            console.print(f"  {number:>6}  {display_names.reason(reason)}")


def _figures(today: Tally, period: Tally, days: int, minutes: int) -> Table:
    table = Table("", box=None, pad_edge=False)
    table.add_column("Hoje", justify="right")
    table.add_column(f"{days} dias", justify="right")
    for event, name in display_names.NAMES.items():
        table.add_row(name, str(today[event]), str(period[event]))
    table.add_row("Valor entregue", reais(today.amount), reais(period.amount))
    table.add_row("Sem nenhuma pessoa", str(today.untouched), str(period.untouched))
    saved = [f"{tally.untouched * minutes / 60:.1f} h".replace(".", ",") for tally in (today, period)]
    table.add_row(f"Horas poupadas ({minutes} min cada)", *saved)
    return table


def _plain(tally: Tally) -> dict[str, Any]:
    return {
        "events": {event.value: tally[event] for event in MetricEvent},
        "reasons": dict(tally.reasons),
        "amount": str(tally.amount),
        "untouched": tally.untouched,
        "seconds": {
            gateway: {"median": str(speed.median), "p95": str(speed.p95)} for gateway, speed in tally.speeds.items()
        },
    }
