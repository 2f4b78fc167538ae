"""The gateway is down and comes back: what was promised arrives by itself, once, whatever was killed meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from support.whatsapp_site import Site, document, running_site

from segunda_via.conversation import domain_file

pytestmark = pytest.mark.slow

TRIES = "0.1 0.2 0.3 0.5 0.7 1 1.5 2 3"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("late")
    with running_site(request.param, folder, SEGUNDA_VIA_LATE_TRIES=TRIES) as site:
        yield site


@pytest.mark.parametrize("killed", [None, "public", "rasa"])
def test_what_is_promised_arrives_once_when_the_gateway_is_back(site: Site, killed: str | None) -> None:
    customer = f"whatsapp:+55479999800{len(killed or ''):02}"
    promise = domain_file.responses()["utter_segunda_via_late_promise"][0]["text"]
    site.sandbox.order("503", gateway="asaas")
    site.writes(f"quero a segunda via do cpf {document('entrega completa')}", customer)
    site.until(lambda: promise in site.received(customer))
    assert site.tickets()[-1] == ("open", None)
    if killed:
        site.dies(killed)
    site.sandbox.sandbox.board.clear()
    site.until(lambda: site.tickets()[-1] == ("finished", "overdue"), 90)
    time.sleep(8)  # another try would have come by now
    heard = site.received(customer)
    assert heard.count(promise) == 1
    assert sum(each.startswith("000201") for each in heard) == 1
    assert sum(bool(m.media_urls) for m in site.sandbox.twilio.account.of(customer)) == 2
    assert site.tickets()[-1] == ("finished", "overdue")
