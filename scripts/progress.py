"""What a command that takes a while shows: one line a step, counting seconds.

On a terminal the line rewrites itself each second; elsewhere (a CI log) a step prints when it begins and when it ends.
Standard library and Python 3.8 only: set-up runs before the virtual environment exists.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


def say(text: str) -> None:
    """Print one line at once: other processes write on the same terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text: str) -> NoReturn:
    """End the command with one line that says what to do."""
    sys.stderr.write(text + "\n")
    sys.exit(1)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` and the seconds it takes; on an exception the line is left as it stood, unmarked."""
    began = time.monotonic()
    over = threading.Event()
    live = sys.stdout.isatty()

    def line(end: str, mark: str = "...") -> None:
        sys.stdout.write(f"{text} {mark} {time.monotonic() - began:.0f} s{end}")
        sys.stdout.flush()

    def count() -> None:
        while not over.wait(1.0):
            line("\r")

    ticker: threading.Thread | None = None
    if live:
        line("\r")
        ticker = threading.Thread(target=count, daemon=True)
        ticker.start()
    else:
        say(f"{text} ...")
    done = False
    try:
        yield
        done = True
    finally:
        over.set()
        if ticker:
            ticker.join()
        if done:
            line("\n", "done in")
        elif live:
            sys.stdout.write("\n")
