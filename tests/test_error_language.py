"""Errors that an operator reads are Portuguese; gateways' errors go to the log alone and stay English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from segunda_via import errors

PROJECT = Path(__file__).parents[1]
SOURCES = ("segunda_via", "actions", "scripts")

READ_BY_OPERATORS = {
    *(cls.__name__ for cls in (errors.ConfigurationError, errors.SecretKeyError, errors.TicketDeskError)),
    *(cls.__name__ for cls in errors.ConfigurationError.__subclasses__()),
    *("SystemExit", "BadParameter", "Exit", "echo", "secho", "exit", "_stop", "stop"),
}

ENGLISH = re.compile(
    r"\b(should|must|is|are|holds?|was|were|has|have|does|the|of|and|with|without|not|cannot|needs?|needed|missing"
    r"|from|to|this|that|there|nothing|already|unknown|answered|refused|rejected|failed|took)\b"
)


def texts_in_english(source: str) -> Iterator[tuple[int, str]]:
    """The line and the text of each such call that says something in English.

    >>> list(texts_in_english('raise ConfigurationError(f"{name} should hold a URL.")'))
    [(1, ' should hold a URL.')]
    >>> list(texts_in_english('raise errors.ConfigurationError(f"{name} deve ser uma URL.")'))
    []
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in READ_BY_OPERATORS:
            for part in (each for argument in node.args for each in ast.walk(argument)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and ENGLISH.search(part.value):
                    yield part.lineno, part.value


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_errors_that_operators_read_are_portuguese() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}: {text}"
        for folder in SOURCES
        for path in sorted((PROJECT / folder).rglob("*.py"))
        for line, text in texts_in_english(path.read_text(encoding="utf-8"))
    ]
    assert found == []
