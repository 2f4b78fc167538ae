"""Fails when a pytest report (`--junitxml`) holds a test that did not run: skipped, expected to fail, or none at all.

    python -m scripts.no_skips report.xml

A suite that quietly skips what it cannot run proves nothing; continuous integration runs this after each.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

from scripts.progress import fail, say


def skipped(report: str) -> tuple[int, list[str]]:
    """How many tests the report holds, and a line for each that was skipped or expected to fail."""
    cases = list(ElementTree.fromstring(report).iter("testcase"))  # noqa: S314 (our own pytest wrote it)
    lines = [
        f"{case.get('classname')}::{case.get('name')}: {mark.get('message')}"
        for case in cases
        for mark in case.findall("skipped")
    ]
    return len(cases), lines


def main() -> None:
    tests, lines = skipped(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if not tests:
        fail(f"no-skips: {sys.argv[1]} holds no test at all")
    if lines:
        fail("\n".join([f"no-skips: {len(lines)} of {tests} tests did not run:", *lines]))
    say(f"{tests} tests ran, none skipped.")


if __name__ == "__main__":
    main()
