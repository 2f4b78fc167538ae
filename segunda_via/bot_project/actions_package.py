"""The bot's own actions, a package or a file: one line in it registers the skill's actions beside them.

rasa_sdk imports the module `actions` and, of a package, every module in it. The line stands where that begins.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

from segunda_via.bot_project.text_file import read
from segunda_via.errors import ConfigurationError

IMPORTED = "segunda_via.actions"
_LINE = f"import {IMPORTED}  # noqa: F401  registers the actions of Segunda Via"
_MADE = f'"""The custom actions of this bot."""\n\n{_LINE}\n'


class ActionsPackage:
    """`name` is what `rasa run actions --actions` is told: a dotted name below the bot's folder."""

    def __init__(self, folder: Path, name: str = "actions") -> None:
        self._package = folder.joinpath(*name.split("."))
        self._module = self._package.with_suffix(".py")

    @property
    def entry(self) -> Path:
        """The file that Python runs first; Python itself prefers a package to a file of that name."""
        package = self._package / "__init__.py"
        return self._module if self._module.is_file() and not package.is_file() else package

    @property
    def exists(self) -> bool:
        return self._package.is_dir() or self._module.is_file()

    @property
    def shadowed(self) -> Path | None:
        """The file `actions.py` that nobody imports, since a package of that name stands beside it."""
        return self._module if self._module.is_file() and self.entry != self._module else None

    def is_imported(self) -> bool:
        """Whether the skill's actions are imported anywhere in it."""
        return any(_imports(path) for path in self._files())

    def completed(self) -> str:
        """The text of `entry` with the line."""
        text = read(self.entry) if self.entry.is_file() else ""
        if self.is_imported():
            return text
        if not text.strip():
            return _MADE if not self.exists else f"{_LINE}\n"
        return _with_line(text, self.entry)

    def _files(self) -> Iterator[Path]:
        if self.entry == self._module:
            yield self._module
        elif self._package.is_dir():
            yield from sorted(path for path in self._package.rglob("*.py") if "__pycache__" not in path.parts)


def _with_line(text: str, path: Path) -> str:
    """Behind the docstring and the imports that the file begins with; behind its comments where it has no more."""
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith("\n"):
        lines[-1] += newline
    body = _parsed(text, path).body
    head = list(itertools.takewhile(_may_stand_before, body))
    place = len(lines)
    if head or body:
        place = (head[-1].end_lineno or 0) if head else _first_line(body[0]) - 1
    joins_imports = bool(head) and isinstance(head[-1], (ast.Import, ast.ImportFrom))
    before = [] if joins_imports or place == 0 else [newline]
    after = [newline] if body and not head else []
    return "".join([*lines[:place], *before, _LINE + newline, *after, *lines[place:]])


def _may_stand_before(statement: ast.stmt) -> bool:
    is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom))


def _first_line(statement: ast.stmt) -> int:
    """That of its first decorator where it has one."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _imports(path: Path) -> bool:
    for node in ast.walk(_parsed(read(path), path)):
        if isinstance(node, ast.Import) and any(each.name.startswith(IMPORTED) for each in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and not node.level:
            package, _, module = IMPORTED.rpartition(".")
            inside = (node.module or "").startswith(IMPORTED)
            if inside or (node.module == package and any(each.name == module for each in node.names)):
                return True
    return False


def _parsed(text: str, path: Path) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise ConfigurationError(f"{path.name} não é Python válido: veja a linha {error.lineno}") from None
