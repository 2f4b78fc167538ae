"""Our WhatsApp channel beside Rasa's own `twilio` channel: the same messages, the same simulated Twilio, the same turn.

Twilio takes 200 ms for every call. Senders write one message each; the simulator counts what it accepted. Neither runs
a model: a turn is 50 ms of waiting and one message, so what is measured is the channel.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import httpx

from bench.serving import resident_mb
from bench.training import ENVIRONMENT
from scripts.processes import Server, Servers, free_port
from segunda_via.channels import signature

LATENCY_MS = 200
SENDERS = 200
AT_ONCE = 10


@dataclass(frozen=True)
class Figures:
    """Seconds, but for `rate` (messages a second) and `memory` (megabytes)."""

    acknowledged: list[float]
    rate: float
    stall: float
    memory: float


def measure(folder: Path) -> dict[str, Figures]:
    """Both, one after the other."""
    return {which: _measure(folder, which) for which in ("ours", "rasa")}


def rows(measured: dict[str, Figures]) -> list[list[str]]:
    titles = {"ours": "Segunda Via", "rasa": "Rasa's `twilio`"}
    return [
        ["", *(titles[which] for which in measured)],
        ["webhook acknowledged, p50 / p99", *(_milliseconds(each.acknowledged) for each in measured.values())],
        ["messages a second, from the webhook to Twilio", *(f"{each.rate:.1f}" for each in measured.values())],
        ["longest stall of the event loop", *(f"{each.stall * 1000:.0f} ms" for each in measured.values())],
        ["memory of the process, without a model", *(f"{each.memory:.0f} MB" for each in measured.values())],
    ]


def _milliseconds(times: list[float]) -> str:
    return f"{median(times) * 1000:.0f} / {quantiles(times, n=100)[-1] * 1000:.0f} ms"


def _measure(folder: Path, which: str) -> Figures:
    place = folder / f"channel-{which}"
    place.mkdir()
    with Servers(place / "log") as servers:
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        twilio = sandbox.read("/health")["twilio"]
        fault = {"gateway": "twilio", "fault": "latency", "latency_ms": LATENCY_MS}
        httpx.post(f"{sandbox.address}/control/faults", json=fault).raise_for_status()
        port = free_port(15105)
        told = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        command = [sys.executable, "-m", "bench.channel_server", which, str(port), str(place), json.dumps(twilio)]
        server = servers.start("channel", command, port, told)
        server.wait("/stall", seconds=120)
        return asyncio.run(_load(server, twilio))


async def _load(server: Server, twilio: dict[str, str]) -> Figures:
    url, times = f"{server.address}/webhook", []
    free = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(trust_env=False, timeout=120) as client:

        async def write(number: int) -> None:
            form = {
                "MessageSid": f"SM{number:032x}",
                "From": f"whatsapp:+55479{number:08}",
                "To": twilio["number"],
                "Body": f"mensagem {number}",
            }
            headers = {
                "X-Twilio-Signature": signature.sign(twilio["token"], url, list(form.items())),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            async with free:
                began = time.perf_counter()
                answer = await client.post(url, content=urlencode(form), headers=headers)
                times.append(time.perf_counter() - began)
                answer.raise_for_status()

        await client.get(f"{server.address}/stall")
        began = time.perf_counter()
        await asyncio.gather(*(write(number) for number in range(SENDERS)))
        await _until_accepted(client, twilio)
        took = time.perf_counter() - began
        stall = (await client.get(f"{server.address}/stall")).json()
    return Figures(times, SENDERS / took, stall, resident_mb(server))


async def _until_accepted(client: httpx.AsyncClient, twilio: dict[str, str]) -> None:
    messages = f"{twilio['url']}/2010-04-01/Accounts/{twilio['sid']}/Messages.json?PageSize=1000"
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        answer = await client.get(messages, auth=(twilio["sid"], twilio["token"]))
        if sum(each["direction"] != "inbound" for each in answer.json()["messages"]) >= SENDERS:
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("not every message reached Twilio")
