"""`segunda-via backup` and `segunda-via restore`: the installation into a file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segunda_via.cli.terminal import opened
from segunda_via.errors import BackupError
from segunda_via.operations.backup import copying, restoring
from segunda_via.storage import endpoints_file

Endpoints = Annotated[Path, typer.Option("--endpoints", help="O arquivo que diz onde o Rasa guarda as conversas.")]


def backup(
    path: Annotated[Path, typer.Argument(help="O arquivo a escrever, ou uma pasta.")],
    keep: Annotated[int, typer.Option(min=0, help="Na pasta, guarda só as últimas N cópias; 0: todas.")] = 0,
    endpoints: Endpoints = endpoints_file.ENDPOINTS,
) -> None:
    """Copia os bancos para um arquivo, com o assistente no ar. A chave secreta não vai junto."""
    if keep and not path.is_dir():
        raise BackupError("--keep vale para uma pasta")
    with opened() as root:
        written = copying.make(root.engine, root.keys, endpoints, path, root.now())
        where = "SEGUNDA_VIA_SECRET_KEY" if root.environment.secret_key else str(root.home / "secret.key")
    if keep:
        copying.thin_out(path, keep)
    typer.echo(f"Copiado: {written}")
    typer.echo(f"Sem a chave secreta ({where}) a cópia não serve: guarde a chave em outro lugar.")


def restore(
    path: Annotated[Path, typer.Argument(help="Uma cópia feita por `segunda-via backup`.")],
    replace: Annotated[bool, typer.Option("--replace", help="Põe a cópia no lugar dos dados que há.")] = False,
    keep_queues: Annotated[
        bool, typer.Option("--keep-queues", help="Ainda responde e envia o que esperava quando a cópia foi feita.")
    ] = False,
    endpoints: Endpoints = endpoints_file.ENDPOINTS,
) -> None:
    """Traz de volta uma cópia. Pare o assistente antes e inicie-o depois."""
    with opened() as root:
        if root.environment.secret_key is None and not (root.home / "secret.key").exists():
            raise BackupError(
                f"falta a chave com que a cópia foi feita: ponha-a em {root.home / 'secret.key'} "
                "ou em SEGUNDA_VIA_SECRET_KEY"
            )
        done = restoring.restore(
            path,
            root.environment.database_url,
            root.keys,
            endpoints,
            root.now(),
            replace=replace,
            keep_queues=keep_queues,
        )
    typer.echo(f"Restaurada a cópia de {done.made_at[:19].replace('T', ' ')} (UTC).")
    if done.cancelled:
        typer.echo(f"{done.cancelled} mensagem(ns) e prazo(s) que esperavam naquela hora não serão retomados.")
