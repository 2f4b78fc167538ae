"""`segunda-via doctor`: every probe is asked, one finding a line.

Exit code 0: everything is in order, or a warning at most. 1: something is not. 2: the command was written wrongly.
3: nothing is known to be wrong, but something could not be found out; try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from segunda_via import app as composition
from segunda_via.cli import findings
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError
from segunda_via.operations.probes.probe import Finding, Probe, failed, run
from segunda_via.operations.probes.registry import PROBES


def command(
    gate: Annotated[
        bool, typer.Option("--gate", help="Só o que é preciso para atender: antes de uma atualização ir ao ar.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Para monitoramento.")] = False,
) -> None:
    """Confere variáveis, banco, gateway, recebedor, atendimento, WhatsApp, endereço público e modelo."""
    found = asyncio.run(_findings([probe for probe in PROBES if probe.gate or not gate]))
    findings.report(found, as_json=as_json)


async def _findings(probes: Sequence[Probe]) -> list[Finding]:
    try:
        app = composition.build()
    except ConfigurationError as error:
        return [failed("variables", error)]
    try:
        return await run(probes, app, COMPANY)
    finally:
        await app.close()
