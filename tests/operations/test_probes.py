"""Probes that are asked now, and what is known of them without asking: in the same words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.cli.findings import line
from segunda_via.operations.probes.probe import TITLES, Finding, Level, Probe, known, run
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings.environment import Environment

COMPANY = "default"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture
async def app(tmp_path: Path, sandbox: RunningSandbox) -> AsyncIterator[App]:
    """With a gateway and a number at Twilio, both simulated."""
    account = sandbox.twilio.account
    environment = Environment(
        database_url=f"sqlite:///{tmp_path}/segunda_via.db",
        gateway="asaas",
        credentials=sandbox.credentials("asaas"),
        twilio_api_url=sandbox.twilio_url,
        twilio={
            "TWILIO_ACCOUNT_SID": account.sid,
            "TWILIO_AUTH_TOKEN": account.token,
            "TWILIO_WHATSAPP_NUMBER": account.number,
        },
    )
    app = App(environment, home=tmp_path)
    yield app
    await app.close()


def probe(subject: str) -> Probe:
    return next(each for each in PROBES if each.subject == subject)


async def asked(app: App, subject: str) -> Finding:
    (found,) = await run([probe(subject)], app, COMPANY)
    return found


def told(app: App, subject: str) -> Finding:
    (found,) = known([probe(subject)], app, COMPANY)
    return found


def test_each_probe_stands_once_and_what_is_asked_regularly_is_shown() -> None:
    subjects = [each.subject for each in PROBES]
    assert len(subjects) == len(set(subjects))
    assert set(subjects) <= set(TITLES)
    assert all(each.known for each in PROBES if each.row), "nobody would see what it found"
    shown = [TITLES[each.subject] for each in PROBES if each.known]
    assert shown == ["Gateway", "Recebedor", "Atendimento", "WhatsApp", "Fila"]


@pytest.mark.parametrize("subject", ["gateway", "whatsapp"])
async def test_what_was_asked_in_the_terminal_is_known_on_estado(app: App, subject: str) -> None:
    assert told(app, subject).level is Level.WARNING, "nobody asked it yet"
    found = await asked(app, subject)
    assert found.level is Level.OK
    assert found.detail.startswith(told(app, subject).detail)
    assert told(app, subject).level is Level.OK


async def test_the_gateway_says_who_it_is_and_where(app: App) -> None:
    assert (await asked(app, "gateway")).detail.endswith("ambiente de testes")


async def test_the_gateway_says_how_many_customers_wait_for_it(app: App) -> None:
    assert "espera" not in told(app, "gateway").detail
    for conversation_id, said in (("ana", "1 cliente espera pelo boleto desde"), ("bia", "2 clientes esperam")):
        why = Outcome.GATEWAY_UNAVAILABLE
        app.late_deliveries.promise(COMPANY, conversation_id, "52998224725", why, message_id="SM1")
        assert said in told(app, "gateway").detail
        assert said in (await asked(app, "gateway")).detail


@pytest.mark.parametrize(("subject", "server"), [("gateway", "asaas"), ("whatsapp", "twilio")])
async def test_who_does_not_answer_now_fails_and_is_a_warning_on_estado(
    app: App, sandbox: RunningSandbox, subject: str, server: str
) -> None:
    sandbox.order("503", gateway=server)
    found = await asked(app, subject)
    assert found.level is Level.FAILURE, "monitoring has to see it"
    assert "não respondeu" in found.detail
    assert told(app, subject).level is Level.WARNING
    assert told(app, subject).detail == found.detail


@pytest.mark.parametrize(("subject", "server"), [("gateway", "asaas"), ("whatsapp", "twilio")])
async def test_who_refuses_the_token_is_told_in_the_same_words_in_both_places(
    app: App, sandbox: RunningSandbox, subject: str, server: str
) -> None:
    sandbox.order("401", gateway=server)
    found = await asked(app, subject)
    assert found.level is Level.FAILURE
    assert "recusa" in found.detail
    assert told(app, subject) == found


async def test_one_that_hangs_or_breaks_keeps_no_other_from_being_told(app: App) -> None:
    async def hangs(app: App, company: str) -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    async def breaks(app: App, company: str) -> Finding:
        raise KeyError("529.982.247-25")

    async def loses_the_database(app: App, company: str) -> Finding:
        raise sa.exc.OperationalError("SELECT", {"document": "529.982.247-25"}, Exception())

    probes = [
        Probe("model", hangs, seconds=0.01),
        Probe("texts", breaks),
        Probe("conversations", loses_the_database),
        probe("database"),
    ]
    hung, broken, lost, database = await run(probes, app, COMPANY)
    assert (hung.level, hung.is_bad) == (Level.UNKNOWN, True)
    assert (broken.level, broken.detail) == (Level.UNKNOWN, "não pôde ser conferido (KeyError)")
    assert (lost.level, lost.detail) == (Level.FAILURE, "o banco de dados não responde")
    assert database.level is Level.OK


async def test_a_database_that_is_away_is_told_of_every_light(tmp_path: Path) -> None:
    app = App(Environment(database_url=f"sqlite:///{tmp_path}", secret_key=None), home=tmp_path)  # a folder is none
    assert {each.level for each in known(PROBES, app, COMPANY)} == {Level.FAILURE}
    await app.close()


async def test_the_terminal_says_what_to_do_there(tmp_path: Path) -> None:
    app = App(Environment(database_url=f"sqlite:///{tmp_path}/segunda_via.db"), home=tmp_path)
    found = told(app, "gateway")
    assert line(found) == "nenhum escolhido: escolha o gateway e cole o token (`segunda-via settings set`)"
    await app.close()
