"""Every path and test that the guides for developers name exists, and the architecture's map has every package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "segunda_via"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [ARCHITECTURE, *sorted((ROOT / "docs").glob("adding-a-*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]

PATH = re.compile(r"`(/?[\w.-]+/[\w./-]*|/?[\w-]+\.(?:py|yml|toml|md|html|lock))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
MADE_UP = re.compile(r"^/?(?:var|v1|webhook|metrics|configuracoes|health|media|desk|ticket-notes|status|actions$)")
"""Routes, and what is written at run time: no files of the repository."""

WRITTEN = re.compile(r"^`([\w./-]+)`:\n\n```python\n", re.MULTILINE)
"""Files that a page tells one to write."""


def named(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    written = WRITTEN.findall(text)
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [path for path in PATH.findall(outside) if path not in written and not MADE_UP.match(path)]


def exists(path: str, page: Path) -> bool:
    below = (ROOT, PACKAGE, page.parent)
    return any((folder / path.lstrip("/")).exists() for folder in below)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_it_names_exists(page: Path) -> None:
    missing = [path for path in named(page) if not exists(path, page)]
    missing += [path for path in LINK.findall(page.read_text("utf-8")) if not (page.parent / path).exists()]
    assert missing == []


def test_paths_are_found_in_the_pages() -> None:
    assert "boletos/checks.py" in named(ARCHITECTURE)
    assert not exists("boletos/no_such_file.py", ARCHITECTURE)


def test_the_map_names_every_package() -> None:
    packages = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    described = set(re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE.read_text("utf-8"), re.MULTILINE))
    assert described == packages


@pytest.mark.parametrize("page", ["delivery-guarantees.md", "threat-model.md", "dependencies.md"])
def test_the_tests_that_hold_what_is_promised_exist(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / page).read_text("utf-8")))
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert {name for name in named if f"def {name}(" not in written} == set()
