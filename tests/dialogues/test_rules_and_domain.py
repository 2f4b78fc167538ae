"""What Rasa itself says of domain and rules, and what must stand in several places alike."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.validator import Validator
from ruamel.yaml import YAML
from support import assistant

from scripts.validate import SAID_BY_NOBODY
from segunda_via.boletos.outcome import TicketFate
from segunda_via.conversation import document_form, menu, slots
from segunda_via.rasa_plugin.policies.failure_policy import SpokenFailurePolicy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def importer() -> TrainingDataImporter:
    return assistant.importer()


@pytest.fixture(scope="module")
def domain(importer: TrainingDataImporter) -> Domain:
    return importer.get_domain()


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    return assistant.rules()


@pytest.mark.slow
def test_rasa_has_nothing_to_complain_about(importer: TrainingDataImporter, domain: Domain) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        validator = Validator.from_importer(importer)
        checks = [getattr(validator, name) for name in dir(validator) if name.startswith("verify_")]
        assert len(checks) > 5
        assert all(check() for check in checks)
    said = {str(each.message) for each in caught if each.category is UserWarning}
    # Responses that actions say, and those by which a form asks, are in no rule; test_promises looks after them.
    unused = re.compile(r"The utterance '(utter_\w+)' is not used in any story or rule\.")
    in_python = set(domain.responses) - set(re.findall(r"utter_\w+", assistant.rule_texts()))
    untaught = {
        f"The intent '{intent}' is listed in the domain file, but is not found in the NLU training data."
        for intent in SAID_BY_NOBODY
    }
    assert {text for text in said if not unused.match(text)} - _EXPECTED_OF_RASA - untaught == set()
    assert {match[1] for text in said if (match := unused.match(text))} <= in_python


_EXPECTED_OF_RASA = {
    # Rasa says this of every domain with slots, and hides it itself (rasa.utils.common.EXPECTED_WARNINGS).
    "Slot auto-fill has been removed in 3.0 and replaced with a new explicit mechanism to set slots. "
    "Please refer to https://rasa.com/docs/rasa/domain#slots to learn more."
}


def ends(rules: list[dict[str, Any]], action: str) -> dict[str | None, str]:
    """What follows each fate after that action."""
    followed = {}
    for rule in rules:
        first, *others = rule["steps"]
        if first == {"action": action}:
            ((slot, fate),) = others[0]["slot_was_set"][0].items()
            assert slot == slots.FATE, rule["rule"]
            followed[fate] = next((step["action"] for step in others[1:] if "action" in step), "listens")
    return followed


def test_every_fate_has_its_rule_and_without_one_nothing_is_finished(rules: list[dict[str, Any]]) -> None:
    assert ends(rules, "action_send_boleto") == {
        TicketFate.FINISH: "action_finish_ticket",
        TicketFate.HAND_OVER: "action_hand_over_ticket",
        TicketFate.TRY_AGAIN: "segunda_via_form",
        TicketFate.WAIT: "listens",
        None: "utter_segunda_via_error",
    }


def test_of_the_next_invoice_too_only_a_delivery_finishes(rules: list[dict[str, Any]]) -> None:
    assert ends(rules, "action_next_boleto") == {
        TicketFate.FINISH: "action_finish_ticket",
        TicketFate.HAND_OVER: "action_hand_over_ticket",
        TicketFate.WAIT: "listens",
        None: "listens",
    }


def test_finishing_stands_only_behind_a_fate(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        if {"action": "action_finish_ticket"} in rule["steps"]:
            assert {"slot_was_set": [{slots.FATE: "finish"}]} in rule["steps"], rule["rule"]


def test_the_slots_of_the_domain_are_the_ones_that_are_named_once(domain: Domain) -> None:
    named = {value for name, value in vars(slots).items() if name.isupper() and isinstance(value, str)}
    own = {slot.name for slot in domain.slots if slot.name.startswith("segunda_via_")}
    assert own == named - {slots.REQUESTED, slots.PREFIX}


def test_no_slot_is_filled_by_what_a_customer_types(domain: Domain) -> None:
    for slot in domain.slots:
        if slot.name.startswith("segunda_via_"):
            assert slot.mappings == [{"type": "custom"}], slot.name


def test_what_is_personal_influences_nothing(domain: Domain) -> None:
    influencing = {slot.name for slot in domain.slots if slot.influence_conversation}
    assert influencing == {slots.FATE}


def test_the_menus_buttons_are_the_built_in_options(domain: Domain) -> None:
    built_in = [{"title": option.label, "payload": option.label} for option in menu.BUILT_IN]
    for response in ("utter_segunda_via_menu", "utter_segunda_via_welcome"):
        (variant,) = domain.responses[response]
        assert variant["buttons"] == built_in


def test_the_intents_that_leave_the_form_exist(domain: Domain) -> None:
    assert set(domain.intents) >= document_form.LEAVING


def test_every_action_that_can_fail_is_watched(domain: Domain) -> None:
    watched = set(SpokenFailurePolicy.get_default_config()["watched"])
    own = {action for action in domain.user_actions if not action.startswith("utter_")}
    # The validation runs within the form; of the others the customer expects no words.
    silent = {
        "validate_segunda_via_form",
        "action_finish_ticket",
        "action_abandon_ticket",
        "action_close_inactive_ticket",
        "action_note_not_understood",
        "action_send_late_boleto",  # a job asks for it, and it is made again
    }
    assert watched == own - silent | set(domain.form_names)


def test_sessions_last_an_hour_and_carry_nothing_over(domain: Domain) -> None:
    assert domain.session_config.session_expiration_time == 60
    assert not domain.session_config.carry_over_slots


def test_policies_are_rules_and_what_rules_cannot_express() -> None:
    config = YAML(typ="safe").load((ROOT / "config.yml").read_text("utf-8"))
    names = [policy["name"].rpartition(".")[2] for policy in config["policies"]]
    assert names == ["RulePolicy", "SpokenFailurePolicy", "LateDeliveryPolicy", "OwnTurnsPolicy", "HumanTakeoverPolicy"]
    assert config["language"] == "pt"


def test_no_channel_but_the_public_servers_is_open_by_itself() -> None:
    """An open `rest:` entry would let anyone speak as any customer."""
    channels = YAML(typ="safe").load((ROOT / "credentials.yml").read_text("utf-8"))
    assert set(channels) == {"segunda_via.rasa_plugin.channel.turn_channel.TurnChannel"}
