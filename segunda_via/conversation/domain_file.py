"""The responses of the bot's domain over the skill's, for whoever shows or checks the texts without Rasa.

The bot's domain is `domain.yml`, or, as for Rasa, the files of a folder `domain/`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from segunda_via import skill
from segunda_via.conversation.responses import Responses
from segunda_via.errors import ConfigurationError

DOMAIN = Path("domain.yml")
"""Relative to the working directory, where Rasa looks for it too."""


def responses(path: Path = DOMAIN) -> Responses:
    """Read again when a file changed; ConfigurationError when one cannot be read. Of one name, the bot's counts."""
    laid = dict(of_skill())
    for file in _files(path):
        laid.update(_responses(file))
    return laid


def of_skill() -> Responses:
    """The skill's alone, which are always there."""
    return _responses(skill.DOMAIN)


def _files(path: Path) -> list[Path]:
    folder = path.with_suffix("")
    if path.exists() or not folder.is_dir():
        return [path]
    return sorted(file for ending in ("*.yml", "*.yaml") for file in folder.rglob(ending))


def _responses(path: Path) -> Responses:
    try:
        state = path.stat()
        return _read(path.resolve(), state.st_mtime_ns, state.st_size)
    except (OSError, YAMLError, ValueError, AttributeError):
        raise ConfigurationError(f"{path.name} não pôde ser lido: os textos originais estão nele") from None


@lru_cache(maxsize=64)
def _read(path: Path, modified: int, size: int) -> Responses:
    found: Responses = (YAML(typ="safe").load(path.read_text("utf-8")) or {}).get("responses") or {}
    return found
