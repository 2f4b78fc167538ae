"""The public server, Rasa with its trained model, the action server, Twilio's simulator: what kill -9 leaves behind."""

from __future__ import annotations

import json
import os
import secrets
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from support.databases import new_database

from sandbox.personas import personas
from sandbox.server import ISSUER, RunningSandbox
from sandbox.twilio import Inbound
from scripts import endpoints
from scripts.processes import ROOT, Server, Servers, free_port, public_server
from scripts.train import ensure_model
from segunda_via import clock
from segunda_via.boletos import documents
from segunda_via.conversation import domain_file

pytestmark = pytest.mark.slow

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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("whatsapp")
    with new_database(request.param, folder) as url, RunningSandbox() as sandbox, Servers(folder / "log") as servers:
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


def test_the_whole_delivery_with_its_picture_and_paper(site: Site) -> None:
    assert site.writes("oi, preciso da segunda via do meu boleto") == 204
    site.until(lambda: len(site.received()) == 1)
    assert site.received()[0].startswith("Digite seu CPF ou CNPJ para localizar sua fatura.")
    site.writes(document("entrega completa"))
    site.until(lambda: site.tickets() == [("finished", "overdue")])
    messages = [m for m in site.sandbox.twilio.account.of(CUSTOMER) if not m.inbound][1:6]
    assert [bool(m.media_urls) for m in messages] == [False, False, False, True, True]
    assert messages[1].body.startswith("000201")
    assert messages[3].media_urls[0].startswith(f"{site.told['SEGUNDA_VIA_PUBLIC_URL']}/media/")
    site.until(lambda: all(m.status == "delivered" for m in messages))


def test_killed_while_it_delivers_every_message_arrives_once(site: Site) -> None:
    customer = "whatsapp:+5547999990002"
    site.writes("quero meu boleto", customer)
    site.until(lambda: len(site.received(customer)) == 1)
    site.writes(document("entrega completa"), customer)
    site.until(lambda: len(site.received(customer)) >= 3)  # two of the five are out
    site.dies("public")
    site.until(lambda: [status for status, _ in site.tickets()] == ["finished", "finished"], 60)
    messages = site.received(customer)
    assert len(messages) == len(set(messages[:4])) + len(messages[4:])
    assert [m.startswith("000201") for m in messages[:4]] == [False, False, True, False]
    assert sum(bool(m.media_urls) for m in site.sandbox.twilio.account.of(customer)) == 2


@pytest.mark.parametrize("which", ["rasa", "public"])
def test_killed_in_the_middle_of_a_turn_it_is_answered_once(site: Site, which: str) -> None:
    customer = f"whatsapp:+554799998{len(which):04}"
    site.writes("quero meu boleto", customer)
    site.until(lambda: len(site.received(customer)) == 1)
    site.writes(document("demora 10 segundos"), customer)
    time.sleep(1.5)  # the gateway is being asked
    site.dies(which)
    waits = domain_file.responses()["utter_segunda_via_wait"][0]["text"]
    site.until(lambda: len([each for each in site.received(customer) if each != waits]) > 1, 60)
    time.sleep(3)
    said = site.received(customer)
    assert len(said) == len(set(said)), "nothing was said twice"
    assert site.tickets()[-1][0] == "handed_over"


def test_killed_the_moment_it_has_acknowledged_everyone_is_answered_once(site: Site) -> None:
    customers = [f"whatsapp:+55479999910{number:02}" for number in range(10)]
    with ThreadPoolExecutor(len(customers)) as pool:
        assert set(pool.map(lambda customer: site.writes("bom dia", customer), customers)) == {204}
    site.dies("public")
    site.until(lambda: all(site.received(customer) for customer in customers), 60)
    time.sleep(3)
    assert {len(site.received(customer)) for customer in customers} == {1}


def test_what_is_triggered_over_rasas_api_arrives_once_and_the_conversation_goes_on(site: Site) -> None:
    customer = "whatsapp:+5547999990004"
    conversation = f"{site.sandbox.twilio.account.number}:{customer}"
    url = f"http://127.0.0.1:{site.rasa.port}/conversations/{conversation}/trigger_intent"

    def trigger(**more: str) -> httpx.Response:
        told = {"output_channel": "whatsapp", **more}
        return httpx.post(url, params=told, json={"name": "pedir_segunda_via"}, timeout=30, trust_env=False)

    assert trigger().status_code == 401, "nobody pushes without the token"
    answer = trigger(token=TOKEN)
    assert (answer.status_code, "messages" in answer.json()) == (200, False), "not collected, but sent"
    site.until(lambda: [m.status for m in site.sandbox.twilio.account.of(customer)] == ["delivered"])
    time.sleep(3)
    (asked,) = site.received(customer)
    assert asked.startswith("Digite seu CPF ou CNPJ para localizar sua fatura.")
    site.writes(document("entrega completa"), customer)
    site.until(lambda: sum(bool(m.media_urls) for m in site.sandbox.twilio.account.of(customer)) == 2)


def test_no_log_and_no_conversation_at_rest_says_who_wrote(site: Site) -> None:
    customer, name = "+5547999990005", "Eva Exemplo da Silva"
    site.writes("quero meu boleto", f"whatsapp:{customer}", name)
    site.until(lambda: len(site.received(f"whatsapp:{customer}")) == 1)
    written = document("entrega completa")
    site.writes(written, f"whatsapp:{customer}", name)
    site.until(lambda: len(site.received(f"whatsapp:{customer}")) >= 6)
    company = site.sandbox.twilio.account.number.removeprefix("whatsapp:+")
    personal = [customer[1:], customer[3:], company, name, documents.compact(written)]
    logs = "\n".join(path.read_text("utf-8") for path in (site.folder / "log").iterdir())
    assert "rasa.core.processor" in logs, "Rasa is at its most talkative"
    assert "action_send_boleto" in logs
    assert [each for each in personal if each in logs] == []
    kept = [path for path in site.folder.iterdir() if ".db" in path.name]
    assert any(path.name.startswith("tracker.db") for path in kept)
    for path in kept:
        content = path.read_bytes()
        assert [each for each in personal if each.encode() in content] == [], path.name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
