"""Keeps the key's file from being changed under a server, and servers from starting while it is.

A lock of the system's on a file beside the key: a process that dies lets go of it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segunda_via.errors import ConfigurationError

_NAME = "secret.key.lock"
_held: dict[Path, int] = {}


def hold(home: Path) -> None:
    """Until this process ends. Waits while the key is being changed."""
    path = _path(home)
    if path not in _held:
        descriptor = _open(path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _held[path] = descriptor


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """While the key is changed; ConfigurationError when a server runs with it."""
    descriptor = _open(_path(home))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigurationError("o assistente está no ar com esta chave: pare os três servidores antes") from None
    finally:
        os.close(descriptor)


def _path(home: Path) -> Path:
    return home.absolute() / _NAME


def _open(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
