"""Real servers and Twilio's simulator: what kill -9 leaves behind."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.whatsapp_site import CUSTOMER, TOKEN, Site, document, running_site

from segunda_via.boletos import documents
from segunda_via.conversation import domain_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(request.param, tmp_path_factory.mktemp("whatsapp")) as site:
        yield site


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
    assert domain_file.responses()["utter_segunda_via_late_promise"][0]["text"] in said
    assert site.tickets()[-1][0] == "open"


def test_killed_the_moment_it_has_acknowledged_everyone_is_answered_once(site: Site) -> None:
    customers = [f"whatsapp:+55479999910{number:02}" for number in range(10)]
    with ThreadPoolExecutor(len(customers)) as pool:
        assert set(pool.map(lambda customer: site.writes("bom dia", customer), customers)) == {204}
    site.dies("public")
    waits = domain_file.responses()["utter_segunda_via_wait"][0]["text"]  # told to whom a busy machine lets wait

    def answers(customer: str) -> list[str]:
        return [each for each in site.received(customer) if each != waits]

    site.until(lambda: all(answers(customer) for customer in customers), 60)
    time.sleep(3)
    assert {len(answers(customer)) for customer in customers} == {1}


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
