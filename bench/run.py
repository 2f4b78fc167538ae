"""`make bench`: measure both projects, one after the other, then every gateway, and print a table of each.

It takes about half an hour.

make bench ARGS=--write       also renews docs/benchmarks.md
make bench ARGS=--ours        without Rasa's default; cannot be written
make bench ARGS=--classifiers the three intent classifiers alone; DIET trains for many minutes, unless --kept
make bench ARGS=--channel     the WhatsApp channel beside Rasa's, in about ten minutes
make bench ARGS=--gateways    the gateways alone, in under a minute
make bench ARGS=--screen      the settings screen alone, in under a minute
make bench ARGS=--panel       the panel when it is full, in about ten minutes
make bench ARGS=--cost        what one conversation on WhatsApp costs, in about four minutes;
                              ARGS="--cost --beside <commit>" measures that commit in the same run

Channel, panel and cost are measured on PostgreSQL, too, where SEGUNDA_VIA_TEST_POSTGRES names a server.
With one of these, --write renews that part of the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench import channel, classifiers, cost, gateways, panel, report, screen
from bench.projects import Project, lay_out
from bench.serving import resident_mb, serve
from bench.talking import ASKS, HELLO, talk
from bench.training import load, train
from scripts.processes import ROOT, leave_on_signals, tie_to_parent
from scripts.progress import say, step


class Part(NamedTuple):
    """What can be measured alone, in a folder of its own; `write` puts the table on the page."""

    what: str
    rows: Callable[[Path], list[list[str]]]
    write: Callable[[str], None]


PARTS: Mapping[str, Part] = {
    "gateways": Part(
        "every gateway, from a document to the bundle",
        lambda folder: gateways.rows(gateways.measure(folder)),
        report.write_gateways,
    ),
    "channel": Part(
        "the WhatsApp channel, beside Rasa's",
        lambda folder: channel.rows(channel.measure(folder)),
        report.write_channel,
    ),
    "screen": Part("the settings screen", lambda folder: screen.rows(screen.measure(folder)), report.write_screen),
    "panel": Part("the panel when it is full", lambda folder: panel.rows(panel.measure(folder)), report.write_panel),
}


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


def compare_classifiers(write: bool, anew: bool) -> int:
    from scripts.nlu_report import examples, held_out

    texts = [said.text for said in held_out()]
    # The longest first: should it fail, nothing else was waited for.
    longest_first = {name: classifiers.ensure(name, anew) for name in reversed(classifiers.PIPELINES)}
    measured = {name: classifiers.measure(name, texts) for name in reversed(longest_first)}
    text = report.markdown(classifiers.rows(measured))
    say(f"\n{report.machine()}\n\n{text}\n")
    if write:
        report.write_classifiers(text, len(examples()), len(texts))
        say(f"Wrote {report.PAGE.relative_to(ROOT)}.")
    return 0


def measure_part(name: str, folder: Path) -> str:
    """The table of one of `PARTS`."""
    part = PARTS[name]
    with step(part.what):
        return report.markdown(part.rows(folder))


def measure_cost(beside: str | None, write: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, step("what a conversation costs"):
        costs = cost.measure(Path(folder), beside)
    table, ratios = report.markdown(cost.rows(costs)), cost.ratios(costs, beside)
    kinds = report.markdown(cost.kinds(costs))
    text = "\n\n".join(filter(None, (table, "\n".join(ratios), kinds)))
    say(f"\n{report.machine()}\n\n{text}\n")
    say(f"Kept in {report.save({}, text).relative_to(ROOT)}.")
    if write:
        report.write_cost(table, ratios)
        say(f"Wrote {report.PAGE.relative_to(ROOT)}.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--ours", action="store_true", help="leave Rasa's default out")
    alone.add_argument("--classifiers", action="store_true", help="the three intent classifiers alone")
    alone.add_argument("--cost", action="store_true", help="what one conversation on WhatsApp costs, alone")
    for name, part in PARTS.items():
        alone.add_argument(f"--{name}", action="store_true", help=f"{part.what}, alone")
    parser.add_argument("--beside", metavar="COMMIT", help="cost: that commit is measured in the same run")
    parser.add_argument("--kept", action="store_true", help="classifiers: do not train again what results/ holds")
    options = parser.parse_args()
    if options.classifiers:
        return compare_classifiers(options.write, anew=not options.kept)
    if options.write and options.ours:
        parser.error("the page compares: --write needs both")
    leave_on_signals()
    tie_to_parent()
    if options.cost:
        return measure_cost(options.beside, options.write)
    chosen = [name for name in PARTS if getattr(options, name)]
    measured: dict[str, report.Figures] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if not chosen:
            projects = lay_out(Path(folder))
            measured = {project.name: measure(project) for project in (projects[:1] if options.ours else projects)}
        tables = {name: measure_part(name, Path(folder)) for name in chosen or PARTS}
    by_project = report.table(measured) if measured else ""
    text = "\n\n".join(filter(None, (by_project, *tables.values())))
    say(f"\n{report.machine()}\n\n{text}\n")
    say(f"Kept in {report.save(measured, text).relative_to(ROOT)}.")
    if options.write:
        if by_project:
            report.write_page(by_project)
        for name, table in tables.items():
            PARTS[name].write(table)
        say(f"Wrote {report.PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
