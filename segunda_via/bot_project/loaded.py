"""What Rasa and its SDK really load in a bot's folder: asked in processes of their own, as both would do it.

Neither is imported here: the command stays light, and what the bot's own code prints or breaks stays over there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 120.0

_REGISTERED = """
import contextlib, json, sys
with contextlib.redirect_stdout(sys.stderr):
    from rasa_sdk.executor import ActionExecutor
    executor = ActionExecutor()
    executor.register_package(sys.argv[1])
print(json.dumps(sorted(name for name in executor.actions if name)))
"""
"""Apart from everything of ours: whatever imports `segunda_via.actions` registers it, and would prove nothing."""


class NotTold(Exception):
    """The process ended without an answer; the text is its last line."""


class Loads:
    """The two questions, each answered by a process of its own. They raise NotTold."""

    def by_rasa(self, folder: Path, config: Path, domain: Path, data: Sequence[Path]) -> dict[str, Any]:
        """See `segunda_via.rasa_plugin.loaded_skill`."""
        paths = [str(each) for each in (config, domain, *data)]
        found: dict[str, Any] = _told(folder, ["-m", "segunda_via.rasa_plugin.loaded_skill", *paths])
        if "error" in found:
            raise NotTold(found["error"])
        return found

    def by_the_sdk(self, folder: Path, actions: str) -> list[str]:
        """The names of the actions that `rasa run actions` would serve."""
        names: list[str] = _told(folder, ["-c", _REGISTERED, actions])
        return names


def _told(folder: Path, arguments: list[str]) -> Any:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(  # noqa: S603  our own modules, by this interpreter
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotTold(f"sem resposta em {SECONDS:g} segundos") from None
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()
        raise NotTold(last[-1].strip() if last else f"terminou com {done.returncode}")
    return json.loads(lines[-1])
