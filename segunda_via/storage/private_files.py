"""What the product writes is its owner's alone: files 0600, folders 0700, whatever the machine's own habit is.

The umask does it for everything that is made from then on, by libraries and child processes too. SQLite gives its logs
the mode of the database.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

UMASK = 0o077
_BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal", ".lock")


def begin(home: Path) -> None:
    """From now on this process makes private files; those that stand in `home` already become private."""
    os.umask(UMASK)
    if home.is_dir():
        for path in (home, *home.rglob("*")):
            tighten(path)


def make_database(path: Path) -> None:
    """The empty file of a SQLite database, and its folder, where there is none; what there is becomes private.

    A database that exists is not opened: closing it would release the locks that this process holds on it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for ending in _BESIDE_A_DATABASE:
        tighten(path.with_name(path.name + ending))


def tighten(path: Path) -> None:
    """Take from everybody else what they may do with that file or folder; links, and what is not ours, stay."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = path.lstat().st_mode
        if (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and mode & UMASK:
            path.chmod(stat.S_IMODE(mode) & ~UMASK)
