"""Answers of the action server are checked against a schema that was itself checked once, not anew for each of them.

Rasa checks the schema, too, against the schema of all schemas, with every answer of every action: twenty milliseconds
in which the event loop, and with it every webhook, stands still. A turn has two to five such answers.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for


def install() -> None:
    """From now on, in this process. What Rasa refused is refused as before, by a `jsonschema.ValidationError`."""
    from rasa.core.actions.action import RemoteAction  # with TensorFlow, which only a whole server needs

    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def validate(self: Any, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
