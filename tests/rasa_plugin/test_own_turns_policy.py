"""The policy that decides the moments that are ours alone, and leaves every other one to the bot."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from segunda_via.rasa_plugin.policies.own_turns_policy import CLOSES, ENDINGS, OwnTurnsPolicy

OFFER = BotUttered("Quer receber agora?", metadata={"utter_action": "utter_segunda_via_offer_next_one"})
LISTENS = ActionExecuted("action_listen")
CLEARED = SlotSet("segunda_via_outcome", None)


def says(intent: str) -> UserUttered:
    return UserUttered("…", {"name": intent, "confidence": 0.9})


def follows(*events: Event, names: dict[str, str] | None = None, **config: Any) -> str | None:
    slot = AnySlot("segunda_via_intents", [{"type": "custom"}], initial_value=names, influence_conversation=False)
    tracker = DialogueStateTracker.from_events("ana", list(events), [slot])
    storage: Any = LocalModelStorage  # nothing is stored
    told = {**OwnTurnsPolicy.get_default_config(), **config}
    policy = OwnTurnsPolicy(told, storage, Resource("policy"), ExecutionContext(GraphSchema({})))
    return policy.next_action(tracker)


@pytest.mark.parametrize("answer", ["afirmar", "negar"])
def test_an_answer_right_after_the_offer_is_the_offers(answer: str) -> None:
    assert follows(says("informar_documento"), OFFER, LISTENS, says(answer)) == "action_next_boleto"


def test_it_knows_the_bots_names_for_yes_and_no() -> None:
    assert follows(OFFER, LISTENS, says("affirm"), names={"afirmar": "affirm"}) == "action_next_boleto"
    assert follows(OFFER, LISTENS, says("affirm")) is None


def test_what_the_channel_is_told_after_the_offer_is_not_on_the_screen() -> None:
    told = BotUttered(None, {"custom": {"segunda_via": "finished"}})
    assert follows(OFFER, told, LISTENS, says("afirmar")) == "action_next_boleto"


@pytest.mark.parametrize(
    "between",
    [
        [BotUttered("Confirma a sua consulta de amanhã?")],
        [BotUttered("Mais alguma coisa?", metadata={"utter_action": "utter_anything_else"})],
        [LISTENS, says("agradecer"), BotUttered("Por nada!"), LISTENS],
        [LISTENS, says("agradecer"), LISTENS],
    ],
)
def test_at_any_other_moment_a_yes_is_the_bots(between: list[Event]) -> None:
    assert follows(OFFER, *between, LISTENS, says("afirmar")) is None


def test_without_an_offer_it_has_nothing_to_say() -> None:
    assert follows() is None
    assert follows(LISTENS, says("afirmar")) is None
    assert follows(OFFER, LISTENS, says("pedir_pizza")) is None
    assert follows(OFFER, LISTENS, says("afirmar"), ActionExecuted("utter_pizza")) is None


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_after_an_ending_the_customer_is_listened_to_or_the_bots_form_goes_on(ending: str) -> None:
    ended = (says("informar_documento"), ActionExecuted(ending))
    assert follows(*ended, CLEARED) == "action_listen"
    assert follows(ActiveLoop("pizza_form"), *ended, CLEARED) == "action_listen", "it did not interrupt that one"
    assert follows(*ended, CLEARED, ActiveLoop("pizza_form")) == "pizza_form"
    assert follows(*ended, CLEARED, ActiveLoop(None)) == "action_listen"


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_a_bot_may_have_the_conversation_begin_afresh(ending: str) -> None:
    ended = (says("informar_documento"), ActionExecuted(ending), CLEARED)
    assert follows(*ended, ActiveLoop(None), starts_afresh=True) == "action_restart"
    nothing_closed = ending == CLOSES  # the question was answered before its time was up, or somebody typed the intent
    assert follows(*ended, starts_afresh=True) == ("action_listen" if nothing_closed else "action_restart")


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_an_ending_whose_call_failed_is_for_the_policy_that_says_so(ending: str) -> None:
    for afresh in (False, True):
        assert follows(says("informar_documento"), ActionExecuted(ending), starts_afresh=afresh) is None


def test_the_timer_reaches_our_action_whatever_form_is_active() -> None:
    assert follows(ActiveLoop("pizza_form"), LISTENS, says("EXTERNAL_inactive")) == "action_close_inactive_ticket"
