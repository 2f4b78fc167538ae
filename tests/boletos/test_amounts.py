"""What is told is what is charged: one amount, and what the codes of an invoice may ask for beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.factories import TODAY, examine, invoice, line, pix_code

from segunda_via.boletos import amounts
from segunda_via.boletos.amounts import Bounds
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.checks import Failure, Item, Payee, Verdict
from segunda_via.boletos.invoice import Codes, Invoice, InvoiceChoice
from segunda_via.delivery.bundle import MediaUrls, Text, messages

LATE, AHEAD = date(2026, 11, 3), date(2026, 12, 10)
NOTHING: frozenset[Failure] = frozenset()
LINE, PIX, UPDATED = (
    frozenset({failure}) for failure in (Failure.LINE_AMOUNT, Failure.PIX_AMOUNT, Failure.UPDATED_AMOUNT)
)


def charge(
    due: date, nominal: str, *, updated: str | None = None, line_asks: str | None = None, pix_asks: str | None = None
) -> Invoice:
    """An invoice whose codes ask for those amounts; `open` stands for a code that leaves it open, None for no code."""
    asks = {"open": None}
    return invoice(
        due,
        nominal,
        updated_amount=Decimal(updated) if updated else None,
        codes=Codes(
            linha_digitavel=line(due, "0" if line_asks == "open" else line_asks) if line_asks else None,
            pix=pix_code(asks.get(pix_asks, pix_asks)) if pix_asks else None,
        ),
    )


def said(verdict: Verdict, overdue: bool) -> Mapping[str, Mapping[str, str]]:
    """The responses of the first message, and what they are given."""
    (first, *_) = messages(InvoiceChoice(verdict.invoice, overdue, 0), verdict, Payee(), MediaUrls())
    assert isinstance(first, Text)
    return {said.response.removeprefix("utter_segunda_via_"): said.values for said in first.lines}


# due, nominal, updated, line, Pix -> what fails; what is told; what is said of the codes
CASES = {
    "the line without the additions": (
        (LATE, "350", "358.40", "350", "358.40"), NOTHING, "358.40", {"linha_digitavel_shows_less": "R$ 350,00"}),
    "the Pix without the additions": (
        (LATE, "350", "358.40", "358.40", "350"), NOTHING, "358.40", {"pix_shows_less": "R$ 350,00"}),
    "neither with the additions": (
        (LATE, "350", "358.40", "352", "350"), NOTHING, "358.40", {"codes_show_less": "R$ 350,00"}),
    "a Pix that asks for 24 % more than the updated amount": (
        (LATE, "420", "436.80", "420", "541.63"), PIX, "", {}),
    "a line that does": ((LATE, "420", "436.80", "541.63", "436.80"), LINE, "", {}),
    "grown in the line alone": ((LATE, "5.10", None, "5.40", None), NOTHING, "5.40", {}),
    "grown in the Pix alone": (
        (LATE, "100", None, "100", "112"), NOTHING, "112", {"linha_digitavel_shows_less": "R$ 100,00"}),
    "grown in both": (
        (LATE, "100", None, "110", "112"), NOTHING, "112", {"linha_digitavel_shows_less": "R$ 110,00"}),
    "grown nowhere": ((LATE, "100", None, "100", "100"), NOTHING, "100", {}),
    "computed ten centavos later": (
        (LATE, "10", "10.40", "10.50", "10.40"), NOTHING, "10.50", {"pix_shows_less": "R$ 10,40"}),
    "computed eleven centavos later": ((LATE, "10", "10.40", "10.51", "10.40"), LINE, "", {}),
    "computed a day later": (
        (LATE, "1000", "1040", "1042.08", "1040"), NOTHING, "1042.08", {"pix_shows_less": "R$ 1.040,00"}),
    "computed two days later": ((LATE, "1000", "1040", "1042.09", "1040"), LINE, "", {}),
    "an updated amount of ten times the nominal": ((LATE, "100", "1000", "100", "100"), UPDATED, "", {}),
    "an updated amount below the nominal": ((LATE, "100", "99.99", "100", "100"), UPDATED, "", {}),
    "a smaller invoice's line": ((LATE, "350", None, "35", "350"), LINE, "", {}),
    "a smaller invoice's Pix": ((LATE, "350", "358.40", "350", "349.99"), PIX, "", {}),
    "a code beyond what can have grown": ((LATE, "100", None, "100", "131.01"), PIX, "", {}),
    "both codes leave it open": ((LATE, "100", None, "open", "open"), NOTHING, "100", {"check_amount": None}),
    "one code leaves it open": ((LATE, "100", "104", "104", "open"), NOTHING, "104", {"check_amount": None}),
    "before the due date": ((AHEAD, "100", None, "100", "100"), NOTHING, "100", {}),
    "a stated discount, in both codes": (
        (AHEAD, "100", "70", "70", "70"), NOTHING, "100", {"discount": "R$ 70,00"}),
    "a stated discount, in no code": (
        (AHEAD, "100", "95", "100", "100"), NOTHING, "100", {"discount": "R$ 95,00"}),
    "a stated discount, and more in a code": ((AHEAD, "100", "95", "100", "94.99"), PIX, "", {}),
    "a stated discount, and less in a code": (
        (AHEAD, "100", "95", "100", "97"), NOTHING, "100", {"discount": "R$ 97,00"}),
    "a small discount that nobody stated": (
        (AHEAD, "100", None, "100", "80"), NOTHING, "100", {"discount": "R$ 80,00"}),
    "two small discounts": ((AHEAD, "100", None, "90", "85"), NOTHING, "100", {"discount": "R$ 90,00"}),
    "a large discount that nobody stated": ((AHEAD, "100", None, "100", "79.99"), PIX, "", {}),
    "a smaller invoice's line before the due date": ((AHEAD, "350", None, "35", None), LINE, "", {}),
    "a centavo more before the due date": ((AHEAD, "100", None, "100.01", "100"), LINE, "", {}),
    "an updated amount before the due date": ((AHEAD, "100", "100.01", "100", "100"), UPDATED, "", {}),
    "a discount of everything": ((AHEAD, "100", "0.00", "100", "100"), UPDATED, "", {}),
    "before the due date, and open": ((AHEAD, "100", None, "100", "open"), NOTHING, "100", {"check_amount": None}),
}  # fmt: skip
HEADLINES = {"invoice_overdue_updated", "invoice_overdue", "invoice_next_due"}
BESIDE = {"beneficiary", "link", "codes_follow", "pix_follows", "linha_digitavel_follows"}


@pytest.mark.parametrize("what", CASES)
def test_one_amount_is_told_and_what_the_codes_show_beside_it(what: str) -> None:
    (due, nominal, updated, line_asks, pix_asks), expected, told, remarks = CASES[what]
    asked = charge(due, nominal, updated=updated, line_asks=line_asks, pix_asks=pix_asks)
    verdict = examine(asked, TODAY)
    assert set(verdict.failures) == expected
    if expected:
        return
    assert verdict.invoice.amount_due == Decimal(told)
    lines = said(verdict, overdue=due == LATE)
    (headline,) = HEADLINES & lines.keys()
    assert lines[headline]["valor"].replace(".", "").replace(",", ".") == f"R$ {Decimal(told):.2f}"
    given = {name: next(iter(values.values()), None) for name, values in lines.items() if name not in BESIDE}
    assert {name: value for name, value in given.items() if name != headline} == remarks


def test_a_smaller_bound_for_discounts_is_the_operators() -> None:
    asked = charge(AHEAD, "100", line_asks="90", pix_asks="100")
    assert not examine(asked, TODAY).failures
    assert examine(asked, TODAY, bounds=Bounds(max_discount=Decimal("0.05"))).failures == (Failure.LINE_AMOUNT,)


REISSUED = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("due", "in_line", "amount", "accepted"),
    [
        (LATE, REISSUED, "100", True),
        (LATE, REISSUED, "106.10", True),
        (LATE, REISSUED, "131", True),
        (LATE, REISSUED, "131.01", False),
        (LATE, REISSUED, "99.99", False),
        (LATE, REISSUED, "0", False),  # nothing ties it to this invoice
        (LATE, date(2026, 11, 2), "100", False),
        (AHEAD, date(2026, 12, 11), "100", False),
        (date(2026, 11, 21), REISSUED, "100", False),  # fell due on a Saturday, and today is Monday
    ],
)
def test_a_later_due_date_in_the_line_is_a_reissue_of_an_overdue_boleto(
    due: date, in_line: date, amount: str, accepted: bool
) -> None:
    asked = invoice(due, "100", codes=Codes(linha_digitavel=line(in_line, amount)))
    verdict = examine(asked, TODAY)
    assert (verdict.failures == ()) is accepted
    if accepted:
        assert verdict.reissued == in_line
        assert verdict.invoice.due_date == due, "the invoice is still the one that fell due then"
        assert said(verdict, overdue=True)["reissued"] == {"novo_vencimento": "30/11/2026"}
    else:
        assert Failure.LINE_DUE_DATE in verdict.failures or Failure.LINE_AMOUNT in verdict.failures


@pytest.mark.parametrize("left_out", [Item.PIX, Item.LINHA_DIGITAVEL])
def test_what_is_not_sent_is_not_told(left_out: Item) -> None:
    confirmed = Payee(bank_code="461") if left_out is Item.PIX else Payee(psp_host="pix.asaas.com")
    more = {"pix_asks" if left_out is Item.PIX else "line_asks": "112"}
    asked = charge(LATE, "100", **{"pix_asks": "100", "line_asks": "100", **more})
    assert examine(asked, TODAY, payee=confirmed).invoice.amount_due == 100


cents = st.integers(1, 500_000).map(lambda number: Decimal(number).scaleb(-2))
factors = st.one_of(st.none(), st.just(Decimal(1)), st.decimals("0.05", "1.6", places=4))


@st.composite
def charges(draw: st.DrawFn) -> Invoice:
    """Any invoice, with codes that ask for something near its amount, or for nothing."""
    nominal, due = draw(cents), TODAY + timedelta(days=draw(st.integers(-400, 40)))

    def near() -> Decimal | None:
        factor = draw(factors)
        return None if factor is None else max((nominal * factor).quantize(Decimal("0.01")), Decimal("0.01"))

    line_asks, pix_asks = near(), near()
    return invoice(
        due,
        str(nominal),
        updated_amount=near(),
        codes=Codes(
            linha_digitavel=line(due, str(line_asks or 0)) if draw(st.booleans()) else None,
            pix=pix_code(str(pix_asks) if pix_asks else None) if draw(st.booleans()) else None,
        ),
    )


@given(charges())
def test_nothing_that_is_sent_asks_for_more_than_is_told(asked: Invoice) -> None:
    verdict = examine(asked, TODAY)
    assume(not verdict.failures)
    overdue, told = is_overdue(asked.due_date, TODAY), verdict.invoice.amount_due
    charged = [amount for amount in verdict.asked.values() if amount is not None]
    lines = said(verdict, overdue)
    assert all(amount <= told for amount in charged)
    assert asked.amount <= told <= Bounds().highest(asked, TODAY)
    assert ("check_amount" in lines) is (None in verdict.asked.values())
    if overdue:
        assert all(amount >= asked.amount for amount in charged)
        assert any("less" in name for name in lines) is any(amount < told for amount in charged)
        assert told in {asked.amount, asked.updated_amount, *charged}, "nothing is made up"
        assert verdict.discounted is None
    else:
        assert told == asked.amount
        lowest = asked.updated_amount if asked.updated_amount not in {None, told} else told * Decimal("0.8")
        assert all(amount >= lowest for amount in charged)
        assert ("discount" in lines) is (verdict.discounted is not None)
        lower = [amount for amount in charged if amount < told]
        assert verdict.discounted == (max(lower) if lower else verdict.discounted)


@given(charges())
def test_examining_again_says_the_same(asked: Invoice) -> None:
    verdict = examine(asked, TODAY)
    assume(not verdict.failures and verdict.discounted is None)
    again = examine(verdict.invoice, TODAY)
    assert (again.failures, again.invoice) == ((), verdict.invoice)


@given(charges(), st.decimals("1.0001", "20", places=4))
def test_an_amount_beyond_what_can_have_grown_is_never_believed(asked: Invoice, times: Decimal) -> None:
    beyond = (Bounds().highest(asked, TODAY) * times).quantize(Decimal("0.01")) + Decimal("0.01")
    assert examine(replace(asked, updated_amount=beyond), TODAY).failures
    with_pix = replace(asked, codes=replace(asked.codes, pix=pix_code(str(beyond))))
    assert Failure.PIX_AMOUNT in examine(with_pix, TODAY).failures


def test_a_fifth_is_the_discount_that_nobody_has_to_state() -> None:
    assert amounts.of_codes(invoice(AHEAD, "100"), TODAY, Bounds()).lowest == 80
