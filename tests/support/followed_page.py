"""A page of the docs that says how to add something, followed to the letter in a copy of the project.

The line above a block names its file: a block of Python is that file, whole; of a diff, the lines with a plus go below
the line that stands before them, or to the end of the file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("actions", "data", "docs", "sandbox", "scripts", "segunda_via", "tests")
FILES = ("domain.yml", "pyproject.toml", "README.md")
_BLOCK = re.compile(r"`([\w/.-]+/[\w.-]+)`[^\n]*:\n\n```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


class FollowedPage:
    """The page at `path`, followed in a copy below `folder`. It names what the page `made` and `changed` there."""

    def __init__(self, path: str, folder: Path) -> None:
        self.text = (ROOT / path).read_text("utf-8")
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "imagens", "*.png")
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        self.made: list[str] = []
        self.changed: list[str] = []
        for path, kind, code in _BLOCK.findall(self.text):
            self._follow(path, kind, code)

    def run(self, *command: str) -> str:
        """What a command says; AssertionError with all of it when it fails."""
        done = subprocess.run(command, cwd=self.folder, env=_alone(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def check_style(self, package: str) -> None:
        """Style, types of `package`, and the rules of imports."""
        code = [path for path in (*self.made, *self.changed) if path.endswith(".py")]
        self.run(sys.executable, "-m", "ruff", "check", *code)
        self.run(sys.executable, "-m", "ruff", "format", "--check", *self.made)
        self.run(sys.executable, "-m", "mypy", package)
        self.run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    def commands(self) -> list[list[str]]:
        """The page's own, with this Python."""
        lines = "".join(_COMMANDS.findall(self.text)).splitlines()
        return [[sys.executable, *shlex.split(line)[1:]] for line in lines]

    def _follow(self, path: str, kind: str, code: str) -> None:
        file = self.folder / path
        if kind == "python":
            assert not file.exists(), f"{path} exists: its block should be a diff"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(code, "utf-8")
            self.made.append(path)
        else:
            file.write_text(patched(file.read_text("utf-8"), code), "utf-8")
            self.changed.append(path)


def _alone() -> dict[str, str]:
    """The environment without what a run of tests leaves in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def patched(text: str, diff: str) -> str:
    """`text` with the lines that have a plus, each after the line of the diff before it; at the end when there is none.

    >>> patched("a\\nb\\n", " a\\n+x\\n+y\\n"), patched("a\\n", "+z\\n")
    ('a\\nx\\ny\\nb\\n', 'a\\nz\\n')
    """
    lines = text.splitlines()
    place = len(lines)
    for line in diff.splitlines():
        mark, content = line[:1], line[1:]
        if mark == "+":
            lines.insert(place, content)
        else:
            assert lines.count(content) == 1, f"not one line, but {lines.count(content)}: {content}"
            place = lines.index(content)
        place += 1
    return "\n".join(lines) + "\n"
