"""Answers of the action server are checked against a schema that was itself checked once, not anew for each of them.

Reason: Rasa checks the schema, too, against the schema of all schemas, with every answer of every action: twenty
milliseconds in which the event loop, and with it every webhook, stands still. A turn has two to five such answers.
Remove when: Rasa keeps the validator, or validates answers without `jsonschema.validate`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonschema.validators import validator_for

from segunda_via.rasa_plugin.patches import put_around

Validate = Callable[[Any, dict[str, Any]], bool]
"""Of a `RemoteAction`: whether what the action server answered fits; `jsonschema.ValidationError` when it does not."""


def install() -> None:
    """From now on, in this process. What Rasa refused is refused as before, by a `jsonschema.ValidationError`."""
    from rasa.core.actions.action import RemoteAction  # with TensorFlow, which only a whole server needs

    validator = _checked(RemoteAction.action_response_format_spec())

    def by_one_validator(_: Validate) -> Validate:
        def validate(action: Any, result: dict[str, Any]) -> bool:
            validator.validate(result)
            return True

        return validate

    put_around(RemoteAction, "_validate_action_result", by_one_validator, by=__name__)


def _checked(schema: dict[str, Any]) -> Any:
    """Its validator, once the schema was found sound."""
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)
