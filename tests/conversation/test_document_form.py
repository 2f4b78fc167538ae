"""What the form makes of each message, from the events alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.printed_codes import collection

from segunda_via.boletos import documents
from segunda_via.conversation import document_form
from segunda_via.conversation.document_answer import read
from segunda_via.conversation.document_form import (
    CHOICE,
    DOCUMENT,
    FORM,
    REQUESTED,
    SPELLED,
    SUGGESTION,
    FormStep,
    next_step,
)

CPF, CNPJ = "52998224725", "11222333000181"
EMPTY = {DOCUMENT: None, SUGGESTION: None, SPELLED: None, CHOICE: None}
ENDED = {"segunda_via_outcome": None, "segunda_via_fate": None}
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
    assert next_step([user("boleto", "pedir_segunda_via"), STARTED]) == FormStep(slots=EMPTY)


def test_a_document_is_accepted_and_clears_what_the_last_delivery_left() -> None:
    assert next_step([STARTED, user("529.982.247-25")]) == FormStep(slots={**EMPTY, DOCUMENT: CPF, **ENDED})


def test_the_message_that_starts_the_form_is_read_before_and_after_rasa_has_noted_the_start() -> None:
    opening = user("boleto do cpf 529.982.247-25", "pedir_segunda_via")
    assert next_step([opening]).slots[DOCUMENT] == CPF
    assert next_step([opening, STARTED]).slots[DOCUMENT] == CPF


def test_asking_twice_changes_nothing() -> None:
    events = [user("boleto"), STARTED, user("529.982.247-24"), user("529.982.247-23")]
    assert next_step(events) == next_step(events) == FormStep(("utter_segunda_via_invalid_check_digits",), EMPTY)


def test_what_does_not_concern_the_document_sets_no_slot_so_that_rasa_looks_for_a_rule() -> None:
    assert next_step([STARTED, user("ajuda", "pedir_ajuda")]) == FormStep()


def test_what_was_said_to_a_form_that_ended_is_used_up() -> None:
    served = [user("529.982.247-25"), STARTED, FINISHED]
    assert next_step([*served, STARTED]) == FormStep(slots=EMPTY)
    tried = [STARTED, user("529.982.247-24"), user("529.982.247-23"), FINISHED]
    assert next_step([*tried, STARTED, user("529.982.247-24")]).says == ("utter_segunda_via_invalid_check_digits",)
    assert REQUESTED not in next_step([*tried, STARTED, user("529.982.247-24")]).slots


@pytest.mark.parametrize("ending", ["session_started", "restart"])
def test_a_new_session_knows_nothing_of_the_form_before(ending: str) -> None:
    before = [STARTED, user("529.982.247-24"), user("1234567890"), {"event": ending}]
    assert next_step([*before, user("sim", "afirmar")]) == FormStep(slots=EMPTY)


def test_the_third_invalid_document_ends_the_form_without_one() -> None:
    step = next_step([STARTED, *[user("529.982.247-24")] * 3])
    assert step == FormStep(("utter_segunda_via_invalid_check_digits",), {**EMPTY, **ENDED, REQUESTED: None})


def test_a_missing_zero_is_offered_and_the_question_is_its_own() -> None:
    step = next_step([STARTED, user("1234567890")])
    assert step == FormStep(slots={**EMPTY, SUGGESTION: "012.345.678-90", REQUESTED: SUGGESTION})


def test_an_offer_survives_an_interruption_but_not_another_mistake() -> None:
    offered = [STARTED, user("1234567890")]
    assert next_step([*offered, user("ajuda", "pedir_ajuda")]) == FormStep(slots={REQUESTED: SUGGESTION})
    mistaken = [*offered, user("529.982.247-24")]
    assert next_step([*mistaken, user("sim", "afirmar")]) == FormStep()


def test_two_documents_are_offered_by_number() -> None:
    step = next_step([STARTED, user("529.982.247-25 e 11.222.333/0001-81")])
    shown = "1) 529.982.247-25\n2) 11.222.333/0001-81"
    assert step == FormStep(slots={**EMPTY, CHOICE: shown, REQUESTED: CHOICE})


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
    assert next_step(events) == FormStep(slots={REQUESTED: CHOICE})


BOLETO = "00190.00009 07777.777009 00087.654182 6 49000000295295"
PIX = "00020126360014br.gov.bcb.pix0114+5511987654321520400005303986540599.905802BR5915EMPRESA EXEMPLO6304E883"
MISTAKE = "529.982.247-24"
TOO_SHORT = "utter_segunda_via_invalid_too_short"


@pytest.mark.parametrize("text", [text for _, text in collection()], ids=[name for name, _ in collection()])
def test_any_pasted_boleto_code_is_told_to_be_one_and_uses_up_no_try(text: str) -> None:
    events = [STARTED, user(MISTAKE), user(MISTAKE), user(text, "nlu_fallback")]
    step = next_step(events)
    assert step == FormStep(("utter_segunda_via_invalid_boleto",), EMPTY)
    assert document_form.is_waiting(step)


def test_a_pasted_pix_code_is_told_to_be_one_and_uses_up_no_try() -> None:
    step = next_step([STARTED, user(MISTAKE), user(MISTAKE), user(PIX, "nlu_fallback")])
    assert step == FormStep(("utter_segunda_via_invalid_pix",), EMPTY)


def test_a_code_leaves_what_was_offered_and_what_had_begun() -> None:
    offered = [STARTED, user("1234567890"), user(BOLETO)]
    assert next_step(offered).slots[REQUESTED] == SUGGESTION
    begun = [STARTED, user("529.982"), user(BOLETO), user("247-25")]
    assert next_step(begun).slots[DOCUMENT] == CPF


@pytest.mark.parametrize(
    "pieces",
    [
        ["529.982", "247-25"],
        ["529982247", "25"],
        ["529.982.247-2", "5"],
        ["529", "982", "247", "25"],
        ["cpf 529.982", "e o resto é 247-25"],
        ["11.222.333", "/0001-81"],
        ["11.222.333/0001", "81"],
        ["529.981", "529.982", "247-25"],
    ],
)
def test_a_document_in_several_messages_is_joined(pieces: list[str]) -> None:
    events = [STARTED, *(user(each, "nlu_fallback") for each in pieces)]
    assert next_step(events).slots[DOCUMENT] in (CPF, CNPJ)


def test_a_piece_costs_no_try_until_something_else_follows() -> None:
    mistaken = [STARTED, user(MISTAKE), user(MISTAKE), user("529.982")]
    assert next_step(mistaken) == FormStep((TOO_SHORT,), EMPTY)
    assert next_step([*mistaken, user("247-25")]).slots[DOCUMENT] == CPF
    assert not document_form.is_waiting(next_step([*mistaken, user("247-24")]))
    assert next_step([*mistaken, user("ajuda", "pedir_ajuda")]) == FormStep()
    assert next_step([*mistaken, user("ajuda", "pedir_ajuda"), user("247-25")]).slots[DOCUMENT] == CPF
    assert not document_form.is_waiting(next_step([*mistaken, user(MISTAKE)]))


def test_the_same_piece_again_and_again_brings_a_person() -> None:
    waits = [document_form.is_waiting(next_step([STARTED, *[user("529.982")] * times])) for times in range(1, 5)]
    assert waits == [True, True, True, False]


def test_a_whole_document_after_a_piece_is_itself() -> None:
    assert next_step([STARTED, user("529.982"), user("11.222.333/0001-81")]).slots[DOCUMENT] == CNPJ


@pytest.mark.parametrize(
    "ending", [[FINISHED, STARTED], [{"event": "session_started"}, STARTED], [{"event": "restart"}, STARTED]]
)
def test_a_piece_is_forgotten_with_its_form(ending: list[dict[str, Any]]) -> None:
    assert next_step([STARTED, user("529.982"), *ending, user("247-25")]).slots.get(DOCUMENT) is None


def test_a_piece_is_not_joined_across_another_mistake() -> None:
    assert next_step([STARTED, user("529.982"), user(MISTAKE), user("247-25")]).slots.get(DOCUMENT) is None


def test_the_tries_taken_do_not_count_a_piece_that_was_completed() -> None:
    events = [STARTED, user("529.982"), user("247-25"), FINISHED]
    assert document_form.tries_taken(events) == 1


IN_WORDS = "cinco dois nove nove oito dois dois quatro sete dois cinco"


def test_a_spelled_document_is_confirmed_with_its_middle_hidden() -> None:
    step = next_step([STARTED, user(IN_WORDS)])
    assert step == FormStep(slots={**EMPTY, SPELLED: "529.•••.•••-25", REQUESTED: SPELLED})
    assert next_step([STARTED, user(IN_WORDS), user("sim", "afirmar")]).slots[DOCUMENT] == CPF
    assert next_step([STARTED, user(IN_WORDS), user("não", "negar")]) == FormStep(slots=EMPTY)


def test_a_yes_without_an_offer_is_no_answer_of_the_forms() -> None:
    for intent in ("afirmar", "negar"):
        assert next_step([STARTED, user("sim", intent)]) == FormStep()
        declined = [STARTED, user(IN_WORDS), user("não", "negar"), user("sim", intent)]
        assert next_step(declined) == FormStep()


@pytest.mark.parametrize("intent", sorted(document_form.LEAVING))
def test_a_bare_number_never_leaves_the_form(intent: str) -> None:
    assert next_step([STARTED, user("529.982", intent)]).says == (TOO_SHORT,)


@pytest.mark.parametrize("text", ["PIS 11987654321", "meu PIS é 120.12345.67-8", "protocolo 11987654321"])
def test_a_number_that_is_called_something_else_is_no_phone_and_no_try(text: str) -> None:
    assert next_step([STARTED, user(text, "nlu_fallback")]) == FormStep()


@pytest.mark.parametrize("intent", sorted(document_form.LEAVING))
def test_intents_that_leave_the_form_do_so_with_a_document_too(intent: str) -> None:
    assert next_step([STARTED, user("cpf 529.982.247-25", intent)]) == FormStep()


def test_an_entity_is_not_believed_without_its_check_digits() -> None:
    lie = user("…")
    lie["parse_data"]["entities"] = [{"entity": "cpf", "value": "52998224724"}]
    assert next_step([STARTED, lie]) == FormStep(("utter_segunda_via_invalid_check_digits",), EMPTY)


def test_steps_and_readings_show_nothing_personal() -> None:
    events = [STARTED, user("529.982.247-25")]
    said, _ = document_form.messages_to_the_form(events)
    shown = f"{said}{read(said[0])}{next_step(events)}"
    assert CPF not in shown
    assert "529.982" not in shown


@given(st.text(max_size=80), st.sampled_from([None, "afirmar", "negar", "informar_documento", "nlu_fallback"]))
def test_whatever_is_typed_never_raises_and_never_becomes_a_document_by_itself(text: str, intent: str | None) -> None:
    message = {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}, "entities": []}}
    assert next_step([STARTED, message]).slots.get(DOCUMENT) is None


@pytest.mark.parametrize("event", [{}, {"event": "user"}, {"event": "user", "text": None, "parse_data": None}])
def test_odd_events_are_no_reason_to_fail(event: dict[str, Any]) -> None:
    assert next_step([STARTED, event]).slots.get(DOCUMENT) is None
