"""Charts as SVG, drawn here: told apart by pattern and place, not by colour alone, and styled by the style sheet.

Nothing in them is inline style, which the screen's policy forbids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

_HATCHED = ' fill="url(#riscado)"'
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 220, 40, 24, 12


def by_day(days: Mapping[date, tuple[int, int]], names: tuple[str, str]) -> Markup:
    """A wide bar and a narrow one inside it for each day; `names` are those of the wide and of the narrow ones."""
    highest = _round_up(max((wide for wide, _ in days.values()), default=0))
    step = (WIDTH - LEFT) / max(len(days), 1)
    parts = [_grid(highest)]
    for place, (day, (wide, narrow)) in enumerate(days.items()):
        x = LEFT + place * step
        title = f"<title>{day:%d/%m}: {wide} {names[0].lower()}, {narrow} {names[1].lower()}</title>"
        bars = _bar("wide", x + step * 0.12, step * 0.76, wide, highest) + _bar(
            "narrow", x + step * 0.3, step * 0.4, narrow, highest
        )
        parts.append(f"<g>{title}{bars}</g>")
        if place % 5 == (len(days) - 1) % 5:
            last = place == len(days) - 1  # its label would stick out
            where, anchor = (WIDTH, "end") if last else (x + step / 2, "middle")
            parts.append(f'<text x="{where:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{day:%d/%m}</text>')
    total = f"{sum(wide for wide, _ in days.values())} {names[0]}, {sum(narrow for _, narrow in days.values())}"
    return Markup(  # noqa: S704  numbers, dates and our own words
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Por dia, em {len(days)} dias: {total} {names[1]}">'
        '<defs><pattern id="riscado" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0v6"/></pattern></defs>'
        f"{''.join(parts)}</svg>"
    )


def ranking(figures: Sequence[tuple[str, int]]) -> list[tuple[str, int, Markup]]:
    """Each with a bar as long as its share of the first."""
    longest = max((number for _, number in figures), default=0) or 1
    return [
        (
            name,
            number,
            Markup(  # noqa: S704  a number
                '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
                f'<rect class="narrow" width="{max(1, number * 100 / longest):.1f}" height="10"/></svg>'
            ),
        )
        for name, number in figures
    ]


def _grid(highest: int) -> str:
    lines = []
    for value in (0, highest // 2, highest):
        y = _y(value, highest)
        lines.append(f'<path class="rule" d="M{LEFT} {y:.1f}H{WIDTH}"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    return "".join(lines)


def _bar(kind: str, x: float, width: float, value: int, highest: int) -> str:
    y = _y(value, highest)
    height = _y(0, highest) - y
    hatch = _HATCHED if kind == "wide" else ""
    return f'<rect class="{kind}"{hatch} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _y(value: int, highest: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / highest)


def _round_up(value: int) -> int:
    """
    >>> _round_up(0), _round_up(7), _round_up(1234)
    (2, 8, 2000)
    """
    size = int("1".ljust(len(str(value)), "0"))
    rounded = -(-value // size) * size
    return max(2, rounded + rounded % 2)
