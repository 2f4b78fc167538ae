"""Starts servers, waits until they answer, and stops them: whatever happens, nothing that was started stays.

A server runs in a session of its own, so that Ctrl-C in the terminal reaches only who is talking there. It ends with
its parent in three ways: `Servers` stops it on leaving; signals are turned into leaving (`leave_on_signals`); and
should the parent be killed outright, Linux ends it (`PR_SET_PDEATHSIG`; elsewhere that last case is not covered).
What a server prints goes to `var/log/<name>.log`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "log"
PR_SET_PDEATHSIG = 1
START_SECONDS = 60.0
STOP_SECONDS = 15.0
"""For what is under way: the public server and Rasa's let their answers end first."""
_LISTENING = "0A"
"""That state of a socket, in Linux's tables."""
RETRIES = 5


def public_server(port: int) -> list[str]:
    """`segunda-via serve`, on loopback: by this interpreter, and of the code that stands here."""
    return [sys.executable, "-c", "from segunda_via.cli import main; main()", "serve", "--port", str(port)]


class DidNotStart(Exception):
    """A server ended or stayed silent; the text says which, and its last words."""


def free_port(preferred: int, tries: int = 50, avoid: Set[int] = frozenset()) -> int:
    """The preferred port if nobody listens there on any address, else the next free one."""
    for port in range(preferred, preferred + tries):
        if port in avoid:
            continue
        with contextlib.suppress(OSError), socket.socket() as probe:
            # As servers do: a port whose last connection just closed is free, one with a listener is not.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("", port))
            return port
    raise DidNotStart(f"no free port between {preferred} and {preferred + tries - 1}: close what listens there")


def any_port() -> int:
    """A port that nobody else is likely to take before it is used, for what nobody else will ask."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tie_to_parent(how: int = signal.SIGTERM, parent: int | None = None) -> None:
    """Have Linux send this process `how` when its parent is no more; `parent` says which one that must be."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(how))
        if parent is not None and os.getppid() != parent:  # it died before the tie was made
            os._exit(1)


def die_with_parent(how: int = signal.SIGTERM) -> Callable[[], None]:
    """`tie_to_parent` for a child about to start (`preexec_fn`)."""
    return functools.partial(tie_to_parent, how, os.getpid())


def leave_on_signals() -> None:
    """Turn Ctrl-C, a plain kill and a closed terminal into an orderly leave: `finally` blocks run, once, uncut."""
    all_of_them = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def leave(number: int, frame: FrameType | None) -> None:
        for each in all_of_them:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in all_of_them:
        signal.signal(each, leave)


def listens(leader: int, port: int) -> bool:
    """Whether a process of that session listens on that port; True where Linux does not tell.

    Of two servers started for one port, one serves and the other ends a little later: until then, what answers there
    would be taken for both.
    """
    if not sys.platform.startswith("linux"):
        return True
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in Path(table).read_text("ascii").splitlines()[1:]]
            listening = [row for row in rows if row[3] == _LISTENING]
            sockets |= {f"socket:[{row[9]}]" for row in listening if int(row[1].rpartition(":")[2], 16) == port}
    return any(_holds(int(each.name), leader, sockets) for each in Path("/proc").iterdir() if each.name.isdecimal())


def _holds(process: int, leader: int, sockets: Set[str]) -> bool:
    """Whether that process is of that session and has one of those sockets open."""
    with contextlib.suppress(OSError):
        if os.getsid(process) == leader:
            return any(str(each.readlink()) in sockets for each in Path(f"/proc/{process}/fd").iterdir())
    return False


@dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, seconds: float = 10) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def healthy(self, path: str) -> bool:
        try:
            return self.get(path, seconds=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def read(self, path: str) -> Any:
        """What a route answers, from JSON."""
        return json.loads(self.get(path)[1])

    def last_words(self, lines: int = 12) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def wait(self, path: str = "/health", seconds: float = START_SECONDS) -> float:
        """Seconds until `path` answered 200, and it was this server that did; raises `DidNotStart`."""
        began = time.monotonic()
        while not (self.healthy(path) and listens(self.process.pid, self.port)):
            silent = time.monotonic() - began > seconds
            if silent or self.process.poll() is not None:
                why = f"did not answer within {seconds:.0f} s" if silent else f"ended ({self.process.returncode})"
                where = self.log.relative_to(ROOT) if self.log.is_relative_to(ROOT) else self.log
                raise DidNotStart(f"the {self.name} {why}; its last lines (all in {where}):\n{self.last_words()}")
            time.sleep(0.05)
        return time.monotonic() - began


class Servers:
    """A `with` block: what is started inside, in `folder`, is stopped when it is left."""

    def __init__(self, logs: Path = LOGS, folder: Path = ROOT) -> None:
        self.logs = logs
        self.folder = folder
        self.running: list[Server] = []

    def __enter__(self) -> Servers:
        return self

    def start(self, name: str, command: Sequence[str], port: int, environment: Mapping[str, str]) -> Server:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name.replace(' ', '-')}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        server = Server(name, port, process, log)
        self.running.append(server)
        return server

    def start_on_free_port(
        self,
        name: str,
        preferred: int,
        command: Callable[[int], Sequence[str]],
        environment: Mapping[str, str],
        path: str = "/health",
    ) -> Server:
        """Start a server and wait until `path` answers; on another port when the one found is taken meanwhile."""
        tried: set[int] = set()
        while True:
            port = free_port(preferred, avoid=tried)
            server = self.start(name, command(port), port, environment)
            try:
                server.wait(path)
            except DidNotStart:
                if len(tried) == RETRIES or "address already in use" not in server.last_words().lower():
                    raise
                tried.add(port)
            else:
                return server

    def watch(self) -> NoReturn:
        """Until one of them ends, which raises `DidNotStart`, or a signal ends it all."""
        while True:
            for server in self.running:
                if server.process.poll() is not None:
                    raise DidNotStart(f"the {server.name} ended; its last lines:\n{server.last_words()}")
            time.sleep(0.3)

    def stop(self, these: Sequence[Server]) -> None:
        """The last one first, each before the next: those that were started later need the earlier ones."""
        for server in reversed(these):
            stop([server.process])
        self.running = [server for server in self.running if server not in these]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(self.running)


def stop(processes: Sequence[subprocess.Popen[bytes]], seconds: float = STOP_SECONDS) -> None:
    """End session leaders and their groups: politely, then not."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, how)
        limit = time.monotonic() + seconds
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, limit - time.monotonic()))
