"""Everything as it runs: public server, Rasa, action server, and the simulators of gateway and Twilio."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet

from sandbox.personas import personas
from sandbox.server import ISSUER, RunningSandbox
from sandbox.twilio import Inbound
from scripts import endpoints
from scripts.processes import ROOT, Server, Servers, free_port, public_server
from scripts.train import ensure_model
from segunda_via import clock
from support.databases import new_database

CUSTOMER = "whatsapp:+5547999990001"
TOKEN = "the token of Rasa's API"
READY = {"rasa": "/", "public": "/configuracoes"}


@dataclass
class Site:
    servers: Servers
    sandbox: RunningSandbox
    told: dict[str, str]
    rasa: Server
    public: Server
    folder: Path

    def writes(self, text: str, sender: str = CUSTOMER, profile: str = "Cliente Exemplo") -> int | None:
        _, answered = self.sandbox.write(Inbound(sender, text=text, profile=profile))
        return answered.status if answered else None

    def received(self, sender: str = CUSTOMER) -> list[str]:
        return [m.body or m.kind for m in self.sandbox.twilio.account.of(sender) if not m.inbound]

    def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            last = "\n".join(server.last_words(20) for server in (self.rasa, self.public))
            assert time.monotonic() < limit, f"it did not happen; {last}"
            time.sleep(0.1)

    def dies(self, which: str) -> None:
        """Killed, and started anew."""
        server: Server = getattr(self, which)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        logged = server.log.read_bytes()
        command = [str(each) for each in server.process.args]
        anew = self.servers.start(f"{which} again {len(self.servers.running)}", command, server.port, self.told)
        anew.wait(READY[which], seconds=120)
        assert logged, "it had begun"
        setattr(self, which, anew)

    def tickets(self) -> list[tuple[str, str | None]]:
        engine = sa.create_engine(self.told["SEGUNDA_VIA_DATABASE_URL"])
        query = sa.text("SELECT status, outcome FROM segunda_via_tickets ORDER BY opened_at")
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        engine.dispose()
        return rows


@contextmanager
def running_site(kind: str, folder: Path, **more: str) -> Iterator[Site]:
    """On a database of that kind; `more` are further variables."""
    with new_database(kind, folder) as url, RunningSandbox() as sandbox, Servers(folder / "log") as servers:
        account, secret = sandbox.twilio.account, secrets.token_urlsafe(32)
        port, rasa_port = free_port(26000), free_port(26100)
        base = f"http://127.0.0.1:{port}/webhooks/whatsapp"
        sandbox.twilio.configure(f"{base}/webhook", f"{base}/status")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        told = {
            **kept,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.credentials("asaas")),
            "SEGUNDA_VIA_DATABASE_URL": url,
            "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
            "SEGUNDA_VIA_ACTION_SECRET": secret,
            "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SEGUNDA_VIA_RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "TWILIO_ACCOUNT_SID": account.sid,
            "TWILIO_AUTH_TOKEN": account.token,
            "TWILIO_WHATSAPP_NUMBER": account.number,
            "TWILIO_API_URL": sandbox.twilio_url,
            **more,
        }
        action_port = free_port(26055)
        actions = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(action_port), "-vv"]
        action_server = servers.start("actions", actions, action_port, told)
        action_server.wait()
        config = endpoints.write(
            folder / "endpoints.yml", f"http://127.0.0.1:{action_port}/webhook", secret, folder / "tracker.db"
        )
        command = [sys.executable, "-m", "rasa", "run", "--model", str(ensure_model()), "--endpoints", str(config)]
        command += ["--credentials", str(ROOT / "credentials.yml"), "--interface", "127.0.0.1"]
        command += ["--port", str(rasa_port), "--enable-api", "--auth-token", TOKEN, "--debug"]
        rasa = servers.start("rasa", command, rasa_port, told)
        public = servers.start("public", public_server(port), port, told)
        rasa.wait(READY["rasa"], seconds=120)
        public.wait(READY["public"])
        yield Site(servers, sandbox, told, rasa, public, folder)


def document(shows: str) -> str:
    return next(each.document for each in personas(clock.today(), ISSUER) if shows in each.situation)
