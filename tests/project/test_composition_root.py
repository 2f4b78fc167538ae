"""Who asks for the process's App: only the two places where a framework builds our objects and passes nothing on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "segunda_via/actions/guard.py",  # the SDK builds the actions
    "segunda_via/actions/__init__.py",  # and asks its plugins, by a class that it finds
    "segunda_via/rasa_plugin/process.py",  # Rasa builds components, policies, channel, NLG and tracker store
}


def asks_for_it(tree: ast.AST) -> bool:
    """Whether a module imports `current` from the composition root, or reads it from that module."""
    modules = {"segunda_via.app"}
    for node in ast.walk(tree):
        from_it = isinstance(node, ast.ImportFrom) and node.module == "segunda_via.app"
        if from_it and any(each.name == "current" for each in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "segunda_via":
            modules |= {each.asname or each.name for each in node.names if each.name == "app"}
        if isinstance(node, ast.Attribute) and node.attr == "current" and ast.unparse(node.value) in modules:
            return True
    return False


def sources() -> Iterator[Path]:
    for folder in ("segunda_via", "actions", "scripts", "sandbox"):
        yield from (ROOT / folder).rglob("*.py")


def test_the_processs_app_is_asked_for_where_a_framework_builds_our_objects_alone() -> None:
    found = {str(path.relative_to(ROOT)) for path in sources() if asks_for_it(ast.parse(path.read_text("utf-8")))}
    assert found == ALLOWED
