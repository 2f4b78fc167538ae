"""Training the model from the screen: one training at a time in this process, and how far it is."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

USUAL_SECONDS = 40.0
"""What a training takes on a small machine: the progress is told by it, and never says that it is over."""


def trains_itself(project: Path) -> bool:
    """Whether the folder is the stand-alone assistant's, which has a command of its own for that (`make train`)."""
    return (project / "scripts" / "train.py").is_file()


def command(project: Path) -> Sequence[str]:
    """What trains the bot in that folder."""
    if trains_itself(project):
        return (sys.executable, "-m", "scripts.train")
    in_a_folder = not (project / "domain.yml").exists() and (project / "domain").is_dir()
    return (sys.executable, "-m", "rasa", "train", *(("--domain", "domain") if in_a_folder else ()))


@dataclass(frozen=True)
class TrainingProgress:
    """`state` is idle, running, comparing, done or failed; `percent` counts while something goes on."""

    state: str = "idle"
    percent: int = 0

    @property
    def goes_on(self) -> bool:
        return self.state in {"running", "comparing"}


class TrainingJob:
    """`folder` is the project's: where the command is run, by default that of the bot there."""

    def __init__(self, folder: Path, by: Sequence[str] | None = None) -> None:
        self._command = by or command(folder)
        self._folder = folder
        self._lock = threading.Lock()
        self._state = "idle"
        self._began = 0.0

    def start(self, then: Callable[[], None] = lambda: None) -> bool:
        """Whether it was started now; False while one is running. `then` follows a training that succeeded."""
        with self._lock:
            if self.progress().goes_on:
                return False
            self._state, self._began = "running", time.monotonic()
        threading.Thread(target=self._train, args=(then,), daemon=True).start()
        return True

    def progress(self) -> TrainingProgress:
        state = self._state
        if state == "running":
            return TrainingProgress(state, min(80, int(80 * (time.monotonic() - self._began) / USUAL_SECONDS)))
        return TrainingProgress(state, {"comparing": 85, "done": 100}.get(state, 0))

    def _train(self, then: Callable[[], None]) -> None:
        try:
            run = subprocess.run(self._command, cwd=self._folder, check=False, capture_output=True)  # noqa: S603
            if run.returncode == 0:
                self._state = "comparing"
                then()
            self._state = "failed" if run.returncode else "done"
        except Exception as error:
            logger.error("the training from the screen failed with %s", type(error).__name__)
            self._state = "failed"
