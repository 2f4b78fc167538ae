"""`segunda-via tickets`: the journal, readable in a terminal."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from segunda_via import app as composition
from segunda_via.clock import SAO_PAULO
from segunda_via.tickets.journal import Entry

COMPANY = "default"
STATUS = {
    "open": "aberto",
    "finished": "finalizado",
    "handed_over": "com atendente",
    "abandoned": "abandonado",
    "returned": "devolvido",
}

app = typer.Typer(help="Os atendimentos do diário próprio.", no_args_is_help=True)


@app.command("list")
def list_tickets(limit: Annotated[int, typer.Option(min=1, max=1000, help="Quantos mostrar.")] = 20) -> None:
    """Os atendimentos mais recentes."""
    root = composition.build()
    try:
        entries = root.journal.recent(COMPANY, limit)
    finally:
        asyncio.run(root.close())
    table = Table("Mudou em", "Situação", "Resultado", box=None, pad_edge=False)
    table.add_column("Atendimento", overflow="fold")
    for entry in entries:
        changed = f"{entry.changed_at.astimezone(SAO_PAULO):%d/%m/%Y %H:%M:%S}"
        table.add_row(changed, STATUS[entry.status], _result(entry), entry.ticket.id)
    Console().print(table)


def _result(entry: Entry) -> str:
    return " · ".join(dict.fromkeys(filter(None, (entry.outcome, entry.reason))))


@app.command("show")
def show(ticket_id: Annotated[str, typer.Argument(help="Como em `segunda-via tickets list`.")]) -> None:
    """O que aconteceu com um atendimento, em ordem."""
    root = composition.build()
    try:
        ticket = root.journal.get(COMPANY, ticket_id)
        events = root.journal.events(ticket) if ticket else []
    finally:
        asyncio.run(root.close())
    if ticket is None:
        typer.echo("Esse atendimento não existe.", err=True)
        raise typer.Exit(1)
    for moment, event, detail in events:
        typer.echo(f"{moment.astimezone(SAO_PAULO):%d/%m/%Y %H:%M:%S}  {event:<12} {detail or ''}")
