"""The package as it is installed elsewhere: it brings along whatever it reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.processes import ROOT

PACKAGES = ("segunda_via", "actions", "sandbox")
NOT_READ = {".mako"}
"""Only `alembic revision` reads that, in the repository."""

USE = """
import segunda_via, sandbox.phone
from segunda_via.storage import database
from segunda_via.web import static_files
from segunda_via.web.rendering import environment

assert segunda_via.__file__.startswith({folder!r}), segunda_via.__file__
engine = database.connect("sqlite:///made.db")
with engine.connect() as connection:
    assert connection.execute("SELECT count(*) FROM segunda_via_operators").scalar() == 0
for name in environment().list_templates():
    environment().get_template(name)
assert all(static_files._read(name) for name in static_files.TYPES)
print("ok", len(environment().list_templates()))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources and unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    source, target = folder / "source", folder / "site"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_every_file_of_the_packages_is_in_the_wheel(installed: Path) -> None:
    wanted = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in NOT_READ
    }
    found = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert wanted - found == set()


def test_what_is_installed_migrates_a_database_and_finds_its_pages(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = USE.format(folder=str(installed))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
    )
    assert done.stdout.startswith("ok"), done.stderr
