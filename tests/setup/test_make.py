"""The Makefile lists what it offers, and continuous integration catches what did not run."""

from __future__ import annotations

import re
import subprocess

import pytest

from scripts.no_skips import skipped
from scripts.train import ROOT

REPORT = '<testsuites><testsuite><testcase classname="tests.a" name="b">{}</testcase></testsuite></testsuites>'


def test_every_target_is_explained() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    shown = subprocess.run(["/usr/bin/env", "make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  make (\S+)\s+\S", shown, re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())


@pytest.mark.parametrize("script", [".ci/run", "scripts/setup.sh"])
def test_the_shell_scripts_parse(script: str) -> None:
    shell = "bash" if script == ".ci/run" else "sh"
    subprocess.run([shell, "-n", script], cwd=ROOT, check=True)


def test_a_report_without_skips_passes() -> None:
    assert skipped(REPORT.format("")) == (1, [])


@pytest.mark.parametrize("kind", ["pytest.skip", "pytest.xfail"])
def test_a_skip_and_an_expected_failure_are_told(kind: str) -> None:
    assert skipped(REPORT.format(f'<skipped type="{kind}" message="no browser"/>')) == (1, ["tests.a::b: no browser"])


def test_the_check_reads_what_pytest_writes(pytester_report: str) -> None:
    count, lines = skipped(pytester_report)
    assert count == 3
    assert [line.split("::")[1].split(":")[0] for line in lines] == ["test_skipped", "test_expected_to_fail"]


@pytest.fixture
def pytester_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_it.py").write_text(
        "import pytest\n"
        "def test_runs(): pass\n"
        "@pytest.mark.skip(reason='x')\ndef test_skipped(): pass\n"
        "@pytest.mark.xfail\ndef test_expected_to_fail(): assert False\n",
        encoding="utf-8",
    )
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    report = folder / "report.xml"
    subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "pytest", "-q", f"--junitxml={report}", "."],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return report.read_text(encoding="utf-8")
