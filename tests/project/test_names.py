"""No code of ours reaches a person: every enum that can be shown has its Portuguese name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest

from segunda_via import settings
from segunda_via.boletos.checks import Failure, Item
from segunda_via.boletos.invoice import Status
from segunda_via.boletos.outcome import Outcome
from segunda_via.cli import tickets as tickets_command
from segunda_via.desks import registry as desks
from segunda_via.gateways import registry
from segunda_via.metrics import display_names
from segunda_via.metrics.event import MetricEvent
from segunda_via.operations.probes.probe import TITLES, Level
from segunda_via.settings.setting import Setting
from segunda_via.tickets.ticket import TicketEventKind
from segunda_via.web.pages import trail, trial
from segunda_via.web.rendering import environment

ROOT = Path(settings.__file__).parents[1]

SHOWN: Mapping[type[Enum], Callable[[Enum], str]] = {
    Outcome: lambda each: display_names.reason(each.value),
    Failure: lambda each: display_names.reason(each.value),
    Item: lambda each: display_names.reason(each.value),
    Status: lambda each: display_names.reason(each.value),
    MetricEvent: lambda each: display_names.NAMES[each],
    TicketEventKind: lambda each: tickets_command.EVENTS[each.value],
    Level: lambda each: _label_of_sign(each.value),
}
INTERNAL = {
    "boletos.outcome.TicketFate",  # what becomes of a ticket; the ticket's status is shown
    "settings.setting.Source",  # shown where it matters, in words of its own
    "storage.health_record.Trouble",  # told by the lights, in sentences
    "whatsapp.twilio_errors.Reach",  # decides who is affected; the code's meaning is shown
    "gateways.mk_solutions.reading.MkSolutionsSays",
    "gateways.mk_auth.reading.MkAuthSays",
    "gateways.sga.reading.SgaRefusal",  # read and acted upon by their adapters
    "boletos.documents.document.DocumentKind",  # CPF and CNPJ
    "boletos.documents.found.Reason",
    "boletos.documents.others.OtherKind",  # each has a response of its own
    "boletos.documents.nearby_words.Label",  # how a document is announced in a sentence
}


def _label_of_sign(level: str) -> str:
    macros = environment().get_template("macros.html").module
    return str(macros.sign(level)).partition('aria-label="')[2].partition('"')[0]  # type: ignore[attr-defined]


def declared() -> set[str]:
    """Every enum of the library, as module.Class below segunda_via."""
    found = set()
    for path in ROOT.rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and "Enum" in b.id for b in node.bases):
                found.add(f"{module}.{node.name}")
    return found


def test_every_enum_is_shown_with_a_name_or_never_shown() -> None:
    shown = {f"{each.__module__.partition('.')[2]}.{each.__name__}" for each in SHOWN}
    assert declared() == shown | INTERNAL


@pytest.mark.parametrize("kind", SHOWN, ids=lambda each: each.__name__)
def test_every_value_has_a_portuguese_name(kind: type[Enum]) -> None:
    for each in kind:
        name = SHOWN[kind](each)
        assert name, each
        assert "_" not in name, each
        assert name != each.value, each


def test_every_ending_that_the_trial_can_have_is_explained() -> None:
    possible = set(Outcome) - {Outcome.TOO_MANY_TRIES}  # nobody is counted there
    assert possible <= set(trial.WORDS)


def test_gateways_desks_and_their_fields_have_names() -> None:
    for name in [*registry.names(), *registry.GATEWAYS]:
        assert registry.label(name) != name
    for name, desk in desks.DESKS.items():
        assert desk.label != name
    for field in (*registry.every_field(), *desks.every_field()):
        assert field.name in trail.AS_IT_IS or trail.FIELDS[field.name] == field.history, field.name
        assert "true" not in f"{field.label} {field.where}"


def test_whatever_can_be_saved_has_a_name_in_the_trail() -> None:
    kept = {"settings": "*.py", "conversation": "*_setting.py", "desks": "*_setting.py"}
    modules = [
        import_module(f"segunda_via.{path.parent.name}.{path.stem}")
        for package, pattern in kept.items()
        for path in (ROOT / package).glob(pattern)
    ]
    names = {each.name for module in modules for each in vars(module).values() if isinstance(each, Setting)}
    assert {"gateway", "whatsapp", "desk", "menu"} < names
    assert {f"saved {name}" for name in names} <= set(trail.EVENTS)
    assert {"saved payee", "removed payee", "saved text"} <= set(trail.EVENTS)


def test_what_findings_are_about_has_a_name() -> None:
    found = {
        node.args[0].value
        for path in (ROOT / "operations" / "probes").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Finding", "Probe"}
        if isinstance(node.args[0], ast.Constant)
    }
    assert found
    assert found <= set(TITLES)
