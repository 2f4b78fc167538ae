"""The one place that reads the time. Everything else is given it."""

from __future__ import annotations

from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(timezone.utc)


def today() -> date:
    """The day on which boletos fall due in Brazil."""
    return now().astimezone(SAO_PAULO).date()
