"""How the files of a bot are read."""

from __future__ import annotations

from pathlib import Path

from segunda_via.errors import ConfigurationError


def read(path: Path) -> str:
    """With its own ends of lines; ConfigurationError where it is no text."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{path.name} não pôde ser lido como texto UTF-8") from None
