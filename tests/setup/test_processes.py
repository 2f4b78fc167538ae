"""Servers are started on free ports, waited for, and never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.processes import ROOT, DidNotStart, Servers, free_port

HEALTHY = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}')

HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SERVE = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]


def alive(pid: int) -> bool:
    """Whether the process runs: neither gone nor a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, seconds: float = 10) -> bool:
    limit = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < limit:
        time.sleep(0.05)
    return not alive(pid)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_stepped_over(address: str) -> None:
    with socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert free_port(taken) > taken


def test_no_free_port_is_one_line() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(DidNotStart, match=r"^no free port between .*$"):
            free_port(listener.getsockname()[1], tries=1)


def test_a_server_is_waited_for_and_stopped(tmp_path: Path) -> None:
    port = free_port(18500)
    with Servers(tmp_path) as servers:
        server = servers.start("files", [*SERVE, str(port)], port, os.environ)
        assert server.wait("/") < 30
        assert alive(server.process.pid)
    assert gone(server.process.pid)


def test_a_server_that_ends_says_its_last_words(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        server = servers.start("broken thing", [sys.executable, "-c", "raise SystemExit('no token')"], 1, os.environ)
        with pytest.raises(DidNotStart, match=r"the broken thing ended \(1\)(?s:.)*no token"):
            server.wait()


def test_a_server_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        server = servers.start("mute", [sys.executable, "-c", "import time; time.sleep(60)"], 1, os.environ)
        with pytest.raises(DidNotStart, match="the mute did not answer within 0 s"):
            server.wait(seconds=0.3)
    assert gone(server.process.pid)


@pytest.mark.slow
def test_a_server_that_ignores_the_polite_end_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    with Servers(tmp_path) as servers:
        server = servers.start("stubborn", [sys.executable, "-c", stubborn], 1, os.environ)
        while "up" not in server.log.read_text(encoding="utf-8"):
            time.sleep(0.05)
    assert gone(server.process.pid)


def test_a_port_that_is_taken_meanwhile_is_given_up_for_another(tmp_path: Path) -> None:
    """The first attempt finds the port free, and taken when the server binds it."""
    ports: list[int] = []

    def command(port: int) -> list[str]:
        ports.append(port)
        if len(ports) == 1:
            return [sys.executable, "-c", "raise OSError(98, 'Address already in use')"]
        return [sys.executable, "-c", HEALTHY, str(port)]

    with Servers(tmp_path) as servers:
        server = servers.start_on_free_port("late", 18600, command, os.environ)
        assert server.port == ports[1] > ports[0]
        assert server.read("/health") == {"status": "ok"}


def test_what_another_server_answers_on_the_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Ours finds the port taken only when it binds it, and until then the other one answers for it."""
    late = "import time; time.sleep(1)\n" + HEALTHY
    with Servers(tmp_path) as servers:
        other = servers.start_on_free_port(
            "other", 18800, lambda port: [sys.executable, "-c", HEALTHY, str(port)], os.environ
        )
        ours = servers.start("ours", [sys.executable, "-c", late, str(other.port)], other.port, os.environ)
        with pytest.raises(DidNotStart, match=r"(?s)the ours ended.*Address already in use"):
            ours.wait()


def test_another_failure_is_not_tried_again(tmp_path: Path) -> None:
    starts: list[int] = []

    def command(port: int) -> list[str]:
        starts.append(port)
        return [sys.executable, "-c", "raise SystemExit('no token')"]

    with Servers(tmp_path) as servers, pytest.raises(DidNotStart, match="no token"):
        servers.start_on_free_port("broken", 18700, command, os.environ)
    assert len(starts) == 1


PARENT = """
import os, sys, time
from pathlib import Path
from scripts.processes import Servers, leave_on_signals
leave_on_signals()
with Servers(Path(sys.argv[1])) as servers:
    server = servers.start("child", [sys.executable, "-c", "import time; time.sleep(60)"], 1, os.environ)
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_servers_end_with_whoever_started_them(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.send_signal(how)
        parent.wait(10)
    assert gone(child)
