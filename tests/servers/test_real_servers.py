"""The real processes, as one tries them out: Rasa, the action server and a gateway, over HTTP, with debug logs.

No public server runs beside them, so the action server serves the links itself. One start for the whole file: it costs
more than every conversation together.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from scripts import endpoints
from scripts.processes import Server, Servers, free_port
from scripts.train import ensure_model
from segunda_via.app import App
from segunda_via.boletos import documents
from segunda_via.settings.environment import Environment

pytestmark = pytest.mark.slow

ASKS = "oi, preciso da segunda via do meu boleto"


@dataclass
class Site:
    """Everything running, and a customer's way in."""

    rasa: Server
    actions: Server
    sandbox: Server
    secret: str
    told: dict[str, str]
    folder: Path

    def says(self, sender: str, text: str) -> list[dict[str, str]]:
        answer = httpx.post(
            f"http://127.0.0.1:{self.rasa.port}/webhooks/rest/webhook",
            json={"sender": sender, "message": text},
            timeout=30,
        )
        return list(answer.raise_for_status().json())

    def document(self, shows: str) -> str:
        return next(str(row["document"]) for row in self.sandbox.read("/personas") if shows in row["shows"])

    def ticket(self, sender: str) -> tuple[str, str | None]:
        entry = App(Environment.read(self.told)).journal.latest("default", sender)
        assert entry is not None
        return entry.status, entry.outcome or entry.reason

    def logs(self) -> str:
        return "\n".join(server.log.read_text("utf-8") for server in (self.rasa, self.actions, self.sandbox))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    python, quiet = sys.executable, {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with Servers(folder / "log") as servers:
        port = free_port(28085)
        sandbox = servers.start("sandbox", [python, "-m", "sandbox", "--port", str(port)], port, _clean(quiet))
        sandbox.wait()
        secret, port = secrets.token_urlsafe(32), free_port(25055)
        told = {
            **_clean(quiet),
            "SEGUNDA_VIA_GATEWAY": "asaas",
            "SEGUNDA_VIA_CREDENTIALS": json.dumps(sandbox.read("/health")["gateways"]["asaas"]),
            "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'segunda_via.db'}",
            "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
            "SEGUNDA_VIA_ACTION_SECRET": secret,
        }
        command = [python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port), "-vv"]
        actions = servers.start("actions", command, port, told)
        config = endpoints.write(
            folder / "endpoints.yml", f"http://127.0.0.1:{port}/webhook", secret, folder / "tracker.db"
        )
        (folder / "credentials.yml").write_text("rest:\n")
        port = free_port(25005)
        command = [python, "-m", "rasa", "run", "--model", str(ensure_model()), "--endpoints", str(config)]
        command += ["--credentials", str(folder / "credentials.yml"), "--interface", "127.0.0.1", "--debug"]
        rasa = servers.start("rasa", [*command, "--port", str(port)], port, told)
        actions.wait()
        rasa.wait("/", seconds=120)
        yield Site(rasa, actions, sandbox, secret, told, folder)


def _clean(extra: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    return {**kept, **extra}


def test_a_customer_gets_the_boleto_and_the_ticket_finishes(site: Site) -> None:
    (question,) = site.says("ana", ASKS)
    assert question["text"].startswith("Digite seu CPF ou CNPJ para localizar sua fatura.")
    *bundle, offer = site.says("ana", f"é {site.document('entrega completa')}, obrigada")
    assert [sorted(set(part) & {"text", "image", "attachment"})[-1:] for part in bundle] == [
        ["text"],
        ["text"],
        ["text"],
        ["image"],
        ["attachment"],
    ]
    assert bundle[1]["text"].startswith("000201")
    assert "próxima?" in offer["text"]
    assert site.ticket("ana") == ("finished", "overdue")

    picture = httpx.get(bundle[3]["image"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")
    paper = httpx.get(bundle[4]["attachment"])
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert "noindex" in paper.headers["x-robots-tag"]
    assert "no-store" in paper.headers["cache-control"]
    assert site.document("entrega completa") not in paper.headers["content-disposition"]


def test_the_document_said_at_once_is_used_at_once(site: Site) -> None:
    answers = site.says("beto", f"me manda o boleto do cpf {site.document('nada vencido')}")
    assert [part for part in answers if "attachment" in part]
    assert site.ticket("beto") == ("finished", "next_due")


def test_a_gateway_that_is_slow_does_not_hold_the_turn(site: Site) -> None:
    site.says("caio", ASKS)
    site.says("caio", site.document("demora 10 segundos"))
    assert site.ticket("caio") == ("handed_over", "gateway_unavailable")


def test_nobody_gets_in_without_the_secret(site: Site) -> None:
    url = f"http://127.0.0.1:{site.actions.port}"
    assert httpx.get(f"{url}/health").status_code == 200
    for path in ("/webhook", "/actions"):
        answer = httpx.request("POST" if path == "/webhook" else "GET", url + path, json={})
        assert answer.status_code in {401, 403}
    assert httpx.get(f"{url}/media/forjado").status_code == 404


def test_what_breaks_in_an_action_never_echoes_the_conversation(site: Site) -> None:
    written = site.document("entrega completa")
    answer = httpx.post(
        f"http://127.0.0.1:{site.actions.port}/webhook",
        headers={"Authorization": f"Bearer {site.secret}"},
        json={"next_action": "action_send_boleto", "sender_id": "eva", "tracker": written},
    )
    assert answer.status_code >= 400
    assert written not in answer.text


def test_no_log_holds_a_document_a_code_or_a_token(site: Site) -> None:
    logs = site.logs()
    assert "action_send_boleto" in logs, "the logs are at their most talkative"
    token = site.sandbox.read("/health")["gateways"]["asaas"]["token"]
    for row in site.sandbox.read("/personas"):
        assert row["document"] not in logs
        assert documents.compact(row["document"]) not in logs
    for secret in (token, site.secret, "00020101021", "br.gov.bcb.pix"):
        assert secret not in logs
