"""`segunda-via migrate`: the database's schema, before the servers of a new release start."""

from __future__ import annotations

import typer

from segunda_via.cli.terminal import opened
from segunda_via.storage import database


def command() -> None:
    """Atualiza o esquema do banco; os servidores também o fazem sozinhos, quando iniciam."""
    with opened() as root:
        revision = database.revision_of(root.engine)
    typer.echo(f"Esquema {revision}.")
