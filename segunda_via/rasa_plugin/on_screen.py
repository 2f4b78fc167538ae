"""What the customer has before them, by the events of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Reversible

from rasa.shared.core.events import BotUttered, Event, UserUttered


def last_response(events: Reversible[Event]) -> str | None:
    """The response that was said last since the customer wrote; None when it was none of the domain's."""
    for event in reversed(events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered) and event.text:
            name = event.metadata.get("utter_action")
            return str(name) if name else None
    return None


def before_the_latest_message(events: Iterable[Event]) -> list[Event]:
    """The events that the customer had seen when they wrote."""
    past = list(events)
    while past and not isinstance(past.pop(), UserUttered):
        pass
    return past
