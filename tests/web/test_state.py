"""Estado: what turns red, when, for whom, and how it turns green again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.clock import RunningClock
from web.operator import NAME, Operator, document, new_app, set_up

from sandbox.chatwoot import ChatwootSimulator
from sandbox.server import RunningSandbox
from sandbox.whaticket import WhaticketSimulator
from segunda_via.app import App
from segunda_via.desks.desk_setting import DESK_SETTING, DeskSettings
from segunda_via.gateways import registry
from segunda_via.gateways.breaker import CONVERSATIONS
from segunda_via.operations.health_watch import EVERY, EVERY_WHILE_FAILING, HealthWatch
from segunda_via.operations.probes.probe import Finding, Level, known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings import whatsapp
from segunda_via.settings.contacts import ALERTS_SETTING
from segunda_via.settings.whatsapp import WHATSAPP_SETTING
from segunda_via.tickets import QUEUE


@pytest.fixture
def later(app: App) -> RunningClock:
    made = RunningClock()
    app.now = made  # type: ignore[assignment]  # a clock that tests put forward
    return made


@pytest.fixture
async def other(app: App, tmp_path: Path) -> App:
    """Another process on the same database, whose calls to the alert webhook are kept in `told`."""
    made = App(app.environment, home=tmp_path)
    made.told = []  # type: ignore[attr-defined]

    def keep(request: httpx.Request) -> httpx.Response:
        made.told.append(json.loads(request.content))  # type: ignore[attr-defined]
        return httpx.Response(204)

    hooks = {"https://hooks.example.com": httpx.MockTransport(keep)}
    made.http = httpx.AsyncClient(mounts=hooks, trust_env=False)  # type: ignore[misc]  # in the place of the cached one
    return made


@pytest.fixture
def desks() -> Iterator[RunningSandbox]:
    with RunningSandbox(desks=(WhaticketSimulator(), ChatwootSimulator())) as running:
        yield running


def light(app: App, title: str) -> Finding:
    return next(each for each in known(PROBES, app, "default") if each.title == title)


async def deliver(app: App, sandbox: RunningSandbox, number: int) -> None:
    await app.deliver("default", f"whatsapp:+55119999900{number:02}", document(sandbox))


@pytest.mark.parametrize("gateway", ["asaas", "mk_auth", "mk_solutions"])
async def test_a_rejected_token_is_red_for_every_process_at_once_and_told_once(
    app: App, other: App, operator: Operator, sandbox: RunningSandbox, later: RunningClock, gateway: str
) -> None:
    await set_up(operator, sandbox, gateway)
    ALERTS_SETTING.save(app.settings, "default", "https://hooks.example.com/x", by=NAME, at=app.now())
    sandbox.order("401")
    await deliver(app, sandbox, 0)
    assert light(other, "Gateway").level is Level.FAILURE
    assert f"recusa {registry.GATEWAYS[gateway].access()} desde" in light(other, "Gateway").detail
    watch = HealthWatch(lambda: other)
    for _ in range(3):
        await watch._tell(other)
    assert [event["event"] for event in other.told] == ["gateway.rejected"]  # type: ignore[attr-defined]
    secrets = [value for value in app.gateway_settings("default").credentials.values() if len(value) > 12]
    assert not any(secret in json.dumps(other.told) for secret in secrets)  # type: ignore[attr-defined]
    sandbox.reset()
    later.ahead = timedelta(minutes=1)  # a refused sign-in is not tried again at once
    await deliver(app, sandbox, 1)
    assert light(other, "Gateway").level is Level.OK
    await watch._tell(other)
    assert [event["event"] for event in other.told] == ["gateway.rejected", "gateway.recovered"]  # type: ignore[attr-defined]


async def test_without_traffic_one_of_the_processes_checks_every_quarter_of_an_hour(
    app: App, operator: Operator, sandbox: RunningSandbox, later: RunningClock, tmp_path: Path
) -> None:
    await set_up(operator, sandbox)
    other = App(app.environment, home=tmp_path, now=app.now)
    await HealthWatch(lambda: app).look()
    sandbox.sandbox.calls.clear()
    sandbox.order("401")
    later.ahead = EVERY - timedelta(seconds=5)
    await HealthWatch(lambda: app).look()
    assert not sandbox.sandbox.calls.as_json(), "it was checked less than that ago"
    later.ahead = EVERY + timedelta(seconds=5)
    await HealthWatch(lambda: app).look()
    asked = len(sandbox.sandbox.calls.as_json())
    await HealthWatch(lambda: other).look()
    assert asked
    assert len(sandbox.sandbox.calls.as_json()) == asked, "one of them does it"
    assert light(other, "Gateway").level is Level.FAILURE
    later.ahead += EVERY_WHILE_FAILING + timedelta(seconds=5)
    await HealthWatch(lambda: app).look()
    assert len(sandbox.sandbox.calls.as_json()) == asked, "a refused token is not tried every minute"
    await other.close()


async def test_an_open_circuit_is_shown_and_ends_without_traffic_once_the_gateway_is_back(
    app: App, operator: Operator, sandbox: RunningSandbox, later: RunningClock, tmp_path: Path
) -> None:
    await set_up(operator, sandbox)
    await HealthWatch(lambda: app).look()
    sandbox.order("503")
    for number in range(CONVERSATIONS):
        await deliver(app, sandbox, number)
    assert light(app, "Gateway").level is Level.FAILURE
    assert "fora do ar desde" in light(app, "Gateway").detail
    later.ahead = EVERY_WHILE_FAILING + timedelta(seconds=5)
    await HealthWatch(lambda: app).look()
    assert "fora do ar desde" in light(app, "Gateway").detail, "it still is"
    sandbox.reset()
    later.ahead = 2 * later.ahead
    await HealthWatch(lambda: app).look()
    assert light(app, "Gateway").level is Level.OK


async def test_a_desk_that_refuses_the_password_is_red_and_one_that_is_down_yellow(
    app: App, desks: RunningSandbox, later: RunningClock
) -> None:
    told = desks.sandbox.desk_credentials(desks.base_url)["whaticket"]

    def choose(**other: str) -> None:
        settings = DeskSettings("whaticket", {**told, **other})
        DESK_SETTING.save(app.settings, "default", settings, by=NAME, at=app.now())
        later.ahead += EVERY + timedelta(seconds=5)

    choose()
    assert light(app, "Atendimento").level is Level.WARNING, "nobody asked it yet"
    await HealthWatch(lambda: app).look()
    assert light(app, "Atendimento").level is Level.OK
    assert light(app, "Fila").level is Level.FAILURE, "it has no queue of that name"
    desks.sandbox.desks[0].add_queue(QUEUE)  # type: ignore[union-attr]
    later.ahead += EVERY + timedelta(seconds=5)
    await HealthWatch(lambda: app).look()
    assert light(app, "Fila").level is Level.OK
    choose(password="outra")
    await HealthWatch(lambda: app).look()
    assert light(app, "Atendimento").level is Level.FAILURE
    assert light(app, "Fila").level is Level.WARNING, "what another password saw counts no more"
    choose(base_url="http://127.0.0.1:9")
    await HealthWatch(lambda: app).look()
    assert light(app, "Atendimento").level is Level.WARNING
    assert "não respondeu" in light(app, "Atendimento").detail


async def test_a_token_that_twilio_refuses_is_red_and_another_one_is_tried_at_once(
    tmp_path: Path, sandbox: RunningSandbox
) -> None:
    app, account = new_app(tmp_path, TWILIO_API_URL=sandbox.twilio_url), sandbox.twilio.account

    def save(token: str) -> None:
        told = {"account_sid": account.sid, "auth_token": token, "number": "+5511999998888"}
        number = whatsapp.checked({**told, "public_url": "https://bot.example.com"})
        WHATSAPP_SETTING.save(app.settings, "default", number, by=NAME, at=app.now())

    assert "sem número" in light(app, "WhatsApp").detail
    save(account.token)
    assert light(app, "WhatsApp").level is Level.WARNING, "nobody asked Twilio yet"
    await HealthWatch(lambda: app).look()
    assert light(app, "WhatsApp") == Finding("whatsapp", Level.OK, "+55 11 99999-8888", None, "/whatsapp")
    save("outro-token-da-twilio")
    await HealthWatch(lambda: app).look()
    assert light(app, "WhatsApp").level is Level.FAILURE
    assert "recusa o acesso" in light(app, "WhatsApp").detail
    await app.close()


async def test_what_cannot_be_checked_keeps_nothing_else_from_being_checked_and_told(
    app: App, other: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    ALERTS_SETTING.save(app.settings, "default", "https://hooks.example.com/x", by=NAME, at=app.now())
    app.settings.put("default", "desk", {"desk": "whaticket", "credentials": {}}, by=NAME, at=app.now())
    sandbox.order("401")
    await deliver(app, sandbox, 0)
    await HealthWatch(lambda: other).look()
    assert [event["event"] for event in other.told] == ["gateway.rejected"]  # type: ignore[attr-defined]
    assert light(app, "Atendimento").level is not Level.OK
