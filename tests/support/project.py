"""A copy of the project for tests that train: its examples are cut short, so that it takes seconds."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

from scripts.processes import ROOT
from segunda_via.intents.example_files import ExampleFiles

NEEDED = ("actions", "data", "sandbox", "scripts", "segunda_via", "tests/nlu/sentences")
EXAMPLES_KEPT = 45


def small_copy(folder: Path) -> Path:
    """The project, copied into `folder`."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.glob("*.yml"):
        shutil.copy(file, folder)
    kept: defaultdict[str, int] = defaultdict(int)
    cut: defaultdict[Path, set[int]] = defaultdict(set)
    for each in examples(folder).all():
        kept[each.intent] += 1
        if kept[each.intent] > EXAMPLES_KEPT:
            cut[each.file].add(each.line)
    for path, lines in cut.items():
        whole = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(line for number, line in enumerate(whole) if number not in lines), "utf-8")
    return folder


def examples(project: Path) -> ExampleFiles:
    """Of such a copy, whose own package brings the skill."""
    return ExampleFiles(project / "data" / "nlu", (project / "segunda_via" / "skill" / "nlu",))
