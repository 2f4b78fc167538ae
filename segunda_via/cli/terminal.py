"""What the commands share: the application for one command, and who runs it."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from segunda_via import app as composition
from segunda_via.app import App


@contextmanager
def opened() -> Iterator[App]:
    """The application by the environment, closed when the command is over."""
    root = composition.build()
    try:
        yield root
    finally:
        asyncio.run(root.close())


def whoever() -> str:
    """The user of the machine, as the trail of changes names who did something in the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "terminal"


def yes(question: str) -> bool:
    """Whether that is answered with yes; an empty answer is a no."""
    answer = str(typer.prompt(question, default="n", show_default=False)).strip().lower()
    return answer in {"s", "sim", "y", "yes"}


def confirmed(question: str) -> None:
    """Go on only when that is answered with yes; otherwise the command ends here, having changed nothing."""
    if not yes(f"{question} [s/N]"):
        typer.echo("Nada foi mudado.")
        raise typer.Exit(1)
