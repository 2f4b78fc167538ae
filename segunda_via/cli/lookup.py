"""`segunda-via lookup`: what a customer would receive, shown in the terminal, masked.

The document is asked for, never an argument: arguments stay in the shell's history and in the process list.
"""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console
from stdnum.exceptions import ValidationError

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.boletos import check_reasons, documents
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee, Verdict, examine
from segunda_via.boletos.documents import Document
from segunda_via.boletos.formatting import reais, short_date
from segunda_via.boletos.invoice import Unreadable, choose
from segunda_via.cli.terminal import whoever
from segunda_via.company import COMPANY
from segunda_via.http.time_budget import time_budget
from segunda_via.settings import gateway as saving


def command() -> None:
    """Consulta um documento no gateway e mostra a entrega, com os códigos mascarados. Nada é enviado."""
    written = typer.prompt("CPF ou CNPJ", hide_input=True)
    try:
        document = documents.parse(written)
    except ValidationError:
        typer.echo("Esse CPF ou CNPJ não é válido.", err=True)
        raise typer.Exit(1) from None
    if not asyncio.run(_lookup(document)):
        raise typer.Exit(1)


async def _lookup(document: Document) -> bool:
    """Whether what was found, if anything, may be sent."""
    console = Console(highlight=False)
    app = composition.build()
    try:
        account = app.account(COMPANY)
        app.operator_lookups.record(COMPANY, whoever(), "looked_up", document.value)
        today = app.today()
        async with time_budget(app.budget, gateway=account.gateway.name):
            choice = choose(await account.gateway.open_invoices(document, today), today)
            if choice is None:
                console.print(f"{documents.mask(document)}: nenhuma fatura em aberto.")
                return True
            if isinstance(choice, Unreadable):
                (why,) = check_reasons.failures(check_reasons.UNREADABLE)
                console.print(f"[red]✗ nada seria enviado:[/red] {why} ({choice.field}).")
                return False
            invoice = await account.gateway.with_codes(choice.invoice, document, today)
        verdict = examine(
            invoice, today, payee=account.payee, bounds=app.environment.bounds, link_hosts=account.link_hosts
        )
        _show(console, document, verdict, overdue=choice.overdue, others=choice.others)
        _propose_payee(console, app, verdict.payee)
        return not verdict.failures
    finally:
        await app.close()


def _show(console: Console, document: Document, verdict: Verdict, *, overdue: bool, others: int) -> None:
    invoice = verdict.invoice
    console.print(f"Documento        {documents.mask(document)}")
    console.print(
        f"Fatura           {invoice.number}, {'vencida' if overdue else 'a vencer'}; outras em aberto: {others}"
    )
    console.print(f"Vencimento       {short_date(invoice.due_date)}")
    console.print(f"Valor            {reais(invoice.amount_due)}")
    if verdict.discounted is not None:
        console.print(f"Com desconto     {reais(verdict.discounted)}")
    console.print(f"Linha digitável  {_masked(invoice.codes.linha_digitavel)}")
    console.print(f"Pix              {_masked(invoice.codes.pix)}")
    console.print(f"Link             {'sim' if invoice.payment_url else 'não'}")
    if verdict.untrusted_host:
        console.print(f"                 {check_reasons.untrusted_link(verdict.untrusted_host)}")
    console.print(f"PDF do gateway   {'sim' if invoice.pdf_url else 'não'}")
    for failure in verdict.failures:
        console.print(f"[red]✗ não seria enviada:[/red] {check_reasons.FAILURES[failure]}")
    for item in verdict.unconfirmed:
        console.print(f"[yellow]![/yellow] {check_reasons.NOT_CONFIRMED[item]}")


def _masked(code: str | None) -> str:
    return f"{code[:3]}…{code[-4:]} ({len(code)} caracteres)" if code else "não"


def _propose_payee(console: Console, app: App, seen: Payee) -> None:
    """Keep who this invoice pays, for `segunda-via settings confirm-payee` to confirm."""
    settings = app.gateway_settings(COMPANY)
    if payees.joined(settings.payee, seen) == settings.payee:
        return
    saving.propose_payee(app.settings, COMPANY, settings.name, seen, by="lookup", at=app.now())
    console.print(f"Recebedor        {payees.summary(seen)}")
    if payees.differs(settings.payee, seen):
        console.print(f"O confirmado     {payees.summary(settings.payee)}")
    console.print("Se é a sua empresa, confirme com: segunda-via settings confirm-payee")
