"""What is shipped: locked by hash, under licences that everybody may use, and released as the papers say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import licences

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
NOT_SHIPPED = re.compile(r"(?<!L)(?<!Lesser )\b(?:A?GPL|GNU (?:Affero )?General Public)")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_locked_by_its_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", lock.read_text("utf-8"), flags=re.MULTILINE).strip())
    assert len(entries) > 30
    for entry in entries:
        assert re.match(r"[\w.\-\[\]]+==\S+", entry), f"not pinned: {entry.splitlines()[0]}"
        assert "--hash=sha256:" in entry, f"without a hash: {entry.splitlines()[0]}"


def test_every_licence_is_known_and_lets_everybody_use_it() -> None:
    told = list(licences.licences(licences.locked(ROOT / "requirements.lock")))
    assert len(told) > 100
    assert [each.package for each in told if not each.name] == []
    assert [each.package for each in told if NOT_SHIPPED.search(each.name)] == []


@pytest.mark.parametrize(
    ("name", "is_shipped"),
    [
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", True),
        ("LGPL with exceptions", True),
        ("GPL-3.0-or-later", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("AGPL-3.0", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(name: str, is_shipped: bool) -> None:
    assert (NOT_SHIPPED.search(name) is None) is is_shipped


def test_the_table_of_what_rasa_freezes_is_what_is_locked() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) \|", page, re.MULTILINE)
    assert len(rows) > 5
    for package, version in rows:
        if package != "Python":
            assert f"{locked[package.lower()]}.".startswith(f"{version}."), package


def test_each_threat_names_what_holds_its_wall() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
    rows = re.findall(r"^\| (?!who \||---)(.*) \|$", page, re.MULTILINE)
    assert len(rows) > 20
    for row in rows:
        assert re.search(r"`test_\w+`$", row), row


@pytest.fixture
def jobs() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(RELEASE)["jobs"]
    return told


def test_nothing_is_published_before_everything_was_tested(jobs: dict[str, Any]) -> None:
    assert {"run": "bash .ci/run"} in jobs["check"]["steps"]
    assert jobs["package"]["needs"] == "check"
    assert jobs["publish"]["needs"] == "package"


def test_each_job_may_do_only_what_it_does(jobs: dict[str, Any]) -> None:
    assert yaml.safe_load(RELEASE)["permissions"] == {}
    assert [name for name, job in jobs.items() if job["permissions"].get("contents") == "write"] == ["publish"]


def test_the_notes_are_those_of_the_version() -> None:
    """The very program of the workflow, on our changelog."""
    (program,) = re.findall(r"awk -v version=\"\$\{GITHUB_REF_NAME#v\}\" '(.*?)' CHANGELOG.md", RELEASE, re.DOTALL)
    command = ["/usr/bin/awk", "-v", "version=0.2.0", program, str(ROOT / "CHANGELOG.md")]
    notes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert notes.strip()
    assert notes.strip() in changelog
    assert "## [" not in notes
    assert changelog.index(notes.strip()) > changelog.index("## [0.2.0]")
