"""`segunda-via tickets`: the journal, readable in a terminal, and the two things that people decide about a ticket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.boletos.formatting import reais
from segunda_via.clock import SAO_PAULO
from segunda_via.company import COMPANY
from segunda_via.metrics import display_names
from segunda_via.tickets.journal import JournalEntry

STATUS = {
    "open": "aberto",
    "finished": "finalizado",
    "handed_over": "com atendente",
    "abandoned": "abandonado",
    "returned": "devolvido",
}
EVENTS = {
    "opened": "aberto",
    "transferred": "na fila",
    "finished": "finalizado",
    "handed_over": "com atendente",
    "reopened": "reaberto",
    "abandoned": "abandonado",
    "returned": "devolvido",
    "not_told": "não avisado",
}
"""What the journal calls it, and what operators read."""

TicketId = Annotated[str, typer.Argument(help="Como em `segunda-via tickets list`, ou o número da plataforma.")]

app = typer.Typer(help="Os atendimentos do diário próprio.", no_args_is_help=True)


@app.command("list")
def list_tickets(limit: Annotated[int, typer.Option(min=1, max=1000, help="Quantos mostrar.")] = 20) -> None:
    """Os atendimentos mais recentes."""
    with _root() as root:
        entries = root.journal.recent(COMPANY, limit)
    if not entries:
        typer.echo("Nenhum atendimento ainda.")
        return
    table = Table("Mudou em", "Situação", box=None, pad_edge=False)
    table.add_column("Resultado", overflow="fold")
    table.add_column("Atendimento", overflow="fold")
    for entry in entries:
        changed = f"{entry.changed_at.astimezone(SAO_PAULO):%d/%m %H:%M:%S}"
        table.add_row(changed, STATUS[entry.status], _result(entry), entry.ticket.id)
    Console().print(table)


def _result(entry: JournalEntry) -> str:
    return " · ".join(dict.fromkeys(display_names.reason(code) for code in (entry.outcome, entry.reason) if code))


@app.command("show")
def show(ticket_id: TicketId) -> None:
    """O que aconteceu com um atendimento, em ordem."""
    with _root() as root:
        entry = root.journal.entry(COMPANY, ticket_id)
        events = root.journal.events(entry.ticket) if entry else []
        takeover = root.human_takeover.of(COMPANY, entry.ticket.conversation_id) if entry else None
    if entry is None:
        _unknown()
        return
    typer.echo(f"Atendimento   {entry.ticket.id}")
    if entry.ticket.desk_id not in (None, entry.ticket.id):
        typer.echo(f"Plataforma    {entry.ticket.desk_id}")
    typer.echo(f"Situação      {STATUS[entry.status]}{f', na fila {entry.queue}' if entry.queue else ''}")
    if entry.invoice:
        sent = entry.invoice
        typer.echo(f"Fatura        {sent.number}, vencimento {sent.due_date:%d/%m/%Y}, {reais(sent.amount)}")
    if entry.summary:
        typer.echo(f"Resumo        {entry.summary}")
    if takeover:
        until = takeover.until.astimezone(SAO_PAULO)
        typer.echo(f"Assistente    em silêncio até {until:%d/%m/%Y %H:%M}, ou até a devolução")
    typer.echo("")
    for moment, event, detail in events:
        when = f"{moment.astimezone(SAO_PAULO):%d/%m/%Y %H:%M:%S}"
        typer.echo(f"{when}  {EVENTS.get(event, event):<15}{_detail(event, detail or '')}".rstrip())


def _detail(event: str, detail: str) -> str:
    """
    >>> _detail("handed_over", "registering"), _detail("not_told", "finished: HTTP 404")
    ('O banco ainda registra o boleto', 'finalizado: HTTP 404')
    """
    if event != "not_told":
        return display_names.reason(detail)
    kind, colon, why = detail.partition(": ")
    return f"{EVENTS.get(kind, kind)}{colon}{why}"


@app.command("reopen")
def reopen(
    ticket_id: TicketId,
    reason: Annotated[str, typer.Option(help="Por quê, em uma palavra.")] = "operador",
) -> None:
    """Reabre um atendimento encerrado, para uma pessoa."""
    with _root() as root:
        known = root.tickets.find(COMPANY, ticket_id)
        changed = known is not None and root.tickets.reopen(COMPANY, ticket_id, reason)
    if known is None:
        _unknown()
    typer.echo("Reaberto." if changed else "Esse atendimento já está aberto.")


@app.command("return")
def give_back(ticket_id: TicketId) -> None:
    """Devolve a conversa ao assistente, que volta a responder nela."""
    with _root() as root:
        known = root.tickets.find(COMPANY, ticket_id)
        changed = known is not None and root.tickets.returned(COMPANY, ticket_id, "operator")
    if known is None:
        _unknown()
    typer.echo("Devolvido: o assistente volta a responder." if changed else "O assistente já responde nessa conversa.")


@contextmanager
def _root() -> Iterator[App]:
    root = composition.build()
    try:
        yield root
    finally:
        asyncio.run(root.close())


def _unknown() -> None:
    typer.echo("Esse atendimento não existe.", err=True)
    raise typer.Exit(1)
