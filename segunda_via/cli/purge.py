"""`segunda-via purge`: erase at once what has lived its time, which otherwise happens by itself within the hour."""

from __future__ import annotations

import typer

from segunda_via.cli.terminal import opened
from segunda_via.storage import database

WORDS = {database.tickets.name: "atendimentos", database.lookups.name: "contadores"}


def command() -> None:
    """Apaga agora o que já viveu o seu tempo (docs/lgpd.md); o assistente faz isso sozinho, a cada hora."""
    with opened() as app:
        erased = app.retention.erase_everything_old()
    told = {"mensagens e eventos de conversas": erased.conversation_events}
    told |= {WORDS[name]: count for name, count in erased.rows.items() if name in WORDS}
    others = sum(erased.rows.values()) - sum(erased.rows[name] for name in WORDS)
    typer.echo("Apagados: " + ", ".join(f"{count} {words}" for words, count in told.items()) + f", {others} outros.")
