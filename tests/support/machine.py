"""A machine of its own for a test: this one's files with a layer over them, no network but loopback, nothing stays.

What is written there goes to memory and is gone afterwards; processes end with it. Needs root, as CI has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ENTER = """
set -eu
mount -t tmpfs tmpfs "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount -t proc proc "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs tmpfs "$0/root/run"
ip link set lo up
exec chroot "$0/root" "$@"
"""


def run(folder: Path, program: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """That Python program as the machine's root runs it; what it printed."""
    if os.geteuid() != 0:
        pytest.skip("making a machine needs root, as .ci/run has it")
    told: Mapping[str, str] = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **environment}
    enter = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-c", ENTER, str(folder)]
    return subprocess.run(
        [*enter, sys.executable, str(program), *arguments],
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
