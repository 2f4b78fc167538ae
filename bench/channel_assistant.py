"""The whole assistant on WhatsApp: model, action server, tracker store, SQLite, before the simulated Twilio."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving import UNLIMITED
from bench.training import ENVIRONMENT
from scripts import endpoints
from scripts.demo import connect, twilio_settings
from scripts.processes import ROOT, Server, Servers, free_port
from scripts.train import ensure_model

ASKS = "oi, quero a segunda via do meu boleto"
PATH = "/webhooks/whatsapp/webhook"


@contextmanager
def serve(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """Its Rasa server, and what the sandbox tells of its Twilio."""
    kept = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    with Servers(folder / "log") as servers:
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        port, actions_port, secret = free_port(15105), free_port(15155), secrets.token_urlsafe(32)
        told = {
            **kept,
            **UNLIMITED,
            **twilio_settings(sandbox, f"http://127.0.0.1:{port}{PATH}"),
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.read("/health")["gateways"]["asaas"]),
            "SEGUNDA_VIA_ACTION_SECRET": secret,
            "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'segunda_via.db'}",
        }
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
        servers.start("actions", command, actions_port, told).wait()
        url = f"http://127.0.0.1:{actions_port}/webhook"
        config = endpoints.write(folder / "endpoints.yml", url, secret, folder / "tracker.db")
        command = [sys.executable, "-m", "rasa", "run", "--model", str(ensure_model()), "--endpoints", str(config)]
        command += ["--credentials", str(ROOT / "credentials.yml"), "--interface", "127.0.0.1", "--port", str(port)]
        rasa = servers.start("rasa", command, port, told)
        rasa.wait("/webhooks/whatsapp/", seconds=120)
        connect(sandbox, told)
        yield rasa, sandbox.read("/health")["twilio"]
