"""What is free on the disks on which data are written: bytes for those who may write, not for root alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

LITTLE: Final = 1_000_000_000
TOO_LITTLE: Final = 100_000_000
"""Bytes."""


def least_free(database_url: str, home: Path) -> int:
    """The least that is free under `home`, and under the database where that is a file."""
    url = make_url(database_url)
    places = [home]
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        places.append(Path(url.database))
    return min(shutil.disk_usage(_existing(place)).free for place in places)


def _existing(path: Path) -> Path:
    """That folder, or the nearest above it that there is."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if each.is_dir())
