"""Programs of Debian's that some tests drive; `.ci/run` installs them."""

from __future__ import annotations

import os
import shutil

import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PACKAGES = {
    "promtool": "prometheus",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "systemd-analyze": "systemd",
    "docker-compose": "docker-compose",
    "pgbouncer": "pgbouncer",
}
"""Program -> the package that has it."""


def program(name: str) -> str:
    """Where it is; skips where it is not installed."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        pytest.skip(f"no {name}: apt-get install {PACKAGES[name]}, as .ci/run does")
    return found
