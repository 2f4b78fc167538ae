"""The actions are thin: tracker in, use case, words and events out. Whatever breaks below them, they do not raise."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from support.databases import migrated_sqlite
from support.factories import invoice, line, pix_code

from segunda_via import app as composition
from segunda_via.actions.action_abandon_ticket import ActionAbandonTicket
from segunda_via.actions.action_close_inactive_ticket import ActionCloseInactiveTicket
from segunda_via.actions.action_finish_ticket import ActionFinishTicket
from segunda_via.actions.action_hand_over_ticket import ActionHandOverTicket
from segunda_via.actions.action_open_ticket import ActionOpenTicket
from segunda_via.actions.action_send_boleto import ActionSendBoleto
from segunda_via.actions.guard import GuardedAction
from segunda_via.app import App
from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing
from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation import domain_file
from segunda_via.conversation.inactivity import TIMER
from segunda_via.delivery.bundle import Attachment, Code, Image, say
from segunda_via.delivery.deliver_segunda_via import Account, DeliverSegundaVia, Delivery
from segunda_via.gateways.breaker import CircuitBreaker
from segunda_via.media.delivery_links import DeliveryLinks
from segunda_via.media.links import PdfLink
from segunda_via.metrics.recorder import metric_events
from segunda_via.settings.environment import Environment
from segunda_via.whatsapp import turn_request

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
CPF = "52998224725"
DOMAIN = {"responses": {"utter_segunda_via_nothing_to_send": [{"text": "Nada em aberto."}]}}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = App(Environment(database_url=migrated_sqlite(tmp_path)), today=NOW.date, now=lambda: NOW, home=tmp_path)
    composition.use(app)
    yield app
    composition.use(None)


def tracker(slots: dict[str, Any] | None = None, intent: str = "pedir_segunda_via", **metadata: str) -> Tracker:
    message = {"intent": {"name": intent, "confidence": 1.0}, "entities": [], "text": "…", "metadata": metadata}
    return Tracker.from_dict(
        {
            "sender_id": "ana",
            "slots": slots or {},
            "latest_message": message,
            "events": [],
            "latest_input_channel": "cmdline",
        }
    )


async def run(action: GuardedAction, told: Tracker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, told, DOMAIN)
    return dispatcher.messages, list(events)


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def delivering(app: App, delivery: Delivery) -> None:
    async def deliver(company: str, sender: str, written: str, sent: Sequence[str], *, offer: bool) -> Delivery:
        return delivery

    app.__dict__["deliver"] = deliver  # what the cached property would hold


async def test_entering_the_flow_opens_the_ticket_and_clears_the_outcome(app: App) -> None:
    ended = {"segunda_via_outcome": "overdue", "segunda_via_fate": "finish"}
    said, events = await run(ActionOpenTicket(), tracker(ended))
    assert (said, slots_of(events)) == ([], {"segunda_via_outcome": None, "segunda_via_fate": None})
    assert app.journal.recent("default")[0].ticket.id == "ana#1"


async def test_the_desks_ticket_id_comes_from_the_messages_metadata(app: App) -> None:
    await run(ActionOpenTicket(), tracker(ticket_id="481"))
    assert app.journal.recent("default")[0].ticket.id == "481"


async def test_a_delivery_is_said_in_the_shapes_every_channel_knows(app: App) -> None:
    parts = (say("utter_segunda_via_nothing_to_send"), Code("000201…"), Image("https://b/q"), Attachment("https://b/p"))
    delivering(app, Delivery(Outcome.OVERDUE, parts))
    said, events = await run(ActionSendBoleto(), tracker({"segunda_via_document": CPF}))
    shapes = [{key: value for key, value in message.items() if value} for message in said]
    assert shapes == [
        {"text": "Nada em aberto."},
        {"text": "000201…"},
        {"image": "https://b/q"},
        {"attachment": "https://b/p"},
    ]
    slots = slots_of(events)
    assert (slots["segunda_via_outcome"], slots["segunda_via_fate"]) == ("overdue", "finish")
    assert slots["segunda_via_document"] is None, "nothing personal remains"
    assert CPF not in str(events)


@dataclass
class OneInvoice:
    """A gateway that has one invoice, with codes and all."""

    invoice: Invoice
    name: str = "fake"

    async def open_invoices(self, document: Document, today: date) -> Listing:
        return Listing((self.invoice,))

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        return self.invoice


async def test_the_customer_the_ticket_and_the_panel_have_the_same_amount(app: App) -> None:
    # Nominal 100,00, overdue, and the Pix alone has grown.
    codes = Codes(linha_digitavel=line(date(2026, 11, 3), "100"), pix=pix_code("112"))
    overdue = invoice(date(2026, 11, 3), "100", codes=codes)
    account = Account(OneInvoice(overdue))  # type: ignore[arg-type]  of a gateway, what is used here
    app.__dict__["deliver"] = DeliverSegundaVia(
        accounts=lambda company: account,
        limits=None,
        media=DeliveryLinks(app.media_links),
        today=app.today,
        breaker=CircuitBreaker(),
    )
    domain = {"responses": domain_file.responses()}
    dispatcher = CollectingDispatcher()
    await run(ActionOpenTicket(), tracker())
    await ActionSendBoleto().run(dispatcher, tracker({"segunda_via_document": CPF}), domain)
    await run(ActionFinishTicket(), tracker({"segunda_via_outcome": "partial"}))
    said = [message["text"] for message in dispatcher.messages]
    assert "Valor atualizado: R$ 112,00" in said[0]
    assert "O código de barras mostra R$ 100,00" in said[0]
    (entry,) = app.journal.recent("default")
    assert entry.invoice is not None
    assert entry.invoice.amount == Decimal("112.00")
    (pdf,) = [message["attachment"] for message in dispatcher.messages if message.get("attachment")]
    link = app.media_links.open(pdf.rpartition("/")[2])
    assert isinstance(link, PdfLink)
    assert link.slip.amount == Decimal("112.00")
    with app.engine.connect() as connection:
        amounts = connection.execute(sa.select(metric_events.c.amount)).scalars().all()
    assert {amount for amount in amounts if amount is not None} == {Decimal("112.00")}


async def test_nothing_to_send_offers_another_document_once(app: App) -> None:
    nothing = Delivery(Outcome.NOTHING_TO_SEND, (say("utter_segunda_via_nothing_to_send"),), "nothing_to_send")
    delivering(app, nothing)
    said, events = await run(ActionSendBoleto(), tracker({"segunda_via_document": CPF}))
    assert said[-1]["response"] == "utter_segunda_via_another_document"
    assert slots_of(events)["segunda_via_fate"] == "try_again"
    said, events = await run(ActionSendBoleto(), tracker({"segunda_via_document": CPF, **slots_of(events)}))
    assert [message["text"] for message in said] == ["Nada em aberto."]
    assert slots_of(events)["segunda_via_fate"] == "hand_over"


async def test_finishing_closes_the_ticket_and_leaves_nothing_of_ours(app: App) -> None:
    await run(ActionOpenTicket(), tracker())
    said, events = await run(ActionFinishTicket(), tracker({"segunda_via_outcome": "partial"}))
    assert said == []
    assert slots_of(events) == {"segunda_via_outcome": None}
    assert app.journal.recent("default")[0].status == "finished"


@pytest.mark.parametrize("outcome", [None, "suspicious", "nothing_to_send", "entregue"])
async def test_finishing_without_a_delivery_finishes_nothing_and_says_nothing(app: App, outcome: str | None) -> None:
    await run(ActionOpenTicket(), tracker())
    said, events = await run(ActionFinishTicket(), tracker({"segunda_via_outcome": outcome}))
    assert said == []
    assert slots_of(events) == {"segunda_via_document": None, "segunda_via_outcome": None, "segunda_via_fate": None}
    assert app.journal.recent("default")[0].status == "open"


async def test_a_hand_over_after_a_delivery_carries_the_failed_check(app: App) -> None:
    await run(ActionOpenTicket(), tracker())
    slots = {"segunda_via_outcome": "suspicious", "segunda_via_reason": "pix_amount"}
    said, events = await run(ActionHandOverTicket(), tracker(slots))
    (entry,) = app.journal.recent("default")
    assert (entry.status, entry.outcome, entry.reason) == ("handed_over", "suspicious", "pix_amount")
    assert said[0]["response"] == "utter_segunda_via_hand_over"
    assert slots_of(events) == dict.fromkeys(slots)


async def test_a_hand_over_outside_a_delivery_carries_what_was_asked(app: App) -> None:
    await run(ActionHandOverTicket(), tracker({"segunda_via_reason": "old"}, intent="cancelar_servico"))
    assert app.journal.recent("default")[0].reason == "cancelar_servico"


async def test_what_breaks_below_becomes_an_apology_and_a_hand_over(app: App, caplog: pytest.LogCaptureFixture) -> None:
    async def deliver(company: str, sender: str, written: str, sent: Sequence[str], *, offer: bool) -> Delivery:
        raise RuntimeError(f"choked on {written}")

    app.__dict__["deliver"] = deliver
    caplog.set_level(logging.DEBUG)
    said, events = await run(ActionSendBoleto(), tracker({"segunda_via_document": CPF}))
    assert [message["response"] for message in said] == ["utter_segunda_via_error"]
    assert {slots_of(events)[slot] for slot in ("segunda_via_outcome", "segunda_via_fate")} == {None}
    assert (app.journal.recent("default")[0].status, app.journal.recent("default")[0].reason) == (
        "handed_over",
        "error",
    )
    assert "action_send_boleto failed: RuntimeError in deliver" in caplog.text
    assert CPF not in caplog.text


async def test_without_a_database_the_customer_still_hears_something(tmp_path: Path) -> None:
    composition.use(App(Environment(database_url=f"sqlite:///{tmp_path}"), home=tmp_path))
    try:
        for action in (ActionSendBoleto(), ActionHandOverTicket()):
            said, _ = await run(action, tracker({"segunda_via_document": CPF}))
            assert [message["response"] for message in said] == ["utter_segunda_via_error"]
        for action in (ActionOpenTicket(), ActionFinishTicket()):
            said, events = await run(action, tracker({"segunda_via_outcome": "overdue"}))
            assert said == []
            assert events, "an action that leaves no event is taken for one whose call failed"
    finally:
        composition.use(None)


GYM = {"nome": "Ana", "cpf": "111.444.777-35", "requested_slot": "turno"}
"""Slots of another bot's."""
OURS = {"segunda_via_outcome": "overdue", "segunda_via_fate": "finish", "segunda_via_searches": 1.0}


