"""`segunda-via purge`: erase what is older than the retention."""

from __future__ import annotations

import asyncio

import typer

from segunda_via import app as composition
from segunda_via import retention


def command() -> None:
    """Apaga conversas e atendimentos encerrados mais antigos que SEGUNDA_VIA_RETENTION_DAYS."""
    app = composition.build()
    try:
        purged = retention.purge(app)
    finally:
        asyncio.run(app.close())
    typer.echo(
        f"Apagados: {purged.conversation_events} eventos de conversas, {purged.tickets} atendimentos, "
        f"{purged.counters} contadores."
    )
