"""`segunda-via twilio check`: one line a finding, exit 1 on any failure."""

from __future__ import annotations

import asyncio

import typer
from rich.console import Console

from segunda_via import app as composition
from segunda_via.cli.doctor import _MARKS
from segunda_via.operations.doctor import Finding, Level
from segunda_via.operations.twilio_check import SUBJECTS, examine

app = typer.Typer(help="O WhatsApp pela Twilio.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@app.command("check")
def check() -> None:
    """Confere credenciais, número, endereços configurados na Twilio e se eles chegam até aqui."""
    findings = asyncio.run(_findings())
    console = Console(highlight=False)
    for finding in findings:
        console.print(f"{_MARKS[finding.level]} {SUBJECTS[finding.subject]:<17} {finding.detail}", soft_wrap=True)
    if any(finding.level is Level.FAILURE for finding in findings):
        raise typer.Exit(1)


async def _findings() -> list[Finding]:
    services = composition.build()
    try:
        return await examine(services)
    finally:
        await services.close()
