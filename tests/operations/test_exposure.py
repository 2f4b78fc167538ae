"""Which servers the network reaches. All of 127/8 is this machine: a server on every address answers at 127.0.0.2."""

from __future__ import annotations

import asyncio

from segunda_via.operations import exposure


async def test_a_server_on_every_address_is_reached_and_one_on_loopback_is_not() -> None:
    everywhere = await asyncio.start_server(lambda reader, writer: writer.close(), "0.0.0.0", 0)
    here = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    open_port, closed_port = (server.sockets[0].getsockname()[1] for server in (everywhere, here))
    found = await exposure.reached("127.0.0.2", {open_port: "o de fora", closed_port: "o de dentro"})
    assert found == [f"o de fora (porta {open_port})"]
    everywhere.close()
    here.close()


async def test_a_machine_without_a_network_is_reached_by_nobody() -> None:
    assert await exposure.reached(None) == []


def test_the_own_address_is_not_loopback() -> None:
    address = exposure.own_address()
    assert address is None or not address.startswith("127.")
