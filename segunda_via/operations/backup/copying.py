"""All databases of the installation into one archive, while the servers run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.engine import URL, Engine

from segunda_via.errors import BackupError, in_words_of_the_disk
from segunda_via.operations.backup import archive, databases
from segunda_via.operations.backup.databases import Source
from segunda_via.storage import conversation_events, database, endpoints_file
from segunda_via.storage.keys import KeyRing

OURS, CONVERSATIONS = "segunda_via", "conversations"


def sources(ours: URL, endpoints: Path) -> Iterator[Source]:
    """Our database, and Rasa's conversations where they stand in an SQL database."""
    yield Source(OURS, ours, "segunda_via_*")
    conversations = endpoints_file.tracker_store(endpoints).url
    if conversations is not None and (conversations != ours or conversations.get_backend_name() != "sqlite"):
        yield Source(CONVERSATIONS, conversations, conversation_events.events.name)


def fingerprint(keys: KeyRing) -> str:
    """What tells the key of an archive again, and gives nothing of it away."""
    return keys.fingerprint("backup")("the key of this backup")


def make(engine: Engine, keys: KeyRing, endpoints: Path, path: Path, now: datetime) -> Path:
    """A backup of the database behind `engine`, migrated, and of the conversations; where it was written.

    That is `path`, or a name of its own in it where that is a folder.

    Ours is copied before the conversations: a turn that is in the second alone is found there and not run again.
    """
    target = path / archive.name_at(now) if path.is_dir() else path
    if target.exists():
        raise BackupError(f"{target} já existe: dê outro nome")
    found = [each for each in sources(engine.url, endpoints) if each.name == OURS or _is_made(each)]
    try:
        with archive.workplace(target.parent) as workplace:
            for source in found:
                databases.dump(source, workplace / source.name)
                databases.check(source, workplace / source.name)
            manifest = archive.Manifest(
                made_at=now.isoformat(),
                version=version("segunda-via"),
                revision=database.revision_of(engine) or "",
                key=fingerprint(keys),
                databases={source.name: source.kind for source in found},
            )
            archive.write(target, manifest, [workplace / source.name for source in found], workplace)
    except OSError as error:
        raise BackupError(f"a cópia não pôde ser escrita: {in_words_of_the_disk(error)}") from None
    return target


def thin_out(folder: Path, keep: int) -> int:
    """Erase all backups in `folder` but the newest `keep`; how many."""
    found = sorted(folder.glob(f"{archive.PREFIX}*{archive.SUFFIX}"))
    old = found[: max(0, len(found) - keep)]
    for path in old:
        path.unlink()
    return len(old)


def _is_made(source: Source) -> bool:
    return source.kind != "sqlite" or Path(source.url.database or "").exists()
