"""What a conversation of ours leaves when it ends: nothing of ours, and all that is the bot's.

The tracker may be another bot's. Its slots, its forms and what was said in it are not ours to reset: whether a
conversation then begins afresh is the bot's choice (`starts_afresh`, in `rasa_plugin/policies/own_turns_policy.py`).
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet

from segunda_via.actions.guard import unchanged
from segunda_via.conversation import slots
from segunda_via.conversation.document_form import FORM


def emptied(tracker: Tracker) -> list[EventType]:
    """Our slots, those that hold something."""
    ours = (name for name in tracker.slots if name.startswith(slots.PREFIX) and name != slots.INTENTS)
    return [SlotSet(name, None) for name in ours if tracker.slots[name] is not None]


def over(tracker: Tracker) -> list[EventType]:
    """Our slots are empty, our form is left, and a form of the bot's that we interrupted is active again."""
    interrupted = tracker.get_slot(slots.INTERRUPTED)
    events = emptied(tracker)
    if tracker.active_loop_name == FORM:
        events += [ActiveLoop(interrupted), SlotSet(slots.REQUESTED, None)]
    elif interrupted and not tracker.active_loop_name:
        events.append(ActiveLoop(interrupted))
    return events or unchanged(tracker)
