"""`make setup`: from a bare machine to a complete `.venv`, asking nothing; well under a second when nothing changed.

Brings uv when it is missing (pip puts it into `.uv/`, pinned by hash), finds a Python 3.10 or has uv download one,
installs exactly what `requirements.lock` names, every hash checked, then the project itself. Source distributions in
the lock and the project are built with the lock's own setuptools, so that nothing unpinned is ever fetched.

Each failure is one line that says what to do; uv's own words stand in `var/log/setup.log`.
Standard library and Python 3.8 only: it runs before the virtual environment exists.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.progress import fail, say, step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".set-up"
PRIVATE_UV = ROOT / ".uv"
LOCK = ROOT / "requirements.lock"
LOG = ROOT / "var" / "log" / "setup.log"
PYTHON = "3.10"
OLDEST_UV = (0, 5)

#: uv's or pip's words -> what the person can do; the first that matches is said
HINTS = (
    (r"no space left|disk quota", "the disk is full: free about 4 GB and run again"),
    (r"permission denied|read-only file system", "this folder cannot be written: check its owner and run again"),
    (
        r"hash mismatch|do not match the hashes",
        "a download does not match its hash in the lock, so a mirror or proxy changed it: "
        "name another index in UV_DEFAULT_INDEX and run again",
    ),
    (
        r"python-build-standalone|no interpreter found|no download found|python downloads? (is|are) (disabled|set)",
        f"no Python {PYTHON} here and none could be downloaded: install Python {PYTHON} "
        f"(pyenv install {PYTHON}, brew install python@{PYTHON}, ...) and run again",
    ),
    (
        r"dns error|failed to fetch|error sending request|connection (refused|reset|error)|tunnel|timed? ?out|"
        r"certificate|max retries|temporary failure|network is unreachable|newconnectionerror|could not connect|"
        r"from versions: none",  # all that pip says when it is told not to retry
        "the package index cannot be reached: check the network and the proxy "
        "(or name a mirror in UV_DEFAULT_INDEX and PIP_INDEX_URL) and run again",
    ),
    (
        r"no matching distribution|no solution found|not found in the package registry",
        "the package index lacks a pinned package: name a complete one in UV_DEFAULT_INDEX and PIP_INDEX_URL "
        "and run again",
    ),
)


class Failed(Exception):
    """A command of the set-up failed; the text is its output."""


def fingerprint(root: Path = ROOT) -> str:
    """What `.venv` is made from. The folder is part of it: a moved environment's scripts point nowhere."""
    digest = hashlib.sha256(str(root).encode())
    for name in ("requirements.lock", "pyproject.toml", ".python-version"):
        digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()


def explain(output: str) -> str:
    """The one line for what uv or pip said."""
    for pattern, advice in HINTS:
        if re.search(pattern, output, re.IGNORECASE):
            return advice
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return (lines[-1] if lines else "it ended without a word") + f" (more in {LOG.relative_to(ROOT)})"


