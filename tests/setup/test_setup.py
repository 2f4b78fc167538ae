"""Set-up ends well or with one line that says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts import setup

ROOT = setup.ROOT
#: real words of uv 0.13 and pip 23, and what each must lead to
SAID = [
    ("error: Failed to install: x.whl\n  Caused by: No space left on device (os error 28)", "the disk is full"),
    ("error: failed to create file `/x/.venv/a`: Permission denied (os error 13)", "cannot be written"),
    ("error: Hash mismatch for `httpx==0.28.1`\n\nExpected:\n  sha256:aa", "does not match its hash"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "does not match its hash"),
    ("error: No interpreter found for Python 3.10 in managed installations or search path", "no Python 3.10 here"),
    (
        "error: Failed to download https://github.com/astral-sh/python-build-standalone/releases/download/x.tar.gz\n"
        "  cause: dns error",
        "no Python 3.10 here",
    ),
    ("error: Failed to fetch: `https://index.example/simple/rasa/`\n  Caused by: dns error", "index cannot be reached"),
    ("WARNING: Retrying ... NewConnectionError('x: Failed to establish a new connection')", "index cannot be reached"),
    ("ERROR: No matching distribution found for uv==0.13.9", "lacks a pinned package"),
]


@pytest.mark.parametrize(("said", "advice"), SAID)
def test_the_installers_words_become_advice(said: str, advice: str) -> None:
    line = setup.explain(said)
    assert advice in line
    assert "\n" not in line


def test_unforeseen_words_are_passed_on_with_where_the_rest_is() -> None:
    assert setup.explain("Resolved\nerror: something new\n") == "error: something new (more in var/log/setup.log)"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What set-up reads of a fresh clone, nothing installed."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "pyproject.toml", ".python-version"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        ["/bin/sh", "scripts/setup.sh"],
        cwd=folder,
        env={"HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def programs(folder: Path, **scripts: str) -> str:
    """A PATH on which the named programs are shell scripts; python3 is always there."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name, script in {"python3": f'exec {sys.executable} "$@"', **scripts}.items():
        (bin_folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (bin_folder / name).chmod(0o755)
    return f"{bin_folder}:/usr/bin:/bin"


def test_an_index_that_cannot_be_reached(clone: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"
    done = run(
        clone,
        {
            "PATH": programs(clone),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": nowhere,
            "PIP_RETRIES": "0",
            "UV_DEFAULT_INDEX": nowhere,
            "UV_HTTP_RETRIES": "0",
            "UV_CACHE_DIR": str(clone / "cache"),
        },
    )
    assert done.returncode == 1
    assert "the package index cannot be reached" in one_line(done.stderr)


UV_WITHOUT_PYTHON = """case "$1 $2" in
"--version "*) echo "uv 0.13.9 (x86_64-unknown-linux-gnu)" ;;
*) echo "error: No interpreter found for Python 3.10 in managed installations or search path" >&2; exit 2 ;;
esac"""


def test_no_python_that_rasa_runs_on(clone: Path) -> None:
    done = run(clone, {"PATH": programs(clone, uv=UV_WITHOUT_PYTHON), "PYENV_ROOT": str(clone / "nowhere")})
    assert done.returncode == 1
    assert "install Python 3.10" in one_line(done.stderr)


UV_THAT_FAILS_TO_INSTALL = """case "$1 $2" in
"--version "*) echo "uv 0.13.9" ;;
"python find") echo /usr/bin/python3.10 ;;
"venv "*) mkdir -p .venv/bin ;;
*) echo "error: Failed to fetch: https://index.example/simple/rasa/" >&2; echo "  Caused by: dns error" >&2; exit 1 ;;
esac"""


def test_an_interrupted_set_up_starts_over_the_next_time(clone: Path) -> None:
    environment = {"PATH": programs(clone, uv=UV_THAT_FAILS_TO_INSTALL)}
    for _ in range(2):
        done = run(clone, environment)
        assert done.returncode == 1
        assert "the package index cannot be reached" in one_line(done.stderr)
    assert not (clone / ".venv" / ".set-up").exists()


def test_a_uv_that_a_pyenv_shim_hides_is_not_used(tmp_path: Path) -> None:
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\necho 'pyenv: uv: command not found' >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    assert not setup.usable_uv(str(shim))
    shim.write_text("#!/bin/sh\necho 'uv 0.4.30'\n", encoding="utf-8")
    assert not setup.usable_uv(str(shim))
    shim.write_text("#!/bin/sh\necho 'uv 0.13.9 (x86_64-unknown-linux-gnu)'\n", encoding="utf-8")
    assert setup.usable_uv(str(shim))


def test_a_shim_that_fails_is_not_taken_for_a_python(clone: Path) -> None:
    """With pyenv but without its 3.10, `python3` exists and fails: the next candidate must be tried."""
    broken = "echo 'pyenv: version `3.10` is not installed' >&2; exit 1"
    bin_folder = clone / "bin"
    path = programs(clone, python3=broken, uv=UV_WITHOUT_PYTHON)
    (bin_folder / "python3.10").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (bin_folder / "python3.10").chmod(0o755)
    done = run(clone, {"PATH": path, "PYENV_ROOT": str(clone / "nowhere")})
    assert "install Python 3.10" in one_line(done.stderr)


def test_the_fingerprint_follows_what_is_installed_and_where(clone: Path, tmp_path: Path) -> None:
    seen = {setup.fingerprint(clone)}
    with (clone / "requirements.lock").open("a", encoding="utf-8") as lock:
        lock.write("more==1\n")
    seen.add(setup.fingerprint(clone))
    moved = clone.rename(tmp_path / "moved")
    seen.add(setup.fingerprint(moved))
    assert len(seen) == 3


def test_set_up_again_says_nothing_and_installs_nothing() -> None:
    again = ["/bin/sh", "scripts/setup.sh"]
    subprocess.run(again, cwd=ROOT, capture_output=True, check=True, timeout=120)
    stamped = setup.STAMP.stat().st_mtime_ns
    done = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert setup.STAMP.stat().st_mtime_ns == stamped


def test_nothing_in_the_lock_lacks_a_pin_a_hash_or_names_an_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in "\n".join(line for line in lock.splitlines() if not line.startswith("#"))
    for block in lock.replace("\\\n", " ").splitlines():
        assert block.startswith("#") or ("==" in block and "--hash=sha256:" in block), block
