"""Ctrl-D leaves `rasa shell`, as /stop does.

Reason: the end of the input raises EOFError in the task that reads, which ends that task alone: the shell's server
then runs for ever behind a terminal that shows nothing.
Remove when: Rasa's `console.record_messages` takes the end of the input for the end of the conversation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels import console

from segunda_via.rasa_plugin.patches import put_around


def install() -> None:
    """For shells that begin from now on."""
    put_around(console, "_get_user_input", _or_leave, by=__name__)


def _or_leave(ask: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    async def ask_or_leave(previous_response: Any) -> Any:
        try:
            return await ask(previous_response)
        except EOFError:
            return None

    return ask_or_leave
