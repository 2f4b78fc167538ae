"""What must hold before anything is sent: each check fails alone, and absences are told from contradictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.factories import PSP, RECEIVER, TODAY, examine, invoice, line, pix_code

from segunda_via import boleto, checks
from segunda_via.checks import Bounds, Failure, Item, Payee
from segunda_via.invoices import Codes, Invoice, Status

OVERDUE = date(2026, 9, 10)
DUE = date(2026, 12, 10)
PAYEE = Payee(bank_code="461", pix_receiver=RECEIVER, psp_host=PSP)


def with_codes(base: Invoice, **codes: str | None) -> Invoice:
    return replace(base, codes=replace(base.codes, **codes))


def failures(bent: Invoice, payee: Payee = PAYEE, bounds: Bounds = Bounds()) -> set[Failure]:
    return set(examine(bent, TODAY, payee=payee, bounds=bounds).failures)


def test_an_honest_invoice_passes_whole() -> None:
    verdict = examine(invoice(), TODAY, payee=PAYEE)
    assert (verdict.failures, verdict.missing, verdict.payable) == ((), frozenset(), True)
    assert verdict.invoice == invoice()


def test_an_unconfirmed_payee_lets_any_through() -> None:
    assert failures(invoice(), payee=Payee()) == set()


def bend(code: str, position: int) -> str:
    return code[:position] + str((int(code[position]) + 1) % 10) + code[position + 1 :]


BENT = {
    "a digit in the line": (with_codes(invoice(), linha_digitavel=bend(invoice().codes.linha_digitavel or "", 7)),
                            {Failure.LINE_CHECK_DIGITS}),
    "a line cut short": (with_codes(invoice(), linha_digitavel="461"), {Failure.LINE_CHECK_DIGITS}),
    "a digit of the barcode": (with_codes(invoice(), codigo_barras=bend(invoice().codes.codigo_barras or "", 30)),
                               {Failure.BARCODE_CHECK_DIGITS}),
    "another boleto's barcode": (
        with_codes(invoice(), codigo_barras=boleto.make_barcode("461", DUE, Decimal("189.90"), "2" * 25)),
        {Failure.LINE_AND_BARCODE}),
    "another amount in the line": (with_codes(invoice(), linha_digitavel=line(DUE, "1899.00"),
                                              codigo_barras=None), {Failure.LINE_AMOUNT}),
    "a cent less in the line": (with_codes(invoice(), linha_digitavel=line(DUE, "189.89"),
                                           codigo_barras=None), {Failure.LINE_AMOUNT}),
    "another due date in the line": (with_codes(invoice(), linha_digitavel=line(date(2026, 12, 11), "189.90"),
                                                codigo_barras=None), {Failure.LINE_DUE_DATE}),
    "another bank": (with_codes(invoice(), linha_digitavel=line(DUE, "189.90", bank="341"),
                                codigo_barras=None), {Failure.PAYEE_BANK}),
    "a letter of the Pix": (with_codes(invoice(), pix=pix_code("189.90").replace("JOINVILLE", "JOINVILLA")),
                            {Failure.PIX_MALFORMED}),
    "a Pix cut short": (with_codes(invoice(), pix=pix_code("189.90")[:-8]), {Failure.PIX_MALFORMED}),
    "another amount in the Pix": (with_codes(invoice(), pix=pix_code("18.99")), {Failure.PIX_AMOUNT}),
    "another receiver": (with_codes(invoice(), pix=pix_code("189.90", receiver="FULANO GOLPISTA")),
                         {Failure.PAYEE_RECEIVER}),
    "another PSP": (with_codes(invoice(), pix=pix_code("189.90", host="pix.golpe.example")), {Failure.PAYEE_HOST}),
    "an updated amount before the due date": (replace(invoice(), updated_amount=Decimal("250")),
                                              {Failure.UPDATED_AMOUNT}),
    "an updated amount beyond the bounds": (replace(invoice(OVERDUE), updated_amount=Decimal("300")),
                                            {Failure.UPDATED_AMOUNT}),
    "an updated amount below the nominal": (replace(invoice(OVERDUE), updated_amount=Decimal("100")),
                                            {Failure.UPDATED_AMOUNT}),
}  # fmt: skip


@pytest.mark.parametrize("what", BENT)
def test_each_contradiction_is_found(what: str) -> None:
    bent, expected = BENT[what]
    assert failures(bent) == expected


def test_the_receivers_name_is_compared_without_case_accents_and_doubled_spaces() -> None:
    assert failures(invoice(), Payee(pix_receiver="Emprésa  teste")) == set()


def test_a_dynamic_pix_without_amount_passes() -> None:
    assert failures(with_codes(invoice(), pix=pix_code(None))) == set()


def test_a_line_without_amount_or_due_date_passes() -> None:
    assert failures(with_codes(invoice(), linha_digitavel=line(None, "0"), codigo_barras=None)) == set()


@pytest.mark.parametrize(
    ("grown", "allowed"), [("189.90", True), ("252.56", True), ("252.57", False), ("189.89", False)]
)
def test_an_overdue_amount_may_have_grown_within_the_bounds(grown: str, allowed: bool) -> None:
    # 74 days late: three months begun, so 189.90 × (1 + 0.30 + 0.03) = 252.567
    bent = with_codes(invoice(OVERDUE), linha_digitavel=line(OVERDUE, grown), codigo_barras=None, pix=None)
    assert (failures(bent) == set()) is allowed


def test_what_an_overdue_pix_asks_for_is_the_updated_amount_where_nothing_else_is() -> None:
    grown = with_codes(invoice(OVERDUE), pix=pix_code("195.50"))
    assert examine(grown, TODAY).invoice.amount_due == Decimal("195.50")
    told = replace(grown, updated_amount=Decimal("196.00"))
    assert examine(told, TODAY).invoice.amount_due == Decimal("196.00")
    assert examine(invoice(OVERDUE), TODAY).invoice.updated_amount is None


def test_the_bounds_are_the_operators() -> None:
    bent = replace(invoice(OVERDUE), updated_amount=Decimal("230"))
    assert failures(bent) == set()
    assert failures(bent, bounds=Bounds(fine=Decimal("0.02"))) == {Failure.UPDATED_AMOUNT}


def test_the_line_is_derived_from_the_barcode_and_the_other_way_round() -> None:
    only_barcode = examine(with_codes(invoice(), linha_digitavel=None), TODAY)
    only_line = examine(with_codes(invoice(), codigo_barras=None), TODAY)
    barcode_as_line = examine(
        with_codes(invoice(), linha_digitavel=invoice().codes.codigo_barras, codigo_barras=None), TODAY
    )
    assert only_barcode.invoice.codes == only_line.invoice.codes == barcode_as_line.invoice.codes == invoice().codes


def test_formatted_lines_are_compacted() -> None:
    written = boleto.format(invoice().codes.linha_digitavel or "")
    assert examine(with_codes(invoice(), linha_digitavel=written), TODAY).invoice == invoice()


@pytest.mark.parametrize(
    ("url", "shown", "untrusted"),
    [
        ("https://www.asaas.com/i/1", True, None),
        ("https://golpe.example/i/asaas.com", False, "golpe.example"),
        ("http://www.asaas.com/i/1", False, None),
        (None, False, None),
    ],
)
def test_a_link_to_another_host_is_left_out_and_named(url: str | None, shown: bool, untrusted: str | None) -> None:
    verdict = examine(replace(invoice(), payment_url=url), TODAY)
    assert (Item.LINK not in verdict.missing, verdict.invoice.payment_url) == (shown, url if shown else None)
    assert verdict.failures == (), "a link that is not shown is an absence, not a contradiction"
    assert verdict.untrusted_host == untrusted


def test_without_known_hosts_no_link_is_shown() -> None:
    assert Item.LINK in checks.examine(invoice(), TODAY).missing


def test_what_is_absent_is_missing_and_the_rest_can_be_paid() -> None:
    verdict = examine(with_codes(invoice(), pix=None), TODAY)
    assert (verdict.missing, verdict.payable) == (frozenset({Item.PIX}), True)


@pytest.mark.parametrize(
    ("link", "status", "payable"),
    [
        ("https://www.asaas.com/i/1", Status.OPEN, True),
        ("https://www.asaas.com/i/1", Status.REGISTERING, False),
        (None, Status.OPEN, False),
    ],
)
def test_without_codes_only_a_working_page_is_a_way_to_pay(link: str | None, status: Status, payable: bool) -> None:
    assert examine(replace(invoice(), codes=Codes(), payment_url=link, status=status), TODAY).payable is payable
