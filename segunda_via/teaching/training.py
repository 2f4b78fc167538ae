"""Training the model from the screen: one training at a time in this process, and how far it is."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "scripts.train")
USUAL_SECONDS = 40.0
"""What a training takes on a small machine: the progress is told by it, and never says more than 95 %."""


@dataclass(frozen=True)
class Progress:
    """`state` is idle, running, done or failed; `percent` counts while it runs."""

    state: str = "idle"
    percent: int = 0


class Training:
    def __init__(self, command: Sequence[str] = COMMAND, folder: Path = ROOT) -> None:
        self._command = command
        self._folder = folder
        self._lock = threading.Lock()
        self._progress = Progress()
        self._began = 0.0

    def start(self) -> bool:
        """Whether it was started now; False while one is running."""
        with self._lock:
            if self._progress.state == "running":
                return False
            self._progress, self._began = Progress("running"), time.monotonic()
        threading.Thread(target=self._train, daemon=True).start()
        return True

    def progress(self) -> Progress:
        with self._lock:
            if self._progress.state != "running":
                return self._progress
            passed = (time.monotonic() - self._began) / USUAL_SECONDS
            return replace(self._progress, percent=min(95, int(100 * passed)))

    def _train(self) -> None:
        try:
            done = subprocess.run(self._command, cwd=self._folder, check=False, capture_output=True).returncode == 0  # noqa: S603
        except OSError:
            done = False
        with self._lock:
            self._progress = Progress("done" if done else "failed", 100 if done else 0)
