"""What Rasa's process has of ours, for the objects that Rasa builds by class path and passes nothing of it to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from segunda_via.app import App, current
from segunda_via.errors import SegundaViaError


def process_app() -> App:
    """The App of this process; ConfigurationError while the environment is malformed.

    Ask for it where it is used, not once: tests and tools put another one in its place.
    """
    return current()


@contextmanager
def configured_or_exit() -> Iterator[None]:
    """Around the start of a component: what is malformed, or out of reach, ends Rasa with its one line (SystemExit)."""
    try:
        yield
    except SegundaViaError as error:
        raise SystemExit(str(error)) from None
