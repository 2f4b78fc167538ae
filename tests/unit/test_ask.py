"""What the form makes of each message, from the events alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segunda_via import ask, documents
from segunda_via.ask import CHOICE, DOCUMENT, FORM, REQUESTED, SUGGESTION, Step, next_step

CPF, CNPJ = "52998224725", "11222333000181"
EMPTY = {DOCUMENT: None, SUGGESTION: None, CHOICE: None}
ENDED = {"segunda_via_outcome": None, "segunda_via_another_try": None}
STARTED = {"event": "active_loop", "name": FORM}
FINISHED = {"event": "active_loop", "name": None}


def user(text: str, intent: str = "informar_documento") -> dict[str, Any]:
    """A message as Rasa would send it: what the extractor finds in `text` are its entities."""
    entities = [
        {
            "entity": found.kind,
            "value": found.value,
            "additional_info": {
                "reason": found.reason.value if found.reason else None,
                "suggestion": found.suggestion.value if found.suggestion else None,
            },
        }
        for found in documents.find(text)
    ]
    return {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}, "entities": entities}}


def test_nothing_was_said_yet_about_a_document() -> None:
    assert next_step([user("boleto", "pedir_segunda_via"), STARTED]) == Step(slots=EMPTY)


def test_a_document_is_accepted_and_clears_what_the_last_delivery_left() -> None:
    assert next_step([STARTED, user("529.982.247-25")]) == Step(slots={**EMPTY, DOCUMENT: CPF, **ENDED})


def test_the_message_that_starts_the_form_is_read_before_and_after_rasa_has_noted_the_start() -> None:
    opening = user("boleto do cpf 529.982.247-25", "pedir_segunda_via")
    assert next_step([opening]).slots[DOCUMENT] == CPF
    assert next_step([opening, STARTED]).slots[DOCUMENT] == CPF


def test_asking_twice_changes_nothing() -> None:
    events = [user("boleto"), STARTED, user("529.982.247-24"), user("529.982.247-23")]
    assert next_step(events) == next_step(events) == Step(("utter_segunda_via_invalid_check_digits",), EMPTY)


def test_what_does_not_concern_the_document_sets_no_slot_so_that_rasa_looks_for_a_rule() -> None:
    assert next_step([STARTED, user("ajuda", "pedir_ajuda")]) == Step()


def test_what_was_said_to_a_form_that_ended_is_used_up() -> None:
    served = [user("529.982.247-25"), STARTED, FINISHED]
    assert next_step([*served, STARTED]) == Step(slots=EMPTY)
    tried = [STARTED, user("529.982.247-24"), user("529.982.247-23"), FINISHED]
    assert next_step([*tried, STARTED, user("529.982.247-24")]).says == ("utter_segunda_via_invalid_check_digits",)
    assert REQUESTED not in next_step([*tried, STARTED, user("529.982.247-24")]).slots


@pytest.mark.parametrize("ending", ["session_started", "restart"])
def test_a_new_session_knows_nothing_of_the_form_before(ending: str) -> None:
    before = [STARTED, user("529.982.247-24"), user("1234567890"), {"event": ending}]
    assert next_step([*before, user("sim", "afirmar")]) == Step(slots=EMPTY)


def test_the_third_invalid_document_ends_the_form_without_one() -> None:
    step = next_step([STARTED, *[user("529.982.247-24")] * 3])
    assert step == Step(("utter_segunda_via_invalid_check_digits",), {**EMPTY, **ENDED, REQUESTED: None})


def test_a_missing_zero_is_offered_and_the_question_is_its_own() -> None:
    step = next_step([STARTED, user("1234567890")])
    assert step == Step(slots={**EMPTY, SUGGESTION: "012.345.678-90", REQUESTED: SUGGESTION})


def test_an_offer_survives_an_interruption_but_not_another_mistake() -> None:
    offered = [STARTED, user("1234567890")]
    assert next_step([*offered, user("ajuda", "pedir_ajuda")]) == Step(slots={REQUESTED: SUGGESTION})
    mistaken = [*offered, user("529.982.247-24")]
    assert next_step([*mistaken, user("sim", "afirmar")]) == Step()


def test_two_documents_are_offered_by_number() -> None:
    step = next_step([STARTED, user("529.982.247-25 e 11.222.333/0001-81")])
    shown = "1) 529.982.247-25\n2) 11.222.333/0001-81"
    assert step == Step(slots={**EMPTY, CHOICE: shown, REQUESTED: CHOICE})


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [("1", CPF), (" 2 ", CNPJ), ("2)", CNPJ), ("o 2", CNPJ), ("a primeira", CPF), ("Segundo.", CNPJ), ("opção 1", CPF)],
)
def test_the_option_that_was_picked(answer: str, chosen: str) -> None:
    events = [STARTED, user("529.982.247-25 e 11.222.333/0001-81"), user(answer, "outro_assunto")]
    assert next_step(events).slots[DOCUMENT] == chosen


@pytest.mark.parametrize("answer", ["0", "3", "9", "segunda via", "12", "dois mil"])
def test_what_is_no_option_picks_nothing(answer: str) -> None:
    events = [STARTED, user("529.982.247-25 e 11.222.333/0001-81"), user(answer, "nlu_fallback")]
    assert next_step(events) == Step(slots={REQUESTED: CHOICE})


@pytest.mark.parametrize("intent", sorted(ask.LEAVING))
def test_intents_that_leave_the_form_do_so_with_a_document_too(intent: str) -> None:
    assert next_step([STARTED, user("cpf 529.982.247-25", intent)]) == Step()


def test_an_entity_is_not_believed_without_its_check_digits() -> None:
    lie = user("…")
    lie["parse_data"]["entities"] = [{"entity": "cpf", "value": "52998224724"}]
    assert next_step([STARTED, lie]) == Step(("utter_segunda_via_invalid_check_digits",), EMPTY)


def test_steps_and_readings_show_nothing_personal() -> None:
    events = [STARTED, user("529.982.247-25")]
    said, _ = ask.messages_to_the_form(events)
    shown = f"{said}{ask.read(said[0])}{next_step(events)}"
    assert CPF not in shown
    assert "529.982" not in shown


@given(st.text(max_size=80), st.sampled_from([None, "afirmar", "negar", "informar_documento", "nlu_fallback"]))
def test_whatever_is_typed_never_raises_and_never_becomes_a_document_by_itself(text: str, intent: str | None) -> None:
    message = {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}, "entities": []}}
    assert next_step([STARTED, message]).slots.get(DOCUMENT) is None


@pytest.mark.parametrize("event", [{}, {"event": "user"}, {"event": "user", "text": None, "parse_data": None}])
def test_odd_events_are_no_reason_to_fail(event: dict[str, Any]) -> None:
    assert next_step([STARTED, event]).slots.get(DOCUMENT) is None
