"""Gives the conversation to a person, with the reason on the ticket; our part of it is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from segunda_via.actions.delivering import failure_logged, is_promised
from segunda_via.actions.ending import over
from segunda_via.actions.guard import GuardedAction, document_of, intent_of, masked, ticket_id
from segunda_via.actions.menu_message import menu_in_force
from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.conversation import slots
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING, AttendanceSettings
from segunda_via.conversation.business_hours import back
from segunda_via.conversation.hand_over_summary import one_line


class ActionHandOverTicket(GuardedAction):
    def name(self) -> str:
        return "action_hand_over_ticket"

    async def serve(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        root, attended = self.app, in_force(self.app)
        promised = is_promised(root, tracker)
        asked, desk_ticket = intent_of(tracker) or "unknown", ticket_id(tracker)
        outcome = tracker.get_slot(slots.OUTCOME)
        reason = (tracker.get_slot(slots.REASON) if outcome else None) or outcome or asked
        document = tracker.get_slot(slots.MASKED) or masked(document_of(tracker))
        chosen = menu_in_force(root).labelled(str((tracker.latest_message or {}).get("text") or ""))
        root.tickets.hand_over(
            COMPANY,
            tracker.sender_id,
            reason,
            one_line(asked, outcome, reason, document),
            desk_ticket,
            queue=(chosen.queue if chosen else None) or attended.queues.get(asked),
            outcome=outcome or asked,
        )
        with failure_logged("the timer"):
            root.inactivity.over(tracker.sender_id)
        carried = "utter_segunda_via_hand_over_here" if desk_ticket else "utter_segunda_via_hand_over"
        dispatcher.utter_message(response=carried)
        if promised:
            dispatcher.utter_message(response="utter_segunda_via_late_with_person")
        say_when_back(dispatcher, attended, root.now())
        return over(tracker)


def say_when_back(dispatcher: CollectingDispatcher, attended: AttendanceSettings, now: datetime) -> None:
    """Outside the hours of attendance, when people are back."""
    opening = None if attended.hours.is_open(now) else attended.hours.next_opening(now)
    if opening is not None:
        line = back(opening, now)
        dispatcher.utter_message(response=line.response, **line.values)


def in_force(app: App) -> AttendanceSettings:
    """Who attends, and when; nobody in particular, and always, while the settings cannot be read."""
    with failure_logged("the attendance's settings"):
        return ATTENDANCE_SETTING.in_force(app.recent_settings, COMPANY)
    return AttendanceSettings()
