"""The responses of `domain.yml`, for whoever shows or checks the texts without a Rasa server."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from segunda_via.conversation.responses import Responses
from segunda_via.errors import ConfigurationError

DOMAIN = Path("domain.yml")
"""Relative to the working directory, where Rasa reads it too."""


def responses(path: Path = DOMAIN) -> Responses:
    """Read again when the file changed; ConfigurationError when it cannot be read."""
    try:
        state = path.stat()
        return _read(path.resolve(), state.st_mtime_ns, state.st_size)
    except (OSError, YAMLError, ValueError, AttributeError):
        raise ConfigurationError(f"{path.name} não pôde ser lido: os textos originais estão nele") from None


@lru_cache(maxsize=2)
def _read(path: Path, modified: int, size: int) -> Responses:
    found: Responses = YAML(typ="safe").load(path.read_text("utf-8")).get("responses") or {}
    return found
