"""Counts what a process sends to PostgreSQL, on the wire between them: whatever sends it, and whatever version it is.

A relay on a port of its own stands before the server for each process that is counted. psycopg2 sends every statement
as one message of type `Q`: the pool's pings, BEGIN and COMMIT, too. Source: PostgreSQL's manual, "Message Formats".
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections import Counter
from types import TracebackType

from sqlalchemy.engine import URL

from bench.statements import kind

_PLAIN_START = 8
"""Bytes of an SSLRequest or GSSENCRequest, which the server answers by a byte; a real start is longer."""


class Relay:
    """One process's way to the server. `url` is the server's, at `relayed` it is reached through here."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self.counted: Counter[str] = Counter()

    @property
    def relayed(self) -> URL:
        """Without encryption, which could not be counted."""
        return self._url.set(host="127.0.0.1", port=self.port).update_query_dict({"sslmode": "disable"})

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(self._url.host, self._url.port or 5432)
        both = {
            asyncio.ensure_future(each) for each in (self._requests(client, to_server), _answers(server, to_client))
        }
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            to_client.close()
            to_server.close()

    async def _requests(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            length = b"\0\0\0\0"
            while struct.unpack("!I", length)[0] <= _PLAIN_START:
                length = await client.readexactly(4)
                to_server.write(length + await client.readexactly(struct.unpack("!I", length)[0] - 4))
            while True:
                head = await client.readexactly(5)
                body = await client.readexactly(struct.unpack("!I", head[1:])[0] - 4)
                if head[:1] == b"Q":
                    self.counted[kind(body.rstrip(b"\0").decode("utf-8", "replace"))] += 1
                to_server.write(head + body)


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _answers(server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await server.read(65536):
            to_client.write(data)


class Relays:
    """A `with` block in which relays work, in a thread of their own."""

    def __enter__(self) -> Relays:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(_end_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def to(self, url: URL) -> Relay:
        relay = Relay(url)
        asyncio.run_coroutine_threadsafe(relay.listen(), self._loop).result()
        return relay
