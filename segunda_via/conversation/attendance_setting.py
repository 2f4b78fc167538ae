"""Who attends to what, and when; saved as

    {"queues": {intent: queue}, "hours": {"mon": [["08:00", "18:00"]], …}, "holidays": true, "state": "SP" | null}

Never saved: no queues, and somebody is always there. Queue names are kept as they are written: desks match them
exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from segunda_via.boletos.business_days import is_state
from segunda_via.conversation import document_form
from segunda_via.conversation.business_hours import DAYS, BusinessHours, Period
from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting

LONGEST_QUEUE = 128
_MIDNIGHT = time(23, 59, 59)
"""The end of a day: `time` knows no 24:00."""
INTENTS = tuple(sorted(document_form.LEAVING - {"cancelar"}))
"""What people attend to; each may have a queue of its own."""
NAMES = {
    "mon": "segunda-feira",
    "tue": "terça-feira",
    "wed": "quarta-feira",
    "thu": "quinta-feira",
    "fri": "sexta-feira",
    "sat": "sábado",
    "sun": "domingo",
}


@dataclass(frozen=True)
class AttendanceSettings:
    """`queues` holds the queue of each intent that has one of its own."""

    queues: Mapping[str, str] = field(default_factory=dict)
    hours: BusinessHours = field(default_factory=BusinessHours)


def _read(saved: Mapping[str, Any]) -> AttendanceSettings:
    week = {day: tuple((parsed(begin), parsed(end)) for begin, end in spans) for day, spans in saved["hours"].items()}
    hours = BusinessHours(week, bool(saved.get("holidays")), saved.get("state"))
    return AttendanceSettings(dict(saved["queues"]), hours)


def _write(attendance: AttendanceSettings) -> Mapping[str, Any]:
    queues = {intent: queue for intent, queue in attendance.queues.items() if queue.strip()}
    for intent, queue in queues.items():
        if intent not in INTENTS:
            raise ConfigurationError(f"assunto desconhecido: {intent}; use um destes: {', '.join(INTENTS)}")
        if len(queue) > LONGEST_QUEUE:
            raise ConfigurationError(f"o nome da fila de {intent} passa de {LONGEST_QUEUE} caracteres")
    hours = attendance.hours
    if hours.state is not None and not is_state(hours.state):
        raise ConfigurationError("o estado deve ser a sigla de um dos estados do Brasil, como SP")
    week = {day: hours.week[day] for day in DAYS if hours.week.get(day)}
    if set(hours.week) - set(DAYS):
        raise ConfigurationError(f"os dias da semana são: {', '.join(DAYS)}")
    for day, periods in week.items():
        _check_periods(day, periods)
    return {
        "queues": queues,
        "hours": {day: [[written(begin), written(end)] for begin, end in week[day]] for day in week},
        "holidays": hours.holidays,
        "state": hours.state,
    }


def parsed(text: str) -> time:
    """An hour as an operator writes it; ConfigurationError when it is none.

    >>> parsed("08:30"), parsed("8h"), parsed("24:00")
    (datetime.time(8, 30), datetime.time(8, 0), datetime.time(23, 59, 59))
    """
    hour, _, minute = text.strip().lower().replace("h", ":").partition(":")
    try:
        if (int(hour), int(minute or 0)) == (24, 0):
            return _MIDNIGHT
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise ConfigurationError("os horários devem ser escritos como 08:00") from None


def written(hour: time) -> str:
    """`parsed`, the other way round."""
    return "24:00" if hour == _MIDNIGHT else f"{hour:%H:%M}"


def _check_periods(day: str, periods: Sequence[Period]) -> None:
    last: time | None = None
    for begin, end in periods:
        if begin >= end or (last is not None and begin < last):
            raise ConfigurationError(f"{NAMES[day]}: cada período deve começar antes de terminar, e um após o outro")
        last = end


ATTENDANCE_SETTING = Setting("attendance", AttendanceSettings(), _read, _write)
