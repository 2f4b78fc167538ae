"""The three servers of a conversation, started as `make run` starts them, against the sandbox without latency."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.projects import Project
from bench.training import ENVIRONMENT
from scripts import endpoints
from scripts.processes import Server, Servers, free_port

UNLIMITED = {"SEGUNDA_VIA_DOCUMENTS_PER_SENDER": "100000", "SEGUNDA_VIA_SENDERS_PER_DOCUMENT": "100000"}


@dataclass(frozen=True)
class Running:
    rasa: Server
    actions: Server
    sandbox: Server
    rasa_start: float
    actions_start: float
    tracker: Path


@contextmanager
def serve(project: Project) -> Iterator[Running]:
    """All three, up and answering; each start timed alone."""
    with Servers(project.folder / "log") as servers:
        port = free_port(18085)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        port, secret = free_port(15055), secrets.token_urlsafe(32)
        told = {
            **{name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))},
            **UNLIMITED,
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.read("/health")["gateways"]["asaas"]),
            "SEGUNDA_VIA_ACTION_SECRET": secret,
            "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{project.folder / 'segunda_via.db'}",
        }
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
        actions = servers.start("actions", command, port, told)
        actions_start = actions.wait()
        tracker = project.folder / "tracker.db"
        config = endpoints.write(project.folder / "run.yml", f"http://127.0.0.1:{port}/webhook", secret, tracker)
        port = free_port(15005)
        command = [sys.executable, "-m", "rasa", "run", "--model", str(project.model), "--endpoints", str(config)]
        command += ["--credentials", str(project.folder / "credentials.yml"), "--interface", "127.0.0.1"]
        rasa = servers.start("rasa", [*command, "--port", str(port)], port, told)
        yield Running(rasa, actions, sandbox, rasa.wait("/", seconds=600), actions_start, tracker)


def resident_mb(server: Server) -> float:
    """Megabytes of memory the process holds (Linux)."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
