"""Whether the network reaches what it must not reach: Rasa's server and the action server, at their usual ports."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

PORTS: Mapping[int, str] = {5005: "o servidor do Rasa", 5055: "o servidor de ações"}
_SOMEWHERE = ("192.0.2.1", 9)
"""An address of documentation: nothing is sent there, only the way to it is looked up."""
_SECONDS = 2.0


def own_address() -> str | None:
    """This machine's address on the network; None when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(_SOMEWHERE)
        except OSError:
            return None
        address: str = asking.getsockname()[0]
    return None if address.startswith("127.") else address


async def reached(address: str | None, ports: Mapping[int, str] = PORTS) -> list[str]:
    """The servers that answer at that address, by name and port."""
    if address is None:
        return []
    answers = await asyncio.gather(*(_answers(address, port) for port in ports))
    return [f"{name} (porta {port})" for (port, name), there in zip(ports.items(), answers, strict=True) if there]


async def _answers(address: str, port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), _SECONDS)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.close()
    return True
