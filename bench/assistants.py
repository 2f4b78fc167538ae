"""The whole assistant of a checkout on WhatsApp, this one's or an older commit's, with every statement counted.

It is started as `make run` starts it, before a sandbox of its own (this checkout's, so that both see the same Twilio).
Up to the commits that had no public server, Rasa's process held the channel.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet
from ruamel.yaml import YAML
from sqlalchemy.engine import URL, make_url

from bench.channel_assistant import twilio_settings
from bench.databases import new_database
from bench.serving import UNLIMITED
from bench.training import ENVIRONMENT
from bench.wire import Relays
from scripts.processes import ROOT, Server, Servers, free_port

CHECKOUTS = ROOT / "results" / "checkouts"
_CLEAN = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
_WEBHOOK, _STATUS = "/webhooks/whatsapp/webhook", "/webhooks/whatsapp/status"
_ONE_CALLBACK = ("queued", "delivered")
"""Statuses that are not told: of each message one callback comes, `sent`."""

Counted = Callable[[], Counter[str]]


@dataclass(frozen=True)
class Process:
    server: Server
    statements: Counted
    """How many of each kind since it was started."""


@dataclass(frozen=True)
class Assistant:
    """`processes` by what they are called in the report."""

    name: str
    sandbox: Server
    processes: Mapping[str, Process]


def checkout(revision: str) -> Path:
    """A worktree of that commit, kept for the next time, for the environment that is there."""
    commit = _git("rev-parse", "--verify", f"{revision}^{{commit}}")
    folder = CHECKOUTS / commit[:12]
    if not folder.exists():
        CHECKOUTS.mkdir(parents=True, exist_ok=True)
        _git("worktree", "prune")
        _git("worktree", "add", "--detach", str(folder), commit)
    return folder


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607


@contextmanager
def serve(name: str, code: Path, kind: str, folder: Path) -> Iterator[Assistant]:
    """The assistant of the checkout `code` on an empty database of that kind, up and answering."""
    folder.mkdir(parents=True)
    with ExitStack() as kept:
        url = make_url(kept.enter_context(new_database(kind, folder)))
        relays = kept.enter_context(Relays())
        servers = kept.enter_context(Servers(folder / "log"))
        port = free_port(18185)
        sandbox = servers.start("sandbox", [sys.executable, "-m", "sandbox", "--port", str(port)], port, ENVIRONMENT)
        sandbox.wait()
        starting = _Starting(servers, sandbox, code, folder, url, relays)
        processes = starting.with_a_public_server() if (code / "segunda_via" / "server").is_dir() else starting.older()
        yield Assistant(name, sandbox, processes)


class _Starting:
    def __init__(self, servers: Servers, sandbox: Server, code: Path, folder: Path, url: URL, relays: Relays) -> None:
        servers.folder = code
        self._servers = servers
        self._sandbox = sandbox
        self._code = code
        self._folder = folder
        self._url = url
        self._relays = relays
        self._secret = secrets.token_urlsafe(32)
        self._told = {
            **_CLEAN,
            **UNLIMITED,
            **twilio_settings(sandbox.read("/health")["twilio"]),
            "PYTHONPATH": str(code),
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.read("/health")["gateways"]["asaas"]),
            "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
            "SEGUNDA_VIA_ACTION_SECRET": self._secret,
        }

    def with_a_public_server(self) -> dict[str, Process]:
        port, rasa_port = free_port(15105), free_port(15205)
        self._told |= {
            "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SEGUNDA_VIA_RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "SEGUNDA_VIA_TRUSTED_PROXIES": "127.0.0.1",
        }
        actions = self._actions()
        rasa = self._rasa(actions.server, rasa_port)
        rasa.server.wait("/", seconds=180)
        public = self._start("public server", port, ["segunda_via.cli:main", "serve", "--port", str(port)])
        public.server.wait("/health/live")
        self._connect(public.server)
        return {"public server": public, "Rasa": rasa, "action server": actions}

    def older(self) -> dict[str, Process]:
        port = free_port(15105)
        self._told["TWILIO_WEBHOOK_URL"] = f"http://127.0.0.1:{port}{_WEBHOOK}"
        actions = self._actions()
        rasa = self._rasa(actions.server, port)
        rasa.server.wait("/webhooks/whatsapp/", seconds=180)
        self._connect(rasa.server)
        return {"Rasa": rasa, "action server": actions}

    def _actions(self) -> Process:
        port = free_port(15155)
        process = self._start("action server", port, ["rasa_sdk", "--actions", "actions", "--port", str(port)])
        process.server.wait()
        return process

    def _rasa(self, actions: Server, port: int) -> Process:
        ensure = "from scripts.train import ensure_model; print(ensure_model())"
        told = {**ENVIRONMENT, "PYTHONPATH": str(self._code)}
        trained = subprocess.run(
            [sys.executable, "-c", ensure], cwd=self._code, env=told, check=True, capture_output=True, text=True
        )
        model, endpoints = trained.stdout.splitlines()[-1], self._folder / "endpoints.yml"
        arguments = ["run", "--model", model, "--endpoints", str(endpoints), "--port", str(port)]
        arguments += ["--credentials", str(self._code / "credentials.yml"), "--interface", "127.0.0.1"]

        def write(url: URL) -> None:
            self._write_endpoints(endpoints, f"{actions.address}/webhook", url)

        return self._start("rasa", port, ["rasa", *arguments], write)

    def _start(
        self, name: str, port: int, command: list[str], before: Callable[[URL], None] = lambda url: None
    ) -> Process:
        """`before` is told under which address this process finds the database."""
        if self._url.get_backend_name() == "sqlite":
            file, url = self._folder / f"{name.replace(' ', '-')}.statements", self._url
            file.touch()

            def counted() -> Counter[str]:
                return Counter(file.read_text(encoding="utf-8").splitlines())
        else:
            relay = self._relays.to(self._url)
            file, url = Path(os.devnull), relay.relayed

            def counted() -> Counter[str]:
                return Counter(relay.counted)

        before(url)
        told = {**self._told, "SEGUNDA_VIA_DATABASE_URL": url.render_as_string(hide_password=False)}
        traced = [sys.executable, str(ROOT / "bench" / "traced.py"), str(ROOT), str(file), *command]
        return Process(self._servers.start(name, traced, port, told), counted)

    def _write_endpoints(self, target: Path, actions: str, url: URL) -> None:
        yaml: Any = YAML()
        endpoints = yaml.load((self._code / "endpoints.yml").read_text(encoding="utf-8"))
        endpoints["action_endpoint"] = {"url": actions, "headers": {"Authorization": f"Bearer {self._secret}"}}
        kept = {key: value for key, value in endpoints["tracker_store"].items() if key in ("type", "redact_logs")}
        if url.get_backend_name() == "sqlite":
            place: dict[str, Any] = {"dialect": "sqlite", "db": str(self._folder / "tracker.db")}
        else:
            place = {"dialect": "postgresql", "url": url.host, "port": url.port, "db": url.database}
            place |= {"username": url.username, "password": url.password or "", "query": dict(url.query)}
        endpoints["tracker_store"] = {**kept, **place}
        with target.open("w", encoding="utf-8") as file:
            yaml.dump(endpoints, file)
        target.chmod(0o600)

    def _connect(self, server: Server) -> None:
        """Have Twilio call it, and tell of each message once."""
        urls = {"callback_url": server.address + _WEBHOOK, "status_callback_url": server.address + _STATUS}
        account = (self._told["TWILIO_ACCOUNT_SID"], self._told["TWILIO_AUTH_TOKEN"])
        with httpx.Client(base_url=self._sandbox.address, trust_env=False) as client:
            senders = client.get("/twilio/v2/Channels/Senders", auth=account).raise_for_status().json()["senders"]
            path = f"/twilio/v2/Channels/Senders/{senders[0]['sid']}"
            client.post(path, json={"webhook": urls}, auth=account).raise_for_status()
            for status in _ONE_CALLBACK:
                fault = {"gateway": "twilio", "fault": "no_callback", "at": status}
                client.post("/control/faults", json=fault).raise_for_status()


def processor_seconds(server: Server) -> float:
    """What a server and its children have used so far, those that have ended included (Linux)."""
    used = 0.0
    for place in Path("/proc").iterdir():
        if not place.name.isdecimal():
            continue
        try:
            told = (place / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(told[3]) == server.process.pid:  # the session, which is that of the server that was started
            used += sum(map(int, told[11:15]))
    return used / os.sysconf("SC_CLK_TCK")
