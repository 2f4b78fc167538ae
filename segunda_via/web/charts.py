"""Charts as SVG, drawn here: told apart by pattern and place, not by colour alone, and styled by the style sheet.

Nothing in them is inline style, which the screen's policy forbids. Letters keep their size when a chart is stretched
only if it is drawn about as wide as it is shown: hence one drawing for wide screens and another for phones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from segunda_via.boletos.formatting import thousands


@dataclass(frozen=True)
class Canvas:
    """`name` is the class that the style sheet shows or hides it by."""

    name: str
    width: int
    height: int
    label_every: int
    left: int = 38
    bottom: int = 24
    top: int = 22

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    def y(self, value: float, highest: float) -> float:
        return self.top + (self.floor - self.top) * (1 - value / highest)

    @property
    def pattern(self) -> str:
        """Each drawing has its own: a pattern that stands in a hidden drawing is not painted."""
        return f"riscado-{self.name}"


WIDE = Canvas("on-wide", 760, 250, 5)
SMALL = Canvas("on-small", 340, 210, 4)
SMALL_DAYS = 14


def by_day(days: Mapping[date, tuple[int, int]]) -> Markup:
    """Each day's requests: solid what was delivered, hatched above it the rest; on phones the last two weeks."""
    latest = dict(list(days.items())[-SMALL_DAYS:])
    return _by_day(days, WIDE) + _by_day(latest, SMALL)


def _by_day(days: Mapping[date, tuple[int, int]], canvas: Canvas) -> Markup:
    totals = {day: max(asked, delivered) for day, (asked, delivered) in days.items()}
    highest = _round_up(max(totals.values(), default=0))
    step = (canvas.width - canvas.left) / max(len(days), 1)
    peak = max(totals, key=lambda day: totals[day], default=None)
    parts = [_grid(highest, canvas)]
    for place, (day, (asked, delivered)) in enumerate(days.items()):
        x, wide = canvas.left + place * step + step * 0.14, step * 0.72
        title = f"<title>{day:%d/%m}: {asked} pedidos, {delivered} entregues</title>"
        bars = _column("missed", x, wide, canvas.y(totals[day], highest), canvas.y(delivered, highest), canvas.pattern)
        bars += _column("given", x, wide, canvas.y(delivered, highest), canvas.floor)
        last = place == len(days) - 1
        if day == peak or last:
            y = canvas.y(totals[day], highest) - 5
            bars += _text(x + wide / 2, y, thousands(totals[day]), "middle", "told")
        parts.append(f"<g>{title}{bars}</g>")
        if place % canvas.label_every == (len(days) - 1) % canvas.label_every:
            where, anchor = (canvas.width, "end") if last else (x + wide / 2, "middle")
            parts.append(_text(where, canvas.height - 6, "hoje" if last else f"{day:%d/%m}", anchor))
    asked, delivered = (sum(each[n] for each in days.values()) for n in (0, 1))
    what = f"Por dia, em {len(days)} dias: {thousands(asked)} pedidos, {thousands(delivered)} entregues"
    return _drawing(canvas, what, parts)


def waits(tenths: Mapping[int, int], median: Decimal, p95: Decimal) -> Markup:
    """How many deliveries took how long, with the two marks that the table names; what took longest is one column."""
    return Markup().join(_waits(tenths, median, p95, canvas) for canvas in (WIDE, SMALL))


def _waits(tenths: Mapping[int, int], median: Decimal, p95: Decimal, canvas: Canvas) -> Markup:
    # Twenty columns, so wide that the fastest 95 % fill two thirds of them.
    size = max(1, -(-int(p95 * 15) // 20))
    columns = [0] * 20
    for value, number in tenths.items():
        columns[min(value // size, 19)] += number
    highest = max(*columns, 1)
    step = (canvas.width - canvas.left) / len(columns)

    def x_of(seconds: Decimal) -> float:
        return canvas.left + min(float(seconds) * 10 / size, 19.5) * step

    parts = [f'<path class="rule" d="M{canvas.left} {canvas.floor}H{canvas.width}"/>']
    for place, number in enumerate(columns):
        x, until = canvas.left + place * step, _seconds(Decimal((place + 1) * size) / 10)
        title = f"<title>até {until}: {thousands(number)}</title>" if place < 19 else f"<title>mais: {number}</title>"
        parts.append(
            f"<g>{title}{_column('given', x + step * 0.08, step * 0.84, canvas.y(number, highest), canvas.floor)}</g>"
        )
        if place % canvas.label_every == 0:
            parts.append(_text(x, canvas.height - 6, _seconds(Decimal(place * size) / 10), "middle"))
    for seconds, name, below in ((median, "metade", 0), (p95, "95%", 18)):
        x, top = x_of(seconds), canvas.top - 10 + below
        parts.append(f'<path class="at" d="M{x:.1f} {top - 8}V{canvas.floor}"/>')
        parts.append(_text(x + 5, top, f"{name}: {_seconds(seconds)}", "start", "told"))
    what = f"Espera do documento à entrega: metade em até {_seconds(median)}, 95% em até {_seconds(p95)}"
    return _drawing(canvas, what, parts)


def spark(values: Sequence[float]) -> Markup:
    """A line without numbers, beside a number that says them."""
    highest, step = max([*values, 1]), 100 / max(len(values) - 1, 1)
    points = " ".join(f"{n * step:.1f},{26 - 24 * float(value) / float(highest):.1f}" for n, value in enumerate(values))
    return Markup(  # noqa: S704  numbers
        '<svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">'
        f'<polygon points="0,28 {points} 100,28"/><polyline points="{points}"/></svg>'
    )


def bar(share: float, hollow: bool = False) -> Markup:
    """A bar as long as its share of the whole line, from 0 to 1."""
    kind = "hollow" if hollow else "given"
    return Markup(  # noqa: S704  a number
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{kind}" width="{max(0.6, min(share, 1.0) * 100):.1f}" height="10"/></svg>'
    )


def _drawing(canvas: Canvas, what: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704  numbers, dates and our own words
        f'<svg class="chart {canvas.name}" viewBox="0 0 {canvas.width} {canvas.height}" role="img" aria-label="{what}">'
        f'<defs><pattern id="{canvas.pattern}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0v6"/></pattern></defs>'
        f"{''.join(parts)}</svg>"
    )


def _grid(highest: int, canvas: Canvas) -> str:
    lines = []
    for value in (0, highest // 2, highest):
        y = canvas.y(value, highest)
        lines.append(f'<path class="rule" d="M{canvas.left} {y:.1f}H{canvas.width}"/>')
        lines.append(_text(canvas.left - 7, y + 4, thousands(value), "end"))
    return "".join(lines)


def _column(kind: str, x: float, width: float, top: float, floor: float, pattern: str | None = None) -> str:
    if floor - top < 0.05:
        return ""
    fill = f' fill="url(#{pattern})"' if pattern else ""
    return f'<rect class="{kind}"{fill} x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{floor - top:.1f}"/>'


def _text(x: float, y: float, words: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def _seconds(value: Decimal) -> str:
    return f"{value:.1f} s".replace(".", ",")


def _round_up(value: int) -> int:
    """
    >>> _round_up(0), _round_up(7), _round_up(1234)
    (2, 8, 2000)
    """
    size = int("1".ljust(len(str(value)), "0"))
    rounded = -(-value // size) * size
    return max(2, rounded + rounded % 2)
