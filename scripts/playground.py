"""What `make chat` and `make demo` share: one sandbox gateway, told to every process, and who receives its money."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Collection
from pathlib import Path

from scripts.processes import Server
from scripts.progress import fail
from scripts.train import QUIET
from segunda_via.gateways import registry

#: in the sandbox everybody wants to try every document; in production these limits stop strangers with lists of CPFs
NO_LIMITS = {"SEGUNDA_VIA_DOCUMENTS_PER_SENDER": "100000", "SEGUNDA_VIA_SENDERS_PER_DOCUMENT": "100000"}


def environment(data: Path, secret: str) -> dict[str, str]:
    """What all processes of one run are told; the machine's own settings of the product do not reach them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    return {
        **kept,
        **QUIET,
        **NO_LIMITS,
        "PYTHONUNBUFFERED": "1",
        "SEGUNDA_VIA_ACTION_SECRET": secret,
        "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{data / 'segunda_via.db'}",
    }


def simulated(gateway: str, offered: Collection[str]) -> str:
    """The simulator that stands for that gateway, a chosen or a built one."""
    simulator = registry.description(gateway).name if gateway in registry.names() else gateway
    if simulator not in offered:
        choices = [*(name for name in registry.names() if name not in offered), *sorted(offered)]
        fail(f"the sandbox has no {gateway}: choose GATEWAY among {', '.join(choices)}")
    return simulator


def gateway_settings(sandbox: Server, gateway: str) -> dict[str, str]:
    """The variables with which that simulator of the sandbox lets one in."""
    offered = sandbox.read("/health")["gateways"]
    simulator = simulated(gateway, offered)
    credentials, name = offered[simulator], registry.GATEWAYS[simulator].choice.name
    return {"SEGUNDA_VIA_GATEWAY": name, "SEGUNDA_VIA_CREDENTIALS": json.dumps(credentials)}


def confirm_payee(told: dict[str, str], sandbox: Server, gateway: str) -> None:
    """Save who receives the sandbox's money, as an operator does once: the wrong payee can then be told."""
    from segunda_via.app import build

    payees = sandbox.read("/health")["payees"]
    root = build(told)
    payee = {"gateway": told["SEGUNDA_VIA_GATEWAY"], **payees[simulated(gateway, payees)]}
    root.settings.put("default", "payee", payee, by="sandbox", at=root.now())
    asyncio.run(root.close())


def save_gateway(told: dict[str, str], sandbox: Server, gateway: str) -> None:
    """Save that gateway and its payee as an operator does, so that the settings screen can change them."""
    from segunda_via.app import build
    from segunda_via.boletos.checks import Payee
    from segunda_via.settings import gateway as saved

    chosen = gateway_settings(sandbox, gateway)
    payees = sandbox.read("/health")["payees"]
    payee = Payee(**payees[simulated(gateway, payees)])
    credentials = json.loads(chosen["SEGUNDA_VIA_CREDENTIALS"])
    root = build(told)
    name = chosen["SEGUNDA_VIA_GATEWAY"]
    saved.save(root.settings, "default", name, credentials, payee, by="sandbox", at=root.now())
    asyncio.run(root.close())


def cast(sandbox: Server) -> str:
    """Which documents can be tried, and what each shows."""
    rows = [f"  {row['document']:<18}  {row['kind']:<4}  {row['shows']}" for row in sandbox.read("/personas")]
    return "\n".join(["Documents to try (all made up):", *rows])
