"""The whole assistant on WhatsApp: model, action server, tracker store, SQLite, before the simulated Twilio."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from bench.serving import UNLIMITED
from bench.training import ENVIRONMENT
from scripts import endpoints
from scripts.processes import ROOT, Server, Servers, free_port, public_server
from scripts.train import ensure_model

ASKS = "oi, quero a segunda via do meu boleto"


@contextmanager
def serve(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """Its public server, and what the sandbox tells of its Twilio."""
    kept = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    with Servers(folder / "log") as servers:
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        port, actions_port, secret = free_port(15105), free_port(15155), secrets.token_urlsafe(32)
        rasa_port, twilio = free_port(15205), sandbox.read("/health")["twilio"]
        told = {
            **kept,
            **UNLIMITED,
            **twilio_settings(twilio),
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.read("/health")["gateways"]["asaas"]),
            "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
            "SEGUNDA_VIA_ACTION_SECRET": secret,
            "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SEGUNDA_VIA_RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "SEGUNDA_VIA_TRUSTED_PROXIES": "127.0.0.1",
            "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'segunda_via.db'}",
        }
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
        servers.start("actions", command, actions_port, told).wait()
        url = f"http://127.0.0.1:{actions_port}/webhook"
        config = endpoints.write(folder / "endpoints.yml", url, secret, folder / "tracker.db")
        command = [sys.executable, "-m", "rasa", "run", "--model", str(ensure_model()), "--endpoints", str(config)]
        command += ["--credentials", str(ROOT / "credentials.yml"), "--interface", "127.0.0.1"]
        rasa = servers.start("rasa", [*command, "--port", str(rasa_port)], rasa_port, told)
        server = servers.start("server", public_server(port), port, told)
        rasa.wait("/", seconds=120)
        server.wait("/health/live")
        yield server, twilio


def twilio_settings(twilio: dict[str, str]) -> dict[str, str]:
    """The number, by what the sandbox tells of its Twilio."""
    return {
        "TWILIO_ACCOUNT_SID": twilio["sid"],
        "TWILIO_AUTH_TOKEN": twilio["token"],
        "TWILIO_WHATSAPP_NUMBER": twilio["number"],
        "TWILIO_API_URL": twilio["url"],
    }
