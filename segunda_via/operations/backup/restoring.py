"""An archive into databases that are empty, or that may be replaced.

What waited in the queues when the copy was made has been answered or has grown old since: it is cancelled, so that
nobody gets yesterday's boleto today, unless one asks to keep it (a planned move, with the servers stopped).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from segunda_via.errors import BackupError, in_words_of_the_disk
from segunda_via.job_queue.job import CANCELLED, FREE, WAITING, jobs
from segunda_via.operations.backup import archive, copying, databases
from segunda_via.operations.backup.archive import Manifest
from segunda_via.operations.backup.databases import Source
from segunda_via.storage import conversation_events, database
from segunda_via.storage.keys import KeyRing

STALE = ("inbox", "whatsapp", "timers")
"""Queues whose jobs are worth nothing later. What the desk is still to be told stays true."""
NOTE = "restored from a backup"


@dataclass(frozen=True)
class Restored:
    made_at: str
    databases: int
    cancelled: int


def restore(
    path: Path,
    database_url: str,
    keys: KeyRing,
    endpoints: Path,
    now: datetime,
    *,
    replace: bool = False,
    keep_queues: bool = False,
) -> Restored:
    """Put that backup in force; BackupError, and nothing changed, when it does not fit or would replace something."""
    targets = {source.name: source for source in copying.sources(make_url(database_url), endpoints)}
    try:
        with archive.workplace(path.parent) as workplace:
            manifest = archive.unpack(path, workplace)
            wanted = _fitting(manifest, targets, keys)
            for target in wanted:
                databases.check(target, workplace / target.name)
            if not replace:
                _refuse_to_replace(wanted)
            for target in wanted:
                databases.load(target, workplace / target.name)
    except OSError as error:
        raise BackupError(f"a cópia não pôde ser restaurada: {in_words_of_the_disk(error)}") from None
    engine = database.connect(database_url, keys)
    try:
        cancelled = 0 if keep_queues else _cancel_what_waited(engine, now)
    finally:
        engine.dispose()
    if copying.CONVERSATIONS in manifest.databases:
        conversation_events.connect(targets[copying.CONVERSATIONS].url, keys).engine.dispose()
    return Restored(manifest.made_at, len(wanted), cancelled)


def _fitting(manifest: Manifest, targets: dict[str, Source], keys: KeyRing) -> list[Source]:
    if manifest.key != copying.fingerprint(keys):
        raise BackupError(
            "a cópia foi feita com outra chave secreta: ponha aquela em var/secret.key ou em SEGUNDA_VIA_SECRET_KEY"
        )
    if not database.knows(manifest.revision):
        raise BackupError(
            f"a cópia é de uma versão mais nova ({manifest.version}) do que esta: instale aquela, ou uma posterior"
        )
    for name, kind in manifest.databases.items():
        if name not in targets or targets[name].kind != kind:
            raise BackupError(f"a cópia de {name} é de um banco {kind}, e aqui não há um assim")
    return [targets[name] for name in manifest.databases]


def _refuse_to_replace(targets: Sequence[Source]) -> None:
    full = [target.name for target in targets if databases.holds_rows(target)]
    if full:
        raise BackupError(
            f"já há dados em {' e '.join(full)}: nada foi mudado. Para pôr a cópia no lugar deles, use --replace"
        )


def _cancel_what_waited(engine: sa.engine.Engine, now: datetime) -> int:
    waited = sa.update(jobs).where(jobs.c.state == WAITING, jobs.c.queue.in_(STALE))
    with engine.begin() as connection:
        cancel = waited.values(state=CANCELLED, note=NOTE, ended_at=now, **FREE)
        return int(connection.execute(cancel).rowcount)