def in_loop(told: Tracker, loop: str | None) -> Tracker:
    told.active_loop = {"name": loop} if loop else {}
    return told


ENDINGS: list[tuple[GuardedAction, str]] = [
    (ActionFinishTicket(), "informar_documento"),
    (ActionHandOverTicket(), "falar_com_atendente"),
    (ActionAbandonTicket(), "cancelar"),
    (ActionCloseInactiveTicket(), "EXTERNAL_inactive"),
]


@pytest.mark.parametrize(("action", "intent"), ENDINGS)
async def test_an_ending_empties_our_slots_and_leaves_our_form_and_touches_nothing_else(
    app: App, action: GuardedAction, intent: str
) -> None:
    slots = {**GYM, **OURS, "segunda_via_intents": {"afirmar": "sim"}}
    told = tracker(slots, intent, **{turn_request.INPUT: TIMER})
    _, events = await run(action, in_loop(told, "segunda_via_form"))
    assert slots_of(events) == {**dict.fromkeys(OURS), "requested_slot": None}
    assert [event["name"] for event in events if event["event"] == "active_loop"] == [None]
    assert {event["event"] for event in events} <= {"slot", "active_loop"}


@pytest.mark.parametrize(("action", "intent"), ENDINGS[:3])
async def test_an_ending_gives_the_bot_its_interrupted_form_back(
    app: App, action: GuardedAction, intent: str
) -> None:
    _, events = await run(action, tracker({**OURS, "segunda_via_interrupted": "aula_form"}, intent))
    assert [event["name"] for event in events if event["event"] == "active_loop"] == ["aula_form"]
    assert slots_of(events)["segunda_via_interrupted"] is None


