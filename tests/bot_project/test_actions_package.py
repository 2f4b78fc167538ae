"""The bot's actions in every shape that rasa_sdk takes, and the one line that registers the skill's."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from segunda_via.bot_project.actions_package import ActionsPackage
from segunda_via.errors import ConfigurationError

CODE = '"""Ours."""\n\nfrom __future__ import annotations\n\nfrom typing import (\n    Any,\n)\n\nX: Any = 1\n'

SHAPES: dict[str, tuple[dict[str, str], str]] = {
    "a package with an empty __init__": ({"actions/__init__.py": "", "actions/a.py": "x = 1\n"}, "actions/__init__.py"),
    "a package with code": ({"actions/__init__.py": CODE}, "actions/__init__.py"),
    "a folder without __init__": ({"actions/pizza.py": "x = 1\n"}, "actions/__init__.py"),
    "a file": ({"actions.py": CODE}, "actions.py"),
    "a file beside a folder without __init__": ({"actions.py": CODE, "actions/x.txt": ""}, "actions.py"),
    "a file that a package hides": ({"actions.py": CODE, "actions/__init__.py": ""}, "actions/__init__.py"),
    "missing": ({}, "actions/__init__.py"),
}


def package(folder: Path, files: dict[str, str]) -> ActionsPackage:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return ActionsPackage(folder)


@pytest.mark.parametrize(("files", "entry"), SHAPES.values(), ids=SHAPES)
def test_the_line_goes_where_python_begins_and_once(tmp_path: Path, files: dict[str, str], entry: str) -> None:
    found = package(tmp_path, files)
    assert not found.is_imported()
    assert found.entry == tmp_path / entry
    text = found.completed()
    ast.parse(text)
    assert text.count("import segunda_via.actions") == 1
    assert text.replace(next(line for line in text.splitlines(True) if "segunda_via.actions" in line), "") in (
        files.get(entry, ""),
        '"""The custom actions of this bot."""\n\n',
    )
    found.entry.parent.mkdir(exist_ok=True)
    found.entry.write_text(text, "utf-8")
    assert found.is_imported()
    assert found.completed() == text


def test_a_file_that_a_package_hides_is_seen(tmp_path: Path) -> None:
    assert package(tmp_path, {"actions.py": "", "actions/__init__.py": ""}).shadowed == tmp_path / "actions.py"
    (tmp_path / "actions" / "__init__.py").unlink()
    assert ActionsPackage(tmp_path).shadowed is None


LINE = "import segunda_via.actions  # noqa: F401  registers the actions of Segunda Via\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Ours."""\n', f'"""Ours."""\n\n{LINE}'),
        ("# comments\n# alone", f"# comments\n# alone\n\n{LINE}"),
        ("import os", f"import os\n{LINE}"),
        ("# why\n@wraps\ndef f(): ...\n", f"# why\n\n{LINE}\n@wraps\ndef f(): ...\n"),
        ("def f(): ...\n", f"{LINE}\ndef f(): ...\n"),
        ("import os\r\nx = 1\r\n", f"import os\r\n{LINE[:-1]}\r\nx = 1\r\n"),
        ("from a import (\n    b,\n)\n\nc = b\n", f"from a import (\n    b,\n)\n{LINE}\nc = b\n"),
    ],
)
def test_the_line_stands_behind_the_imports(tmp_path: Path, before: str, after: str) -> None:
    assert package(tmp_path, {"actions.py": before}).completed() == after


@pytest.mark.parametrize(
    "line",
    [
        "import segunda_via.actions",
        "import os, segunda_via.actions as boleto",
        "from segunda_via import actions",
        "from segunda_via.actions import action_send_boleto",
        "try:\n    import segunda_via.actions\nexcept ImportError:\n    pass",
    ],
)
def test_an_import_of_any_spelling_counts_in_any_module_of_the_package(tmp_path: Path, line: str) -> None:
    assert package(tmp_path, {"actions/__init__.py": "", "actions/boleto.py": line + "\n"}).is_imported()


@pytest.mark.parametrize("line", ["# import segunda_via.actions", "import segunda_via", "from .x import actions"])
def test_what_only_looks_like_it_does_not(tmp_path: Path, line: str) -> None:
    assert not package(tmp_path, {"actions.py": line + "\n"}).is_imported()


def test_what_is_not_python_is_told_by_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"pizza\.py não é Python válido: veja a linha 2"):
        package(tmp_path, {"actions/pizza.py": "x = 1\ndef (\n"}).is_imported()
    (tmp_path / "actions" / "pizza.py").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        ActionsPackage(tmp_path).is_imported()
