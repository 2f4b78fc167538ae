"""Writes what is stored, why and for how long into docs/lgpd.md, as `privacy.stored_data` has it. Run as a module.

A test holds the page to that list.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from segunda_via.privacy.expiry import RETENTION, Stored
from segunda_via.privacy.stored_data import ELSEWHERE, STORED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lgpd.md"
BEGIN, END = "<!-- stored:begin -->", "<!-- stored:end -->"


def table() -> str:
    """In Markdown."""
    rows = ["| onde | o que guarda | para quê | como | por quanto tempo | quem vê |", "|---|---|---|---|---|---|"]
    for stored in (*STORED, *ELSEWHERE):
        place = stored.name if "`" in stored.name or " " in stored.name else f"`{stored.name}`"
        rows.append(
            f"| {place} | {stored.holds} | {stored.why} | {stored.form} | {how_long(stored)} | {stored.seen_by} |"
        )
    return "\n".join(rows)


def how_long(stored: Stored) -> str:
    """How long it is kept, in words."""
    told = [each.words.format(span=_span(each.after)) for each in stored.expiries]
    return "; ".join([*told, stored.stays] if stored.stays else told)


def _span(span: timedelta) -> str:
    if span == RETENTION:
        return "a retenção"
    hours, days, years = span.total_seconds() / 3600, span.days, span.days // 365
    if years:
        return f"{years} anos"
    if days > 1:
        return f"{days} dias"
    return f"{hours:.0f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def renewed(page: str) -> str:
    """`page` with the table between its marks renewed."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
