"""`make bench`: measure both projects, one after the other, then every gateway, and print a table of each.

It takes about ten minutes.

make bench ARGS=--write       also renews docs/benchmarks.md
make bench ARGS=--ours        without Rasa's default, in about two minutes; cannot be written
make bench ARGS=--classifiers the three intent classifiers alone; DIET trains for many minutes, unless --kept
make bench ARGS=--channel     the WhatsApp channel beside Rasa's, in under a minute
make bench ARGS=--gateways    the gateways alone, in under a minute; --write renews their part of the page
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import channel, classifiers, gateways, report, screen
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


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--ours", action="store_true", help="leave Rasa's default out")
    part.add_argument("--classifiers", action="store_true", help="the three intent classifiers alone")
    part.add_argument("--channel", action="store_true", help="the WhatsApp channel alone")
    part.add_argument("--gateways", action="store_true", help="the gateways alone")
    parser.add_argument("--kept", action="store_true", help="classifiers: do not train again what results/ holds")
    options = parser.parse_args()
    if options.classifiers:
        return compare_classifiers(options.write, anew=not options.kept)
    if options.write and options.ours:
        parser.error("the page compares: --write needs both")
    leave_on_signals()
    tie_to_parent()
    if options.channel:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, step("the WhatsApp channel, beside Rasa's"):
            table = report.markdown(channel.rows(channel.measure(Path(folder))))
        say(f"\n{report.machine()}\n\n{table}\n")
        if options.write:
            report.write_channel(table)
        return 0
    measured: dict[str, report.Figures] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if not options.gateways:
            projects = lay_out(Path(folder))
            measured = {project.name: measure(project) for project in (projects[:1] if options.ours else projects)}
        with step("every gateway, from a document to the bundle"):
            paces = gateways.measure(Path(folder))
        with step("the WhatsApp channel, beside Rasa's"):
            by_channel = report.markdown(channel.rows(channel.measure(Path(folder))))
        with step("the settings screen"):
            by_screen = screen.measure(Path(folder))
    by_project = report.table(measured) if measured else ""
    by_gateway = report.markdown(gateways.rows(paces))
    text = "\n\n".join(filter(None, (by_project, by_gateway, by_channel, by_screen)))
    say(f"\n{report.machine()}\n\n{text}\n")
    say(f"Kept in {report.save(measured, paces, text).relative_to(ROOT)}.")
    if options.write:
        if by_project:
            report.write_page(by_project)
        report.write_gateways(by_gateway)
        report.write_channel(by_channel)
        say(f"Wrote {report.PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
