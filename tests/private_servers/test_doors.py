"""What strangers may do to Rasa and the action server as they are really started: reach, freeze, fill their memory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from support.databases import migrated_sqlite

from scripts.processes import ROOT, Server, Servers, free_port
from scripts.train import ensure_model
from segunda_via.rasa_plugin import http_api

pytestmark = pytest.mark.slow

ELSEWHERE = "127.0.0.2"
"""An address of this machine that only a server on every address answers (in Linux, all of 127/8 is loopback)."""

FREEZING = [
    b"Content-Length: -1\r\n",
    b"Content-Length: -1\r\nContent-Length: 2\r\n",
    b"Content-Length: \xd9\xa1\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: -1\r\n",
]
BIG = 94_000_000


def environment(folder: Path, **variables: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEGUNDA_VIA_", "TWILIO_", "SANIC_"))}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**kept, **quiet, "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder), **variables}


@contextmanager
def actions(folder: Path, *more: str, **variables: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", *more, "--port"]
    with Servers(folder / "log") as servers:
        told = environment(folder, **variables)
        yield servers.start_on_free_port("actions", 25955, lambda port: [*command, str(port)], told)


@contextmanager
def rasa(folder: Path, *more: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "rasa", "run", "--model", str(ensure_model())]
    command += ["--credentials", str(ROOT / "credentials.yml"), "--endpoints", str(ROOT / "endpoints.yml"), *more]
    port = free_port(25905)
    with Servers(folder / "log") as servers:
        server = servers.start("rasa", [*command, "--port", str(port)], port, environment(folder))
        server.wait("/", seconds=240)
        yield server


@pytest.fixture(scope="module")
def action_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with actions(tmp_path_factory.mktemp("actions"), SEGUNDA_VIA_ACTION_SECRET="a secret") as server:
        yield server


@pytest.fixture(scope="module")
def rasa_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with rasa(tmp_path_factory.mktemp("rasa")) as server:
        yield server


@pytest.fixture(params=["action_server", "rasa_server"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def answers_at(address: str, port: int) -> bool:
    try:
        with closing(socket.create_connection((address, port), timeout=2)):
            return True
    except OSError:
        return False


def sent(server: Server, packet: bytes) -> bytes:
    """The first line of the answer; nothing when the connection was closed without one."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as connection:
        connection.sendall(packet)
        return connection.recv(4096).partition(b"\r\n")[0]


def megabytes(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    return float(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


@pytest.mark.parametrize("header", FREEZING)
@pytest.mark.parametrize("path", [b"/webhook", b"/webhooks/segunda_via/turn", b"/nowhere"])
def test_no_packet_freezes_a_server(server: Server, path: bytes, header: bytes) -> None:
    line = sent(server, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n")
    assert line == b"HTTP/1.1 400 Bad Request"
    assert server.get("/", seconds=3)[0] in {200, 404}, "it still answers"


@pytest.mark.parametrize("path", [b"/webhook", b"/webhooks/segunda_via/turn", b"/nowhere"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_too_large_is_not_collected(server: Server, path: bytes, chunked: bool) -> None:
    before = megabytes(server)
    size = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % BIG
    head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + size + b"\r\n" + (b"%x\r\n" % BIG if chunked else b"")
    held = []
    for _ in range(3):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        held.append(connection)
        connection.sendall(head)
        with suppress(OSError):  # who is refused finds the connection closed
            for _ in range(BIG // 1_000_000 - 1):
                connection.sendall(b"x" * 1_000_000)
    grown = megabytes(server) - before
    for connection in held:
        connection.close()
    assert grown < 30
    assert server.get("/", seconds=3)[0] in {200, 404}


def test_the_action_server_answers_this_machine_alone(action_server: Server) -> None:
    assert not answers_at(ELSEWHERE, action_server.port)


def test_the_action_server_listens_elsewhere_when_told_and_says_what_that_means(tmp_path: Path) -> None:
    with actions(tmp_path, SANIC_HOST="0.0.0.0") as server:
        assert answers_at(ELSEWHERE, server.port)
        assert "must not be reachable from the internet" in server.log.read_text("utf-8")


def test_a_rasa_server_on_every_address_says_what_that_means(rasa_server: Server) -> None:
    assert "must not be reachable from the internet" in rasa_server.log.read_text("utf-8")


def children(pid: int) -> list[int]:
    """That process's own."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def test_make_run_says_where_the_screen_is_and_listens_on_this_machine_alone(tmp_path: Path) -> None:
    port = free_port(25964)
    command = [sys.executable, "-m", "scripts.run", "--port", str(port)]
    with Servers(tmp_path / "log") as servers:
        run = servers.start("run", command, port, environment(tmp_path))
        while "To leave: Ctrl-C" not in (said := run.log.read_text("utf-8")):
            assert run.process.poll() is None, run.last_words()
            time.sleep(0.2)
        assert f"Settings are at  {run.address}/configuracoes" in said
        assert "var/primeiro-acesso.txt" in said
        assert len(said.splitlines()) == 5, said
        assert run.get("/configuracoes")[0] in {200, 303}
        assert run.get("/health/ready")[0] == 200
        started = children(run.process.pid)
        assert len(started) == 3
        assert all(listening := [found_at(pid) for pid in started])
        assert {address for found in listening for address in found} == {"127.0.0.1"}
        os.kill(run.process.pid, signal.SIGTERM)
        run.process.wait(40)
        assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def found_at(pid: int) -> set[str]:
    """The addresses on which that process listens."""
    own = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    found = {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own}
    return {socket.inet_ntoa(bytes.fromhex(each)[::-1]) for each in found}


@pytest.mark.parametrize(
    "command", [["scripts.run", "--enable-api"], ["rasa", "run", "--enable-api"], ["scripts.rasa_run", "--enable-api"]]
)
def test_an_api_open_to_everyone_does_not_start(command: list[str], tmp_path: Path) -> None:
    told = environment(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-m", *command, "--port", "25974"], cwd=ROOT, env=told, capture_output=True, timeout=240
    )
    assert ended.returncode == 1
    assert ended.stderr.decode().strip().endswith(http_api.OPEN)
