"""`segunda-via twilio check`: one line a finding, exit 1 on any failure."""

from __future__ import annotations

import asyncio

import typer

from segunda_via import app as composition
from segunda_via.cli import findings
from segunda_via.company import COMPANY
from segunda_via.operations.probes.probe import Finding
from segunda_via.operations.probes.twilio_in_detail import examine

app = typer.Typer(help="O WhatsApp pela Twilio.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@app.command("check")
def check() -> None:
    """Confere credenciais, número, endereços configurados na Twilio e se eles chegam até aqui."""
    found = asyncio.run(_findings())
    findings.show(found)
    findings.end(found)


async def _findings() -> list[Finding]:
    services = composition.build()
    try:
        return await examine(services, COMPANY)
    finally:
        await services.close()
