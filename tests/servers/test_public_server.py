"""What strangers may do to the public server as it really runs: others are served, and it ends in time."""

from __future__ import annotations

import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from support.databases import migrated_sqlite

from scripts.processes import Server, Servers, public_server

pytestmark = pytest.mark.slow

WEBHOOK = b"POST /webhooks/whatsapp/webhook HTTP/1.1\r\nHost: bot.example.com\r\n"
AMBIGUOUS = [
    b"Content-Length: -1\r\n",
    b"Content-Length: +2\r\n",
    b"Content-Length: 2\r\nContent-Length: 2\r\n",
    b"Content-Length: 2\r\nContent-Length: 3\r\n",
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Content-Length: \xd9\xa1\r\n",
]
BIG = 95_000_000
HALF_OPEN = 900
HEAD_SECONDS = 10
END_SECONDS = 10


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    told = {**kept, "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder)}
    with Servers(folder / "log") as servers:
        yield servers.start_on_free_port("server", 28400, public_server, told, path="/configuracoes")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("public")) as started:
        yield started


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    told = b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            told += part
    return told


def serves(server: Server) -> None:
    answered = httpx.get(f"{server.address}/configuracoes", timeout=5, trust_env=False)
    assert answered.status_code == 200


@pytest.mark.parametrize("headers", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused_and_closed(server: Server, headers: bytes) -> None:
    with closing(connected(server)) as connection:
        connection.sendall(WEBHOOK + headers + b"\r\nab")
        told = answer(connection)
    assert told.startswith(b"HTTP/1.1 400 ")
    assert told.count(b"HTTP/1.1 ") == 1
    serves(server)


@pytest.mark.parametrize("size", [b"0x2", b"+2", b"-2", b"2 ", b" 2"])
def test_a_chunk_of_a_strange_size_is_refused_and_closed(server: Server, size: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /configuracoes HTTP/1.1\r\nHost: bot.example.com\r\n\r\n"
    with closing(connected(server)) as connection:
        connection.sendall(WEBHOOK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nab\r\n" + smuggled)
        told = answer(connection)
    assert told.count(b"HTTP/1.1 ") <= 1
    assert b" 200 " not in told.split(b"\r\n")[0]
    serves(server)


def test_three_bodies_of_95_mb_are_not_read(server: Server) -> None:
    before = resident(server)
    for head in (b"Content-Length: %d\r\n\r\n" % BIG, b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % BIG) * 2:
        with closing(connected(server)) as connection:
            with suppress(ConnectionError, TimeoutError):
                connection.sendall(WEBHOOK + head)
                for _ in range(BIG // 1_000_000):
                    connection.sendall(b"x" * 1_000_000)
            serves(server)
    assert resident(server) - before < 30_000_000


@pytest.fixture
def many_files() -> Iterator[None]:
    """As many open files as may be, since a login shell allows 1,024."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_files")
def test_900_half_open_connections_keep_nobody_from_being_served(server: Server) -> None:
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(connected(server))) for _ in range(HALF_OPEN)]
        for connection in opened:
            connection.sendall(WEBHOOK[:40])
        for _ in range(5):
            serves(server)
        limit = time.monotonic() + HEAD_SECONDS + 5
        for connection in opened:
            connection.settimeout(max(0.1, limit - time.monotonic()))
            assert answer(connection) == b"", "its head never ended"


def test_told_to_end_it_ends_in_time_whoever_holds_on(tmp_path: Path) -> None:
    half_a_head, half_a_body = WEBHOOK[:40], WEBHOOK + b"Content-Length: 1000\r\n\r\nx"
    kept_alive = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with running(tmp_path) as server, ExitStack() as stack:
        for sent in (half_a_head, half_a_body, kept_alive):
            connection = stack.enter_context(closing(connected(server)))
            connection.sendall(sent)
        serves(server)
        os.kill(server.process.pid, signal.SIGTERM)
        server.process.wait(timeout=END_SECONDS)


def resident(server: Server) -> int:
    """Bytes that the server's process holds."""
    fields = Path(f"/proc/{server.process.pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
