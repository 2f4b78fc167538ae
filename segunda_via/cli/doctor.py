"""`segunda-via doctor`: every probe is asked, one finding a line."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from segunda_via import app as composition
from segunda_via.cli import findings
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError
from segunda_via.operations.probes.probe import Finding, failed, run
from segunda_via.operations.probes.registry import PROBES


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Para monitoramento.")] = False,
) -> None:
    """Confere variáveis, banco, gateway, recebedor, atendimento, WhatsApp, endereço público e modelo."""
    found = asyncio.run(_findings())
    if as_json:
        told = [{"subject": each.subject, "level": each.level, "detail": findings.line(each)} for each in found]
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        findings.show(found)
    findings.end(found)


async def _findings() -> list[Finding]:
    try:
        app = composition.build()
    except ConfigurationError as error:
        return [failed("variables", error)]
    try:
        return await run(PROBES, app, COMPANY)
    finally:
        await app.close()
