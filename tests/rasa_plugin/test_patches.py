"""Rasa still has what is changed in it, still needs the change, and the change is in its place when it is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import rasa.core.agent
import rasa.core.run
import structlog
from jsonschema import validate
from jsonschema.validators import extend, validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels import console
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog

from segunda_via.log_redaction import structlog_events
from segunda_via.rasa_plugin import patches
from segunda_via.rasa_plugin.patches import redacted_logs, shell_end_of_input

MODULES = sorted(path.stem for path in Path(patches.__file__).parent.glob("[!_]*.py"))
CHANGED: dict[str, tuple[tuple[Any, str], ...]] = {
    "action_schema": ((RemoteAction, "_validate_action_result"),),
    "model_reload": ((rasa.core.run, "load_agent_on_start"),),
    "redacted_logs": tuple((structlog, name) for name in redacted_logs.CONFIGURING),
    "shell_end_of_input": ((console, "_get_user_input"),),
    "tracker_store_in_force": ((rasa.core.run, "load_agent_on_start"),),
}
"""By module: what it changes, as owner and attribute."""


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """As Rasa is by itself; what other tests had changed by then is put back afterwards."""
    kept = [(owner, name, getattr(owner, name)) for pairs in CHANGED.values() for owner, name in pairs]
    chain = list(structlog.get_config()["processors"])
    for owner, name, value in kept:
        setattr(owner, name, inspect.unwrap(value))
    yield
    for owner, name, value in kept:
        setattr(owner, name, value)
    structlog.reset_defaults()
    structlog.configure(processors=chain)


def patch(name: str) -> ModuleType:
    return import_module(f"{patches.__name__}.{name}")


@pytest.mark.parametrize("name", MODULES)
def test_each_tells_its_reason_and_when_it_can_go(name: str) -> None:
    told = patch(name).__doc__ or ""
    assert "Reason: " in told
    assert "Remove when: " in told
    assert name in CHANGED


@pytest.mark.parametrize("name", MODULES)
def test_importing_changes_nothing_and_installing_twice_changes_it_once(name: str) -> None:
    before = [getattr(owner, attribute) for owner, attribute in CHANGED[name]]
    module = patch(name)
    assert [getattr(owner, attribute) for owner, attribute in CHANGED[name]] == before
    module.install()
    once = [getattr(owner, attribute) for owner, attribute in CHANGED[name]]
    assert all(new is not old for new, old in zip(once, before, strict=True))
    module.install()
    assert [getattr(owner, attribute) for owner, attribute in CHANGED[name]] == once


def test_rasa_checks_the_schema_of_answers_with_every_answer() -> None:
    assert list(inspect.signature(RemoteAction._validate_action_result).parameters) == ["self", "result"]
    rasas = inspect.getsource(RemoteAction)
    assert "def _validate_action_result(self, result: Dict[Text, Any]) -> bool:" in rasas
    assert "validate(result, self.action_response_format_spec())" in rasas
    assert "self._validate_action_result(response)" in rasas, "it is still asked"
    schema, checks = RemoteAction.action_response_format_spec(), []
    kind = extend(validator_for(schema))
    kind.check_schema = classmethod(lambda cls, given, **_: checks.append(given))
    for _ in range(3):
        validate({"events": [], "responses": []}, schema, cls=kind)
    assert len(checks) == 3, "jsonschema checks it each time"


def test_rasa_loads_its_agent_by_a_function_of_that_name_and_shape() -> None:
    rasas = inspect.getsource(rasa.core.run)
    assert "partial(load_agent_on_start, model_path, endpoints, remote_storage)" in rasas, "looked up when it starts"
    wanted = ["model_path", "endpoints", "remote_storage", "app", "loop"]
    shape = rasas.partition("async def load_agent_on_start(")[2].partition(") -> Agent:")[0]
    assert [line.split(":")[0].strip() for line in shape.strip().splitlines()] == wanted
    assert list(inspect.signature(Agent.load_model).parameters)[:2] == ["self", "model_path"]


def test_rasa_polls_model_servers_alone() -> None:
    polling = [
        name
        for name, function in inspect.getmembers(rasa.core.agent, inspect.isfunction)
        if function.__module__ == rasa.core.agent.__name__ and "_schedule_model_pulling(" in inspect.getsource(function)
    ]
    assert set(polling) == {"load_from_server", "_schedule_model_pulling"}


def test_rasa_keeps_conversations_in_memory_where_its_store_cannot_be_loaded() -> None:
    with pytest.warns(UserWarning, match="not found"):
        store = TrackerStore.create(EndpointConfig(type="no.such.Store"), Domain.empty())
    assert isinstance(store, InMemoryTrackerStore)


async def test_rasa_hides_a_failing_store() -> None:
    class Failing(InMemoryTrackerStore):
        async def retrieve(self, sender_id: str) -> Any:
            raise OSError("the database is away")

    assert await FailSafeTrackerStore(Failing(Domain.empty())).retrieve("ana") is None


def test_rasa_drops_the_processor_that_redacts_when_it_sets_structlog_up() -> None:
    structlog.reset_defaults()
    structlog_events.install()
    assert structlog_events.redact_event in structlog.get_config()["processors"]
    configure_structlog()
    assert structlog_events.redact_event not in structlog.get_config()["processors"]
    redacted_logs.install()
    configure_structlog()
    assert structlog.get_config()["processors"][0] is structlog_events.redact_event


async def test_the_end_of_the_input_ends_rasas_reading_and_not_its_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_the_end(previous_response: Any) -> Any:
        raise EOFError

    rasas = inspect.getsource(console)
    assert "text = await _get_user_input(previous_response)" in rasas
    assert "if text == exit_text or text is None:" in rasas, "None leaves"
    assert "EOFError" not in rasas, "it would be taken care of"
    monkeypatch.setattr(console, "_get_user_input", at_the_end)
    shell_end_of_input.install()
    assert await console._get_user_input(None) is None
