"""Who is answered by the action server that rasa_sdk starts, and what its errors say."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import types
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from rasa_sdk import Action, endpoint
from rasa_sdk.interfaces import ActionExecutionRejection
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic
from support.databases import migrated_sqlite

from segunda_via.actions.action_server import ActionServer
from segunda_via.app import App
from segunda_via.errors import ConfigurationError
from segunda_via.private_servers.callers import refusal
from segunda_via.settings.environment import Environment

CPF = "52998224725"
SECRET = "a-shared-secret"


class ActionThatBreaks(Action):
    def name(self) -> str:
        return "action_that_breaks"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ValueError(f"no customer {tracker.get_slot('segunda_via_document')}")


class ActionThatSteps(Action):
    def name(self) -> str:
        return "action_that_steps_back"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise ActionExecutionRejection(self.name(), "not now")


class ActionThatWorks(Action):
    def name(self) -> str:
        return "action_that_works"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        dispatcher.utter_message(text="pronto")
        return []


def services(secret: str | None) -> App:
    home = Path(tempfile.mkdtemp())
    environment = Environment(
        action_secret=secret,
        database_url=migrated_sqlite(home),
        secret_key=Fernet.generate_key().decode(),
        public_url="https://bot.example.com",
    )
    return App(environment, home=home)


def action_server(secret: str | None, *, alone: bool = True) -> Sanic:
    app = endpoint.create_app(types.ModuleType("no_actions_but_those_above"), cors_origins=None)
    root = services(secret)
    ActionServer(lambda: root, alone=alone).attach_sanic_app_extensions(app)
    return app


def call(action: str) -> dict[str, Any]:
    message = {"event": "user", "text": f"sou Maria Exemplo, cpf {CPF}"}
    tracker = {
        "sender_id": "whatsapp:+5511987654321",
        "slots": {"segunda_via_document": CPF},
        "latest_message": message,
        "latest_event_time": 0.0,
        "followup_action": None,
        "paused": False,
        "events": [message],
        "latest_input_channel": "whatsapp",
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    return {"next_action": action, "sender_id": "x", "version": "3.6.21", "tracker": tracker, "domain": {}}


async def test_with_a_secret_only_its_bearer_is_served(serve: Any) -> None:
    client = await serve(action_server(SECRET))
    right = {"Authorization": f"Bearer {SECRET}"}

    assert (await client.post("/webhook", json=call("action_that_works"), headers=right)).json()["responses"]
    assert (await client.get("/actions", headers=right)).status_code == 200
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": SECRET},
    ):
        refused = await client.post("/webhook", json=call("action_that_works"), headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/actions", headers=headers)).status_code == 401


@pytest.mark.parametrize("path", ["/webhook/", "//webhook", "/%77ebhook"])
async def test_another_spelling_of_the_route_is_no_way_around(serve: Any, path: str) -> None:
    client = await serve(action_server(SECRET))
    answer = await client.post(path, json=call("action_that_works"))
    assert answer.status_code in {401, 404}
    assert "pronto" not in answer.text


async def test_health_is_open(serve: Any) -> None:
    client = await serve(action_server(SECRET))
    assert (await client.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/media/forged", "/configuracoes", "/desk/webhook", "/metrics"])
async def test_what_is_for_others_than_rasa_is_not_here(serve: Any, path: str) -> None:
    client = await serve(action_server(SECRET))
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": "HTTP 404"})


async def test_without_a_secret_this_machine_is_served_as_rasa_expects(serve: Any) -> None:
    client = await serve(action_server(None))
    assert (await client.post("/webhook", json=call("action_that_works"))).status_code == 200
    assert (await client.get("/actions")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto", "CF-Connecting-IP", "Origin"],
)
async def test_without_a_secret_a_proxy_or_a_browser_is_refused(serve: Any, header: str) -> None:
    client = await serve(action_server(None))
    refused = await client.post("/webhook", json=call("action_that_works"), headers={header: "203.0.113.9"})
    assert refused.status_code == 403
    assert (await client.get("/health", headers={header: "203.0.113.9"})).status_code == 200


@pytest.mark.parametrize("peer", ["10.0.0.7", "203.0.113.9", "::ffff:10.0.0.7", "fe80::1%eth0", "", "unix"])
def test_without_a_secret_another_machine_is_refused(peer: str) -> None:
    refused = refusal(peer, {}, None)
    assert refused is not None
    assert refused.status == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_spelling_of_loopback_is_this_machine(peer: str) -> None:
    assert refusal(peer, {}, None) is None


@pytest.mark.parametrize("token", ["sénha", "", "a-shared-secre", "a-shared-secret2"])
def test_a_wrong_token_is_refused_whatever_it_holds(token: str) -> None:
    assert refusal("127.0.0.1", {"authorization": f"Bearer {token}"}, SECRET) is not None


async def test_an_error_says_nothing_of_the_conversation(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = await serve(action_server(None))
    with caplog.at_level(logging.DEBUG):
        answer = await client.post("/webhook", json=call("action_that_breaks"))

    assert answer.status_code == 500
    assert answer.json() == {"error": "the action failed with ValueError", "action_name": "action_that_breaks"}
    for secret in (CPF, "Maria", "987654321"):
        assert secret not in answer.text
        assert secret not in caplog.text
    assert "action_that_breaks failed with ValueError" in caplog.text
    assert "test_access.py" in caplog.text  # where, for whoever has to mend it


async def test_a_compressed_call_fails_as_quietly(serve: Any) -> None:
    client = await serve(action_server(None))
    body = zlib.compress(json.dumps(call("action_that_breaks")).encode())
    answer = await client.post("/webhook", content=body, headers={"Content-Encoding": "deflate"})
    assert (answer.status_code, answer.json()["action_name"]) == (500, "action_that_breaks")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"next_action": 7, "tracker": "Maria"}'])
async def test_a_malformed_call_names_no_action(serve: Any, body: bytes) -> None:
    client = await serve(action_server(None))
    answer = await client.post("/webhook", content=body)
    assert answer.status_code >= 400
    assert "Maria" not in answer.text


async def test_what_the_sdk_tells_rasa_stays(serve: Any) -> None:
    client = await serve(action_server(None))
    rejected = await client.post("/webhook", json=call("action_that_steps_back"))
    assert (rejected.status_code, rejected.json()["action_name"]) == (400, "action_that_steps_back")
    unknown = await client.post("/webhook", json=call("action_unknown"))
    assert (unknown.status_code, unknown.json()["action_name"]) == (404, "action_unknown")


async def test_an_unknown_path_is_not_found_instead_of_a_server_error(serve: Any) -> None:
    client = await serve(action_server(None))
    assert (await client.get("/nothing")).status_code == 404
    assert (await client.get("/webhook")).status_code == 405


def test_a_malformed_variable_ends_the_start_with_its_line() -> None:
    def services() -> App:
        raise ConfigurationError("SEGUNDA_VIA_SECRET_KEY deve ser base64 (urlsafe) de 32 bytes.")

    with pytest.raises(SystemExit, match="SEGUNDA_VIA_SECRET_KEY deve ser"):
        ActionServer(services).attach_sanic_app_extensions(Sanic("malformed", configure_logging=False))


def test_the_package_registers_the_plugin_once() -> None:
    import importlib

    import actions

    assert plugin_manager().has_plugin("segunda_via")
    plugin = plugin_manager().get_plugin("segunda_via")
    importlib.reload(actions)
    assert plugin_manager().get_plugin("segunda_via") is plugin


PROXIED = {"X-Forwarded-For": "203.0.113.9"}


async def test_in_another_bots_server_its_own_actions_are_served_to_whom_it_serves_them(serve: Any) -> None:
    client = await serve(action_server(SECRET, alone=False))
    answer = await client.post("/webhook", json=call("action_that_works"), headers=PROXIED)
    assert answer.json()["responses"][0]["text"] == "pronto"
    assert (await client.get("/actions", headers=PROXIED)).status_code == 200
    broken = await client.post("/webhook", json=call("action_that_breaks"))
    assert broken.status_code == 500
    assert "request_body" in broken.json(), "what the SDK says of the bot's own errors stays as it is"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("action", ["action_send_boleto", "action_hand_over_ticket", "validate_segunda_via_form"])
async def test_in_another_bots_server_our_actions_demand_the_secret(serve: Any, action: str, compressed: bool) -> None:
    client = await serve(action_server(SECRET, alone=False))
    body, headers = json.dumps(call(action)).encode(), {"Content-Type": "application/json"}
    if compressed:
        body, headers = zlib.compress(body), {**headers, "Content-Encoding": "deflate"}
    assert (await client.post("/webhook", content=body, headers=headers)).status_code == 401
    right = {**headers, "Authorization": f"Bearer {SECRET}"}
    assert (await client.post("/webhook", content=body, headers=right)).status_code == 200


async def test_in_another_bots_server_without_a_secret_our_actions_answer_this_machine_alone(serve: Any) -> None:
    client = await serve(action_server(None, alone=False))
    assert (await client.post("/webhook", json=call("action_open_ticket"), headers=PROXIED)).status_code == 403
    assert (await client.post("/webhook", json=call("action_open_ticket"))).status_code == 200


async def test_in_another_bots_server_an_error_of_ours_quotes_nothing(serve: Any) -> None:
    client = await serve(action_server(SECRET, alone=False))
    malformed = {**call("action_send_boleto"), "tracker": 5}
    answer = await client.post("/webhook", json=malformed, headers={"Authorization": f"Bearer {SECRET}"})
    assert (answer.status_code, answer.json()["action_name"]) == (500, "action_send_boleto")
    assert CPF not in answer.text


def test_another_bots_server_listens_where_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANIC_HOST", raising=False)
    Sanic.test_mode = True
    action_server(SECRET, alone=False)
    assert "SANIC_HOST" not in os.environ
    action_server(SECRET)
    assert os.environ["SANIC_HOST"] == "127.0.0.1"
    monkeypatch.delenv("SANIC_HOST")
    Sanic._app_registry.clear()
    Sanic.test_mode = False
