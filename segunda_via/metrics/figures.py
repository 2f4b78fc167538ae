"""The figures that open a list: what each is called, how it is counted, and which events are behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from segunda_via.metrics import display_names
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.tally import Tally


@dataclass(frozen=True)
class Figure:
    name: str
    events: tuple[MetricEvent, ...]
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
    **{event.value: Figure(name, (event,)) for event, name in display_names.NAMES.items()},
    REQUESTS: Figure("Pedidos, com as próximas faturas", (MetricEvent.ASKED, MetricEvent.NEXT_ACCEPTED)),
    UNTOUCHED: Figure("Finalizados sem nenhuma pessoa", (MetricEvent.FINISHED,), untouched=True),
}
