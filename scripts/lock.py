"""`make lock`: renews `requirements.lock` from pyproject.toml: every platform, every hash, no index address."""

from __future__ import annotations

import subprocess
import sys

from scripts.progress import fail, step
from scripts.setup import LOCK, PYTHON, ROOT, environment_for_uv, find_uv


def main() -> None:
    command = [
        find_uv(),
        "pip",
        "compile",
        "pyproject.toml",
        "--extra",
        "dev",
        "--python-version",
        PYTHON,
        "--universal",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-annotate",
        "--quiet",
        "-o",
        LOCK.name,
        *sys.argv[1:],
    ]
    with step("Resolving"):
        done = subprocess.run(command, cwd=ROOT, env=environment_for_uv(), check=False, capture_output=True, text=True)
    if done.returncode:
        fail(done.stderr.strip())


if __name__ == "__main__":
    main()
