"""What the action server answers is still checked, as Rasa says it must be."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from segunda_via.rasa_plugin.patches import action_schema

SLOT = {"event": "slot", "name": "segunda_via_outcome", "value": None}


@pytest.fixture
def action() -> RemoteAction:
    action_schema.install()
    return RemoteAction("action_open_ticket", None)


@pytest.mark.parametrize("answer", [{}, {"events": [SLOT], "responses": [{"response": "utter_x"}]}])
def test_what_fits_is_taken(action: RemoteAction, answer: dict[str, Any]) -> None:
    assert action._validate_action_result(answer)


@pytest.mark.parametrize("answer", [{"events": "none"}, {"responses": ["oi"]}, {"events": [{"event": "nonsense"}]}])
def test_what_does_not_fit_is_refused(action: RemoteAction, answer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        action._validate_action_result(answer)