def run(command: list[str], environment: dict[str, str]) -> str:
    """Run a command with its output kept for the log; raise `Failed` with that output."""
    try:
        done = subprocess.run(
            command,
            cwd=str(ROOT),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise Failed(str(error)) from error
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        raise Failed(done.stdout)
    return done.stdout


def answer(*command: str) -> str | None:
    """What a command prints; None when it is not there or fails (a pyenv shim may be there and fail)."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    except OSError:
        return None
    return None if done.returncode else done.stdout


def usable_uv(candidate: str) -> bool:
    """Whether this uv runs and is new enough."""
    version = re.match(r"uv (\d+)\.(\d+)", answer(candidate, "--version") or "")
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV


def pip_python() -> str | None:
    """A Python that has pip: the one running, else another."""
    candidates = (sys.executable, "python3", "python", "/usr/bin/python3", "/usr/local/bin/python3")
    return next((python for python in candidates if answer(python, "-m", "pip", "--version")), None)


def find_uv() -> str:
    """The path of a usable uv, ours or the machine's; installed into `.uv/` when there is none."""
    for candidate in (str(PRIVATE_UV / "bin" / "uv"), shutil.which("uv"), str(Path.home() / ".local/bin/uv")):
        if candidate and usable_uv(candidate):
            return candidate
    python = pip_python()
    if python is None:
        fail("setup: no Python here has pip: install it (Debian: apt-get install python3-pip) and run again")
    # --target, not a venv: Debian's Python has neither ensurepip nor leave to install beside itself. The two
    # variables undo settings with which pip would refuse a target.
    environment = dict(os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    shutil.rmtree(str(PRIVATE_UV), ignore_errors=True)
    command = [python, "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    with step("Fetching uv, the installer"):
        run([*command, "--target", str(PRIVATE_UV), "-r", "scripts/requirements-uv.txt"], environment)
    return str(PRIVATE_UV / "bin" / "uv")


def environment_for_uv() -> dict[str, str]:
    """The environment, plus the index address and certificates that pip was told: uv does not read pip's settings."""
    environment = dict(os.environ, UV_NO_PROGRESS="1")
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    listed = answer(pip_python() or sys.executable, "-m", "pip", "config", "list") or ""
    told = {key.split(".")[-1]: value.strip("'\"") for key, _, value in (x.partition("=") for x in listed.splitlines())}
    if "index-url" in told and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(environment):
        environment["UV_DEFAULT_INDEX"] = told["index-url"]
    if "cert" in told:
        environment.setdefault("SSL_CERT_FILE", told["cert"])
    return environment


def find_python(uv: str, environment: dict[str, str]) -> str:
    """A Python 3.10 on this machine, or the bare version, which has uv download one."""
    try:
        # Warnings about pyenv's shims come first; the path is the last line.
        return run([uv, "python", "find", "--system", "--no-python-downloads", PYTHON], environment).split("\n")[-2]
    except Failed:
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        installed: list[Path] = sorted(pyenv.glob(f"versions/{PYTHON}*/bin/python{PYTHON}"))
        return str(installed[-1]) if installed else PYTHON


def healthy_venv() -> bool:
    """Whether `.venv` holds a Python 3.10 that still runs."""
    return answer(str(VENV_PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])") == f"{PYTHON}\n"


def install() -> None:
    """Make `.venv` what the lock says."""
    uv = find_uv()
    environment = environment_for_uv()
    doing = "Bringing .venv up to date with {} pinned packages"
    if not healthy_venv():
        python = find_python(uv, environment)
        with step(f"Making .venv with Python {PYTHON}" + (", downloaded" if python == PYTHON else "")):
            shutil.rmtree(str(VENV), ignore_errors=True)
            run([uv, "venv", "--quiet", "--python", python, str(VENV)], environment)
        doing = "Installing {} pinned packages, about 700 MB to fetch the first time"
    if STAMP.exists():
        STAMP.unlink()
    packages = sum(1 for line in LOCK.read_text(encoding="utf-8").splitlines() if re.match(r"\S+==", line))
    pip = [uv, "pip"]
    target = ["--python", str(VENV_PYTHON)]
    with step(doing.format(packages)):
        run([*pip, "sync", *target, "--require-hashes", "--build-constraints", str(LOCK), str(LOCK)], environment)
        run([*pip, "install", *target, "--offline", "--no-deps", "--no-build-isolation", "-e", "."], environment)
    STAMP.write_text(fingerprint(), encoding="utf-8")


def main() -> None:
    if STAMP.exists() and VENV_PYTHON.exists() and STAMP.read_text(encoding="utf-8") == fingerprint():
        return
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)  # `make chat` and `make test` started together install once
        if STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint():
            return
        log.truncate(0)
        install()
    say("Set up.")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        fail(f"setup: {explain(str(failure))}")
    except OSError as error:
        fail(f"setup: {explain(str(error))}")
    except KeyboardInterrupt:
        sys.exit(130)
