"""Names a process that holds leases: host, number, and when it started, since numbers are used again.

The start is read from Linux's /proc; elsewhere a process that has the number is taken for the same one, and its leases
run out.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """This process, in at most 128 characters."""
    return _spell(socket.gethostname(), os.getpid())


def is_dead(name: str) -> bool:
    """Whether `name` is a process of this host that no longer lives. Processes of other hosts are never judged.

    >>> is_dead(this_process()), is_dead("another-host/1/1"), is_dead("not a name")
    (False, False, False)
    """
    host, _, rest = name.rpartition("/")[0].rpartition("/")
    pid = rest if rest.isdecimal() else ""
    if host != _short(socket.gethostname()) or not pid:
        return False
    return not _lives(int(pid)) or _spell(host, int(pid)) != name


def _spell(host: str, pid: int) -> str:
    return f"{_short(host)}/{pid}/{_started(pid)}"


def _short(host: str) -> str:
    return host[:80].replace("/", "-")


def _started(pid: int) -> str:
    """Clock ticks from boot to the start of that process; empty where that cannot be told."""
    try:
        # The command's name stands in parentheses and may hold anything; the start is the 20th field after it.
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