@pytest.mark.parametrize(("action", "intent"), ENDINGS)
async def test_a_form_of_the_bots_that_is_active_by_now_stays_as_it_is(
    app: App, action: GuardedAction, intent: str
) -> None:
    slots = {**GYM, **OURS, "segunda_via_interrupted": "aula_form"}
    _, events = await run(action, in_loop(tracker(slots, intent), "avaliacao_form"))
    assert "active_loop" not in {event["event"] for event in events}
    assert not set(GYM) & set(slots_of(events))
    assert events, "an action that leaves no event is taken for one whose call failed"


async def test_the_form_in_which_the_boleto_was_asked_for_is_remembered(app: App) -> None:
    _, events = await run(ActionOpenTicket(), in_loop(tracker(GYM), "aula_form"))
    assert slots_of(events)["segunda_via_interrupted"] == "aula_form"
    assert not set(GYM) & set(slots_of(events))


async def test_what_an_earlier_conversation_left_does_not_count_in_the_next(app: App) -> None:
    slots = {**GYM, **OURS, "segunda_via_interrupted": "aula_form"}
    _, events = await run(ActionOpenTicket(), tracker(slots))
    assert slots_of(events) == dict.fromkeys({*OURS, "segunda_via_interrupted"})


async def test_what_breaks_in_a_form_of_the_bots_ends_that_form_not(app: App) -> None:
    async def deliver(*_: Any, **__: Any) -> Delivery:
        raise RuntimeError

    app.__dict__["deliver"] = deliver
    slots = {**GYM, "segunda_via_document": CPF}
    _, events = await run(ActionSendBoleto(), in_loop(tracker(slots), "aula_form"))
    assert "requested_slot" not in slots_of(events)
    _, events = await run(ActionSendBoleto(), in_loop(tracker(slots), "segunda_via_form"))
    assert slots_of(events)["requested_slot"] is None


async def test_intents_that_the_bot_calls_otherwise_mean_the_same(app: App) -> None:
    names = {"cancelar_servico": "quit_plan"}
    told = tracker({"segunda_via_intents": names}, intent="quit_plan")
    told.events = [{"event": "user", "parse_data": {"intent": {"name": "quit_plan"}}}, {"event": "action"}]
    await run(ActionHandOverTicket(), told)
    assert app.journal.recent("default")[0].reason == "cancelar_servico"
    assert told.latest_message["intent"]["name"] == "quit_plan", "the bot's own conversation stays as it is"
