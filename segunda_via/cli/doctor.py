"""`segunda-via doctor`: one line a finding, exit 1 on any failure."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.errors import ConfigurationError
from segunda_via.operations.doctor import SUBJECTS, Finding, Level, examine

_MARKS = {Level.OK: "[green]✓[/green]", Level.WARNING: "[yellow]![/yellow]", Level.FAILURE: "[red]✗[/red]"}


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Para monitoramento.")] = False,
) -> None:
    """Confere variáveis, banco, gateway, recebedor, atendimento, endereço público e modelo."""
    findings = asyncio.run(_findings())
    if as_json:
        typer.echo(json.dumps([finding.__dict__ for finding in findings], ensure_ascii=False))
    else:
        console = Console(highlight=False)
        for finding in findings:
            subject = SUBJECTS.get(finding.subject, finding.subject)
            console.print(f"{_MARKS[finding.level]} {subject:<17} {finding.detail}", soft_wrap=True)
    if any(finding.level is Level.FAILURE for finding in findings):
        raise typer.Exit(1)


async def _findings() -> list[Finding]:
    app: App | None = None
    try:
        app = composition.build()
        return await examine(app)
    except ConfigurationError as error:
        return [Finding("variables", Level.FAILURE, str(error))]
    finally:
        if app is not None:
            await app.close()
