"""When people attend, and what an operator may save about it; and how a conversation is set up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timezone
from pathlib import Path

import pytest
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.clock import SAO_PAULO
from segunda_via.conversation import attendance_setting as saved
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING, AttendanceSettings
from segunda_via.conversation.business_hours import BusinessHours
from segunda_via.errors import ConfigurationError
from segunda_via.settings.conversation import CONVERSATION_SETTING, ConversationSettings
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
MORNING_AND_AFTERNOON = ((time(8), time(12)), (time(13, 30), time(18)))
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), MORNING_AND_AFTERNOON) | {"sat": ((time(8), time(12)),)}
HOURS = BusinessHours(WEEK, holidays=True)


def at(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SAO_PAULO)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (at(1, 7, 59), at(1, 8)),
        (at(1, 12), at(1, 13, 30)),
        (at(1, 18), at(2, 8)),
        (at(5, 12, 30), at(7, 8)),  # Saturday afternoon
        (at(24, 18), at(26, 8)),  # Christmas, a Friday, is closed; the Saturday after is not
        (at(20, 9, month=11), at(21, 8, month=11)),  # Consciência Negra
    ],
)
def test_closed_until(moment: datetime, opening: datetime) -> None:
    assert not HOURS.is_open(moment)
    assert HOURS.next_opening(moment) == opening
    assert HOURS.is_open(opening)


def test_hours_are_those_of_sao_paulo_wherever_the_clock_is() -> None:
    assert HOURS.is_open(datetime(2026, 12, 1, 11, 0, tzinfo=timezone.utc))
    assert not HOURS.is_open(datetime(2026, 12, 1, 10, 59, tzinfo=timezone.utc))


def test_without_hours_somebody_is_always_there() -> None:
    assert BusinessHours(holidays=True).is_open(at(25, 3))


def test_a_states_holidays_count_when_the_state_is_told() -> None:
    revolution = at(9, 10, month=7)  # 9 de julho, São Paulo's
    assert HOURS.is_open(revolution)
    assert not replace(HOURS, state="SP").is_open(revolution)
    assert replace(HOURS, state="SP", holidays=False).is_open(revolution)


def test_never_open_is_never_back() -> None:
    assert BusinessHours({"xyz": MORNING_AND_AFTERNOON}).next_opening(at(1, 9)) is None


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return App(Environment(database_url=migrated_sqlite(tmp_path)), home=tmp_path).settings


def test_what_is_saved_is_in_force(store: SettingsStore) -> None:
    assert ATTENDANCE_SETTING.in_force(store, "default") == AttendanceSettings()
    all_sunday = BusinessHours({"sun": ((time(0), saved.parsed("24:00")),)}, True, "SP")
    whole = AttendanceSettings({"suporte_tecnico": " Suporte "}, all_sunday)
    ATTENDANCE_SETTING.save(store, "default", whole, by="ana", at=NOW)
    assert ATTENDANCE_SETTING.in_force(store, "default") == whole, "a queue's name is kept as it is written"


@pytest.mark.parametrize(
    "attendance",
    [
        AttendanceSettings({"afirmar": "Fila"}),
        AttendanceSettings({"suporte_tecnico": "x" * 129}),
        AttendanceSettings(hours=BusinessHours({"monday": MORNING_AND_AFTERNOON})),
        AttendanceSettings(hours=BusinessHours({"mon": ((time(18), time(8)),)})),
        AttendanceSettings(hours=BusinessHours({"mon": ((time(8), time(12)), (time(11), time(18)))})),
        AttendanceSettings(hours=BusinessHours(WEEK, True, "XX")),
    ],
)
def test_what_cannot_be_saved_is_refused_in_one_line(store: SettingsStore, attendance: AttendanceSettings) -> None:
    with pytest.raises(ConfigurationError) as refused:
        ATTENDANCE_SETTING.save(store, "default", attendance, by="ana", at=NOW)
    assert "\n" not in str(refused.value)
    assert ATTENDANCE_SETTING.in_force(store, "default") == AttendanceSettings()


@pytest.mark.parametrize("text", ["", "manhã", "25:00", "8:60", "-1:00"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        saved.parsed(text)


def test_the_conversations_settings_have_defaults_and_bounds(store: SettingsStore) -> None:
    assert CONVERSATION_SETTING.in_force(store, "default") == ConversationSettings(30, True, 24)
    CONVERSATION_SETTING.save(store, "default", ConversationSettings(0, False, 8), by="ana", at=NOW)
    assert CONVERSATION_SETTING.in_force(store, "default") == ConversationSettings(0, False, 8)
    assert ConversationSettings(0).inactivity is None
    for wrong in (
        ConversationSettings(-1),
        ConversationSettings(1441),
        ConversationSettings(silence_hours=0),
        ConversationSettings(silence_hours=721),
    ):
        with pytest.raises(ConfigurationError):
            CONVERSATION_SETTING.save(store, "default", wrong, by="ana", at=NOW)
