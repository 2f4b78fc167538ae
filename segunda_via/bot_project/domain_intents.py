"""The intents of a bot's own domain, a file or a folder: read without Rasa."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from segunda_via.errors import ConfigurationError


def domain_path(folder: Path) -> Path:
    """`domain.yml`, else the folder `domain`, as far as they are there."""
    file = folder / "domain.yml"
    return folder / "domain" if not file.exists() and (folder / "domain").is_dir() else file


def intents(domain: Path) -> frozenset[str]:
    files = sorted([*domain.rglob("*.yml"), *domain.rglob("*.yaml")]) if domain.is_dir() else [domain]
    return frozenset(name for file in files if file.is_file() for name in _named(file))


def _named(file: Path) -> list[str]:
    try:
        data = YAML(typ="safe").load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        raise ConfigurationError(f"{file.name} não pôde ser lido: confira o YAML do domínio") from None
    listed = (data.get("intents") if isinstance(data, dict) else None) or []
    if not isinstance(listed, list):
        raise ConfigurationError(f"{file.name}: `intents` deveria ser uma lista")
    return [str(name) for each in listed for name in (each if isinstance(each, dict) else [each])]
