"""Writes the endpoints file of one run: the committed `endpoints.yml` with the action server's address and secret.

Rasa takes its endpoints from a file alone, while the port is only known when the servers start and the secret must be
nowhere in the repository. Everything else the committed file says is kept as written (`${VARIABLES}` included: Rasa
expands only plain scalars, which is why the file is edited and not merely parsed and dumped).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent


def write(
    target: Path, action_url: str, secret: str, tracker_db: Path | None = None, source: Path | None = None
) -> Path:
    """Write `target`, readable by its owner alone; `tracker_db` is the SQLite file of its tracker store."""
    yaml: Any = YAML(typ="rt")
    yaml.width = 4096  # a wrapped scalar would be another scalar to Rasa's variable expansion
    endpoints = yaml.load((source or ROOT / "endpoints.yml").read_text(encoding="utf-8")) or {}
    action = endpoints.setdefault("action_endpoint", {})
    action["url"] = action_url
    action.setdefault("headers", {})["Authorization"] = f"Bearer {secret}"
    if tracker_db is not None:
        store = endpoints.setdefault("tracker_store", {"type": "SQL"})
        kept = {key: store[key] for key in ("type", "redact_logs") if key in store}
        endpoints["tracker_store"] = {**kept, "dialect": "sqlite", "db": str(tracker_db)}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        yaml.dump(endpoints, file)
    return target
