"""The action package under the SDK of Rasa 3.6 and under the newest one, each on a Python of its own.

It is called as Rasa 3.6 itself calls it: by Rasa's own `RemoteAction`, which checks what comes back. The newest SDK's
environment is `newest_sdk.lock`; to renew it, run the command in its first lines.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from scripts.processes import ROOT, Server, Servers, any_port
from scripts.setup import environment_for_uv, find_uv
from segunda_via import skill

pytestmark = pytest.mark.slow
LOCK = Path(__file__).with_name("newest_sdk.lock")


def newest(folder: Path) -> str:
    """The Python of an environment that has the newest SDK and no Rasa."""
    uv, environment = find_uv(), environment_for_uv()
    for command in (
        ["venv", "--python", "3.11", "--quiet", str(folder)],
        ["pip", "install", "--python", str(folder / "bin" / "python"), "--require-hashes", "-r", str(LOCK), "--quiet"],
    ):
        subprocess.run([uv, *command], check=True, env=environment, cwd=ROOT)
    return str(folder / "bin" / "python")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Servers(tmp_path_factory.mktemp("log")) as servers:
        port = any_port()
        command = [sys.executable, "-m", "sandbox", "--port", str(port)]
        server = servers.start("sandbox", command, port, environment_for_uv())
        server.wait()
        yield server


@pytest.fixture(scope="module", params=["the SDK of Rasa 3.6", "the newest SDK"])
def actions(
    request: pytest.FixtureRequest, gateway: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("actions")
    python = newest(folder / "environment") if request.param == "the newest SDK" else sys.executable
    told = {
        **environment_for_uv(),
        "PYTHONPATH": str(ROOT),
        "SEGUNDA_VIA_GATEWAY": "asaas",
        "SEGUNDA_VIA_CREDENTIALS": json.dumps(gateway.read("/health")["gateways"]["asaas"]),
        "SEGUNDA_VIA_PUBLIC_URL": "http://127.0.0.1:1",
    }
    bot = folder / "bot"
    (bot / "actions").mkdir(parents=True)
    (bot / "actions" / "__init__.py").write_text("import segunda_via.actions\n", "utf-8")
    with Servers(folder / "log", bot) as servers:
        port = any_port()
        server = servers.start(
            "actions", [python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)], port, told
        )
        server.wait(seconds=180)
        yield server


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(skill.DOMAIN))


async def run(actions: Server, name: str, events: list[Event], domain: Domain, **sent: Any) -> list[Event]:
    """As Rasa 3.6 runs a custom action; what it left."""
    endpoint = EndpointConfig(f"{actions.address}/webhook", **sent)
    tracker = DialogueStateTracker.from_events("ana", events, domain.slots, domain=domain)
    nlg = TemplatedNaturalLanguageGenerator(domain.responses)
    left = await RemoteAction(name, endpoint).run(CollectingOutputChannel(), nlg, tracker, domain)
    return list(left)


def said(text: str, intent: str, **entities: str) -> UserUttered:
    found = [{"entity": name, "value": value, "start": 0, "end": len(text)} for name, value in entities.items()]
    return UserUttered(text, {"name": intent, "confidence": 1.0}, found)


def slots(events: list[Event]) -> dict[str, Any]:
    return {event.key: event.value for event in events if isinstance(event, SlotSet)}


def messages(events: list[Event]) -> list[dict[str, Any]]:
    return [event.message() for event in events if hasattr(event, "message")]


async def test_a_whole_delivery_comes_back_as_rasa_3_6_expects_it(
    actions: Server, gateway: Server, domain: Domain
) -> None:
    who = next(each for each in gateway.read("/personas") if "nada vencido" in each["shows"])
    document = "".join(filter(str.isalnum, who["document"]))
    talk: list[Event] = [ActionExecuted("action_listen"), said("boleto", "pedir_segunda_via")]
    talk += [ActionExecuted("action_open_ticket"), *await run(actions, "action_open_ticket", talk, domain)]
    talk += [ActiveLoop("segunda_via_form"), SlotSet("requested_slot", "segunda_via_document")]
    talk += [ActionExecuted("action_listen"), said(document, "informar_documento", cpf=document)]
    validated = await run(actions, "validate_segunda_via_form", talk, domain)
    assert slots(validated)["segunda_via_document"] == document
    talk += [*validated, ActionExecuted("segunda_via_form"), ActiveLoop(None)]
    left = await run(actions, "action_send_boleto", talk, domain)
    assert slots(left)["segunda_via_fate"] == "finish"
    invoice, pix, line, picture, paper = messages(left)[:5]
    assert invoice["text"].startswith("📄 Fatura")
    assert pix["text"].startswith("000201")
    assert sum(character.isdigit() for character in line["text"]) == 47
    assert "/media/" in picture["image"]
    assert "/media/" in paper["attachment"]


async def test_an_action_that_nobody_has_is_an_error(actions: Server, domain: Domain) -> None:
    with pytest.raises(RasaException):
        await run(actions, "action_nobody_has", [said("529.982.247-25", "informar_documento")], domain)

def test_a_call_that_is_malformed_is_an_error_that_quotes_nothing(actions: Server) -> None:
    for body in (b"{", b"[]", b'{"next_action": "action_send_boleto", "tracker": 5, "domain": "52998224725"}'):
        answer = httpx.post(f"{actions.address}/webhook", content=body, timeout=30)
        assert answer.status_code >= 400
        assert "52998224725" not in answer.text


async def test_whoever_comes_through_a_proxy_is_refused(actions: Server, domain: Domain) -> None:
    with pytest.raises(RasaException):
        await run(
            actions,
            "action_open_ticket",
            [said("boleto", "pedir_segunda_via")],
            domain,
            headers={"X-Forwarded-For": "203.0.113.9"},
        )


def test_it_says_that_it_is_alive(actions: Server) -> None:
    assert httpx.get(f"{actions.address}/health", timeout=30).json() == {"status": "ok"}
