"""`make bench`: measure both projects, one after the other, and print one table. It takes about ten minutes.

make bench ARGS=--write     also renews docs/benchmarks.md
make bench ARGS=--ours      this project alone, in about two minutes; cannot be written
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.projects import Project, lay_out
from bench.serving import resident_mb, serve
from bench.talking import ASKS, HELLO, talk
from bench.training import load, train
from scripts.processes import ROOT, leave_on_signals, tie_to_parent
from scripts.progress import say, step


def measure(project: Project) -> report.Figures:
    with step(f"{project.name}: training"):
        trained = train(project)
    with step(f"{project.name}: loading"):
        loaded, understood = load(project, [HELLO, ASKS])
    with step(f"{project.name}: serving and talking"), serve(project) as running:
        turns = talk(running)
        return report.Figures(
            train=trained,
            model=project.model.stat().st_size / 1e6,
            load=loaded,
            understand=understood,
            rasa_start=running.rasa_start,
            actions_start=running.actions_start,
            rasa_memory=resident_mb(running.rasa),
            actions_memory=resident_mb(running.actions),
            turns=turns,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md")
    parser.add_argument("--ours", action="store_true", help="leave Rasa's default out")
    options = parser.parse_args()
    if options.write and options.ours:
        parser.error("the page compares: --write needs both")
    leave_on_signals()
    tie_to_parent()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        projects = lay_out(Path(folder))
        measured = {project.name: measure(project) for project in (projects[:1] if options.ours else projects)}
    text = report.table(measured)
    say(f"\n{report.machine()}\n\n{text}\n")
    say(f"Kept in {report.save(measured, text).relative_to(ROOT)}.")
    if options.write:
        report.write_page(text)
        say(f"Wrote {report.PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
