"""The file of a backup: a tar of a manifest and one copy of each database, readable by its owner alone.

It is written under another name and renamed when it is whole and on the disk, so that what bears its name can be read.
"""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from segunda_via.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
PREFIX, SUFFIX = "segunda-via-", ".tar.gz"


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself.

    `revision` is that of the schema; `key` a fingerprint that only the installation's secret key makes; `databases`
    name -> kind (`sqlite`, `postgresql`).
    """

    made_at: str
    version: str
    revision: str
    key: str
    databases: dict[str, str]
    format: int = FORMAT


def name_at(moment: datetime) -> str:
    """
    >>> name_at(datetime(2026, 11, 23, 12, 5, 9))
    'segunda-via-20261123T120509Z.tar.gz'
    """
    return f"{PREFIX}{moment:%Y%m%dT%H%M%SZ}{SUFFIX}"


@contextmanager
def workplace(beside: Path) -> Iterator[Path]:
    """A private folder in that folder, on the same disk; gone afterwards."""
    with tempfile.TemporaryDirectory(dir=beside, prefix=".segunda-via-") as folder:
        yield Path(folder)


def write(path: Path, manifest: Manifest, copies: Sequence[Path], workplace: Path) -> None:
    """An archive at `path`, which must not be there yet."""
    told = workplace / MANIFEST
    told.write_text(json.dumps(asdict(manifest), indent=2), "utf-8")
    draft = workplace / "draft"
    with tarfile.open(draft, "w:gz", compresslevel=6) as tar:
        for member in (told, *copies):
            tar.add(member, member.name)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where a file of that name is
    except FileExistsError:
        raise BackupError(f"{path} já existe: dê outro nome") from None


def unpack(path: Path, into: Path) -> Manifest:
    """The manifest, and the copies as files named like their databases; BackupError when it is no backup of ours."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            manifest = _read(tar)
            for name in manifest.databases:
                _extract(tar, name, into / name)
    except FileNotFoundError:
        raise BackupError(f"{path} não existe") from None
    except (tarfile.TarError, EOFError, KeyError, TypeError, ValueError, AttributeError):
        raise BackupError(f"{path.name} não é uma cópia feita por `segunda-via backup`, ou está danificada") from None
    return manifest


def _read(tar: tarfile.TarFile) -> Manifest:
    file = tar.extractfile(MANIFEST)
    told = json.loads(file.read(65536)) if file else {}
    if told.get("format") != FORMAT:
        raise BackupError("a cópia é de um formato que esta versão não conhece: use a que a fez, ou uma mais nova")
    return Manifest(**told)


def _extract(tar: tarfile.TarFile, name: str, to: Path) -> None:
    """That member's bytes; its path, owner and mode are not believed."""
    file = tar.extractfile(name)
    if file is None or to.name != name:
        raise ValueError(name)
    with to.open("wb") as target:
        while part := file.read(1 << 20):
            target.write(part)
