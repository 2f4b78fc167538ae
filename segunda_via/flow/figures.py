"""The figures that open a list: what each is called, how it is counted, and which events are behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from segunda_via.flow import words
from segunda_via.flow.event import Event
from segunda_via.flow.tally import Tally


@dataclass(frozen=True)
class Figure:
    name: str
    events: tuple[Event, ...]
    untouched: bool = False
    """Of these events, those whose ticket no person took."""

    def number(self, tally: Tally, reason: str | None = None) -> int:
        """As it is counted; of hand-overs, perhaps for one reason alone."""
        if reason is not None:
            return tally.reasons[reason]
        return tally.untouched if self.untouched else sum(tally[event] for event in self.events)


REQUESTS: Final = "requests"
UNTOUCHED: Final = "untouched"
FIGURES: Final[Mapping[str, Figure]] = {
    **{event.value: Figure(name, (event,)) for event, name in words.NAMES.items()},
    REQUESTS: Figure("Pedidos, com as próximas faturas", (Event.ASKED, Event.NEXT_ACCEPTED)),
    UNTOUCHED: Figure("Finalizados sem nenhuma pessoa", (Event.FINISHED,), untouched=True),
}
