"""Payment codes as banks, utilities and their apps print them, and as they arrive when people paste them.

Codes are made up, with check digits that hold. A print is a code's digits in groups, and what stands between these.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from segunda_via.boletos import linha_digitavel

BANKS = ("001", "033", "041", "077", "085", "104", "136", "208", "237", "260", "341", "422", "461", "748", "756")
LENGTHS = (44, 47, 48)


@dataclass(frozen=True)
class Print:
    """How a code of `digits` digits is parted: its groups, in order, and what follows each but the last."""

    name: str
    groups: tuple[int, ...]
    gaps: tuple[str, ...]

    def __post_init__(self) -> None:
        assert sum(self.groups) in LENGTHS, self
        assert len(self.gaps) == len(self.groups) - 1, self

    @property
    def digits(self) -> int:
        return sum(self.groups)

    def of(self, code: str) -> str:
        ends = list(accumulate(self.groups))
        parts = [code[end - size : end] for end, size in zip(ends, self.groups, strict=True)]
        # what a mistyped code has beyond its length goes to the last group
        parts[-1] += code[ends[-1] :]
        return "".join(part + gap for part, gap in zip(parts, [*self.gaps, ""], strict=True)).rstrip(" .-\n")


def _alike(name: str, groups: tuple[int, ...], gap: str) -> Print:
    return Print(name, groups, (gap,) * (len(groups) - 1))


_FIELDS, _HALVES = (10, 11, 11, 1, 14), (5, 5, 5, 6, 5, 6, 1, 14)
BANK_PRINTS = (
    Print("febraban", _HALVES, (".", " ", ".", " ", ".", " ", " ")),
    Print("febraban, two spaces", _HALVES, (".", "  ", ".", "  ", ".", "  ", "  ")),
    Print("febraban, over two lines", _HALVES, (".", " ", ".", "\n", ".", " ", " ")),
    Print("febraban, over five lines", _HALVES, (".", "\n", ".", "\n", ".", "\n", "\n")),
    Print("febraban, value on the next line", _HALVES, (".", " ", ".", " ", ".", " ", "\n")),
    _alike("halves", _HALVES, " "),
    _alike("halves, dots", _HALVES, "."),
    _alike("fields", _FIELDS, " "),
    _alike("fields, dashes", _FIELDS, "-"),
    _alike("fields, parted dashes", _FIELDS, " - "),
    _alike("fields, dots", _FIELDS, "."),
    _alike("fields, one a line", _FIELDS, "\n"),
    Print("check digits parted", (9, 1, 10, 1, 10, 1, 1, 14), ("-", " ", "-", " ", "-", " ", " ")),
    Print("in one piece", (47,), ()),
    Print("fours", (4,) * 11 + (3,), (" ",) * 11),
)
_BLOCKS, _TWELVES = (11, 1) * 4, (12,) * 4
UTILITY_PRINTS = (
    Print("blocks", _BLOCKS, ("-", " ") * 3 + ("-",)),
    Print("blocks, spaces", _BLOCKS, (" ",) * 7),
    Print("blocks, parted dashes", _BLOCKS, (" - ", " ") * 3 + (" - ",)),
    Print("blocks, over two lines", _BLOCKS, ("-", " ", "-", "\n", "-", " ", "-")),
    Print("blocks, one a line", _BLOCKS, ("-", "\n") * 3 + ("-",)),
    Print("blocks, dots", _BLOCKS, (".", " ") * 3 + (".",)),
    _alike("twelves", _TWELVES, " "),
    _alike("twelves, dots", _TWELVES, "."),
    _alike("twelves, parted dashes", _TWELVES, " - "),
    _alike("twelves, one a line", _TWELVES, "\n"),
    Print("in one piece", (48,), ()),
)
BARCODE_PRINTS = (
    Print("in one piece", (44,), ()),
    _alike("fours", (4,) * 11, " "),
    _alike("elevens", (11,) * 4, " "),
    _alike("halves", (22, 22), "\n"),
)
PRINTS = BANK_PRINTS + UTILITY_PRINTS + BARCODE_PRINTS

Damage = Callable[[str, random.Random], str]


def _other(digit: str) -> str:
    return str((int(digit) + 1) % 10)


def _mistyped(code: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(code) - 1)
    return code[:at] + _other(code[at]) + code[at + 1 :]


def _doubled(code: str, chance: random.Random) -> str:
    at = chance.randrange(len(code))
    return code[: at + 1] + code[at:]


def _dropped(code: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(code))
    return code[:at] + code[at + 1 :]


ARRIVES: dict[str, Callable[[str, random.Random], str]] = {
    "whole": lambda text, chance: text,
    "prefixed": lambda text, chance: chance.choice(PREFIXES) + text,
    "cut at its end": lambda text, chance: text[: chance.randrange(len(text) * 3 // 5, len(text) - 1)],
    "cut at its start": lambda text, chance: text[chance.randrange(1, len(text) * 2 // 5) :],
    "without its last digit": lambda text, chance: text[:-1],
}
"""What befalls a printed code on its way."""

MISTYPED: dict[str, Damage] = {"one digit wrong": _mistyped, "a digit twice": _doubled, "a digit left out": _dropped}
"""What befalls its digits before they are printed."""

PREFIXES = (
    "codigo de barras: ",
    "código de barras:\n",
    "boleto: ",
    "linha digitável ",
    "segue o boleto\n",
    "Linha digitável: ",
    "oi, ",
)


def code(digits: int, chance: random.Random) -> str:
    """A made-up code of that length; 44 is a boleto's barcode or a utility's."""
    if digits == 48 or (digits == 44 and chance.random() < 0.5):
        body = "8" + chance.choice("1234569") + chance.choice("6789")
        rest = "".join(chance.choices("0123456789", k=40))
        barcode = next(each for check in "0123456789" if linha_digitavel.is_valid(each := f"{body}{check}{rest}"))
        return barcode if digits == 44 else linha_digitavel.to_linha_digitavel(barcode)
    due = date(2026, 1, 1) + timedelta(chance.randrange(400))
    amount = Decimal(chance.randrange(1000, 99999999)) / 100
    free = "".join(chance.choices("0123456789", k=25))
    barcode = linha_digitavel.make_barcode(chance.choice(BANKS), due, amount, free)
    return barcode if digits == 44 else linha_digitavel.to_linha_digitavel(barcode)


def collection() -> Iterator[tuple[str, str]]:
    """Every print as it arrives in every way, each of another code: a name, and the message."""
    for number, each in enumerate(PRINTS):
        for place, (way, arrive) in enumerate(ARRIVES.items()):
            chance = random.Random(f"{number}/{place}")
            yield f"{each.digits}, {each.name}, {way}", arrive(each.of(code(each.digits, chance)), chance)
        for place, (way, damage) in enumerate(MISTYPED.items()):
            chance = random.Random(f"{number}/{place}/mistyped")
            yield f"{each.digits}, {each.name}, {way}", each.of(damage(code(each.digits, chance), chance))
