"""Amounts and days in every writing that gateways have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segunda_via.boletos.documents import parse
from segunda_via.http.record import Record
from segunda_via.http.written_values import is_the_document, read_day, read_money

AMOUNTS = st.decimals(min_value=0, max_value=Decimal("99999999.99"), places=2)
DAYS = st.dates(min_value=date(1000, 1, 1))
ZONES = st.sampled_from(["", "Z", "-0000", "+00:00", "-03:00"])


def brazilian(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


@given(AMOUNTS)
def test_every_amount_is_read_from_every_writing(amount):
    for text in (f"{amount:.2f}", f"{amount:.2f}".replace(".", ","), brazilian(amount), f"R$ {brazilian(amount)}"):
        assert read_money(text) == amount
    assert Record("sga", {"valor": amount}, "boleto").money("valor") == amount


@given(AMOUNTS, st.integers(min_value=4, max_value=12))
def test_more_decimals_than_centavos_are_rounded_to_them(amount, places):
    assert read_money(f"{amount:.{places}f}") == amount


@given(st.text(max_size=30))
def test_anything_else_is_none_or_an_amount_in_bounds(text):
    amount = read_money(text)
    assert amount is None or 0 <= amount <= Decimal("99999999.99")


@pytest.mark.parametrize(
    "text",
    ["", "R$", "1.234", "1,234", "1,234.56", "1.23.456,00", "12.34,56", "-1,00", "1e3", "NaN", "1_000", "١٢٣",
     "1 000,00", "100000000.00", "R$ R$ 1,00", "0x10", "1.", ",50", "1,"],
)  # fmt: skip
def test_what_is_no_amount_or_could_mean_two(text):
    assert read_money(text) is None


@given(DAYS, st.times(), ZONES)
def test_every_day_is_read_from_every_writing(day, time, zone):
    clock = time.strftime("%H:%M:%S")
    iso, local = day.isoformat(), f"{day.day:02}/{day.month:02}/{day.year:04}"
    for text in (iso, f"{iso}T{clock}{zone}", f"{iso} {clock}", f"{iso}T{clock}.123{zone}", local, f"{local} {clock}"):
        assert read_day(text) == day


@given(st.text(max_size=30))
def test_anything_else_is_none_or_a_day(text):
    assert read_day(text) is None or isinstance(read_day(text), date)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000-00-00",
        "00/00/0000",
        "2026-02-30",
        "30/02/2026",
        "11/23/2026",
        "26-11-10",
        "2026-11-10junk",
        "tomorrow",
    ],
)
def test_what_is_no_day(text):
    assert read_day(text) is None


@pytest.mark.parametrize("written", ["00000000191", "000.000.001-91", "191", " 000.000.001-91 "])
def test_a_document_is_the_same_however_it_is_written(written):
    assert is_the_document(written, parse("000.000.001-91"))


@pytest.mark.parametrize("written", ["", "-", "52998224725", "***.000.001-**", "100000000191"])
def test_another_document_is_another(written):
    assert not is_the_document(written, parse("000.000.001-91"))
