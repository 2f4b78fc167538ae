"""An action server that dies in the middle of an action, or is not there yet."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from segunda_via.rasa_plugin.channel.patient_actions import PatientEndpoint

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"events":[]}'
DIES = b""


def failing(status: int) -> bytes:
    return b"HTTP/1.1 %d Failed\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" % status


@contextlib.asynccontextmanager
async def action_server(*answers: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Its address, and what it was asked: a call for each answer, the last of which is given again and again."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answers[min(len(asked), len(answers)) - 1])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhook", asked


@pytest.mark.parametrize("first", [DIES, failing(503), failing(502)])
async def test_an_action_whose_server_dies_is_run_by_the_next(first: bytes) -> None:
    async with action_server(first, first, OK) as (url, asked):
        endpoint = EndpointConfig(url, headers={"Authorization": "Bearer secret"})
        assert await PatientEndpoint(endpoint).request(json={}) == {"events": []}
    assert len(asked) == 3
    assert all(b"Authorization: Bearer secret" in each for each in asked)


async def test_an_action_that_fails_is_not_run_again() -> None:
    async with action_server(failing(500)) as (url, asked):
        with pytest.raises(ClientResponseError):
            await PatientEndpoint(EndpointConfig(url)).request(json={})
    assert len(asked) == 1


async def test_one_that_stays_away_is_given_up() -> None:
    async with action_server(DIES) as (url, asked):
        with pytest.raises(aiohttp.ClientConnectionError):
            await PatientEndpoint(EndpointConfig(url), patience=0.6).request(json={})
    assert 2 <= len(asked) <= 4
