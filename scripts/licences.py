"""The licence of every package that is shipped, as its own metadata says it: for the release, and for a test.

python -m scripts.licences requirements.lock > THIRD-PARTY.md
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

UNSAID = {"axe-playwright-python": "MIT"}
"""What the files of these say and their metadata do not."""
_CLASSIFIER = "License :: "


@dataclass(frozen=True)
class Licence:
    package: str
    version: str
    name: str


def locked(lock: Path) -> Iterator[str]:
    """The packages of a lock that are installed on this kind of machine."""
    for line in lock.read_text("utf-8").splitlines():
        if line and line[0] not in " #-":
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement.name


def licences(packages: Iterable[str]) -> Iterator[Licence]:
    """One a package, in their order; an empty name where its metadata say nothing."""
    for package in packages:
        told = importlib.metadata.metadata(package)
        classifiers = [each for each in told.get_all("Classifier", ()) if each.startswith(_CLASSIFIER)]
        short = (told.get("License") or "").strip().splitlines()
        name = (
            told.get("License-Expression")
            or ", ".join(each.rpartition(" :: ")[2] for each in classifiers)
            or (short[0][:80] if short else "")
            or UNSAID.get(package.lower(), "")
        )
        yield Licence(package, told["Version"], re.sub(r"\s+", " ", name))


def main() -> None:
    sys.stdout.write("# Licences of what is shipped with it\n\n| package | version | licence |\n|---|---|---|\n")
    for each in licences(sorted(locked(Path(sys.argv[1])))):
        sys.stdout.write(f"| {each.package} | {each.version} | {each.name} |\n")


if __name__ == "__main__":
    main()
