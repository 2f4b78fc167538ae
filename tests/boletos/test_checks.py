"""What must hold before anything is sent: each check fails alone, and absences are told from contradictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from support.factories import PSP, RECEIVER, TODAY, examine, invoice, line, pix_code

from segunda_via.boletos import checks, pix
from segunda_via.boletos import linha_digitavel as boleto
from segunda_via.boletos.checks import Bounds, Failure, Item, Payee
from segunda_via.boletos.invoice import Codes, Invoice, Status

OVERDUE = date(2026, 9, 10)
DUE = date(2026, 12, 10)
KEY = "123e4567-e12b-12d1-a456-426655440000"
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


HALF_CONFIRMED = {
    "a Pix, when only a boleto was confirmed": (Payee(bank_code="461"), Item.PIX),
    "a Pix, when nothing holds the one that was confirmed": (Payee("461", RECEIVER), Item.PIX),
    "a boleto, when only a Pix was confirmed": (Payee(None, RECEIVER, PSP), Item.LINHA_DIGITAVEL),
}


@pytest.mark.parametrize("what", HALF_CONFIRMED)
def test_what_cannot_be_compared_with_the_confirmed_payee_is_left_out(what: str) -> None:
    payee, left_out = HALF_CONFIRMED[what]
    verdict = examine(invoice(), TODAY, payee=payee)
    assert (verdict.failures, verdict.missing, verdict.unconfirmed) == ((), {left_out}, {left_out})
    assert verdict.payee == Payee("461", RECEIVER, PSP), "who was read can be confirmed"
    sent = verdict.invoice.codes
    assert bool(sent.pix) is (left_out is not Item.PIX)
    assert bool(sent.linha_digitavel or sent.codigo_barras) is (left_out is not Item.LINHA_DIGITAVEL)


def test_a_utility_bill_has_no_bank_to_confirm() -> None:
    bill = "826800000000500012345673890123456786901234567898"
    asked = invoice(amount=str(boleto.amount(bill)), codes=Codes(linha_digitavel=bill))
    assert examine(asked, TODAY, payee=Payee(None, RECEIVER, PSP)).missing == {Item.PIX}
    assert failures(asked) == {Failure.PAYEE_BANK}, "where a bank was confirmed, it is another payee's"


def static(key: str = KEY, amount: str | None = "189.90", receiver: str = RECEIVER) -> str:
    return pix.make(receiver, "JOINVILLE", amount=Decimal(amount) if amount else None, key=key)


def composite(code: str, **templates: str) -> str:
    """That code with more templates, as in `t80`."""
    body = code[:-8] + "".join(f"{name[1:]}{len(value):02}{value}" for name, value in templates.items()) + "6304"
    return body + pix.crc(body)


def recurrence(host: str) -> str:
    url = f"{host}/rec/2353c790eefb11ea"
    return f"0014br.gov.bcb.pix25{len(url)}{url}"


DYNAMIC, STATIC = pix_code("189.90"), static()
AUTOMATIC = composite(DYNAMIC, t80=recurrence(PSP))
STATIC_AUTOMATIC = composite(STATIC, t80=recurrence(PSP))
ELSEWHERE = "pix.golpe.example"
PINNED = {
    # what was confirmed, what comes then, what fails
    "the same host": (DYNAMIC, pix_code("189.90"), set()),
    "another host": (DYNAMIC, pix_code("189.90", host=ELSEWHERE), {Failure.PAYEE_HOST}),
    "a key instead of a host": (DYNAMIC, STATIC, {Failure.PAYEE_HOST}),
    "the same key": (STATIC, static(), set()),
    "the same key, without an amount": (STATIC, static(amount=None), set()),
    "the same key in capitals": (STATIC, static(KEY.upper()), set()),
    "another key": (STATIC, static("123e4567-e12b-12d1-a456-426655440001"), {Failure.PAYEE_KEY}),
    "another key, without an amount": (STATIC, static("golpe@example.com", amount=None), {Failure.PAYEE_KEY}),
    "a host instead of a key": (STATIC, DYNAMIC, {Failure.PAYEE_KEY}),
    "a recurrence beside": (DYNAMIC, AUTOMATIC, set()),
    "a recurrence elsewhere": (DYNAMIC, composite(DYNAMIC, t80=recurrence(ELSEWHERE)), {Failure.PAYEE_HOST}),
    "a second recurrence elsewhere": (AUTOMATIC, composite(AUTOMATIC, t81=recurrence(ELSEWHERE)), {Failure.PAYEE_HOST}),
    "a key in a template": (DYNAMIC, composite(DYNAMIC, t90=f"0014br.gov.bcb.pix0136{KEY}"), {Failure.PAYEE_HOST}),
    "another key in a template": (STATIC, composite(STATIC, t90="0014br.gov.bcb.pix0105golpe"), {Failure.PAYEE_KEY}),
    "a host in a stranger's template": (DYNAMIC, composite(DYNAMIC, t95="0003abc0106a.io/1"),
                                        {Failure.PAYEE_HOST}),
    "a host deep in a template": (DYNAMIC, composite(DYNAMIC, t95="0003abc50140010a.example/x"), {Failure.PAYEE_HOST}),
    "a template of Pix's that cannot be read": (DYNAMIC, composite(DYNAMIC, t80="0014br.gov.bcb.pix0199golpe"),
                                                {Failure.PAYEE_ACCOUNT}),
    "a date in a template": (DYNAMIC, composite(DYNAMIC, t95="0003abc010711/2026"), set()),
    "another arrangement's account": (DYNAMIC, composite(DYNAMIC, t27="0011com.exemplo0105conta"),
                                      {Failure.PAYEE_ACCOUNT}),
    "a card's account": (DYNAMIC, composite(DYNAMIC, t04="5555444433332222"), {Failure.PAYEE_ACCOUNT}),
    "a recurrence nobody confirmed": (STATIC, STATIC_AUTOMATIC, {Failure.PAYEE_HOST}),
    "a recurrence that was confirmed": (STATIC_AUTOMATIC, STATIC_AUTOMATIC, set()),
    "a recurrence that is gone": (STATIC_AUTOMATIC, STATIC, set()),
    "a host where only a recurrence was": (STATIC_AUTOMATIC, DYNAMIC, {Failure.PAYEE_KEY}),
}  # fmt: skip


@pytest.mark.parametrize("what", PINNED)
def test_confirming_a_pix_holds_its_key_or_its_host_and_every_account_in_it(what: str) -> None:
    confirmed, code, expected = PINNED[what]
    payee = examine(with_codes(invoice(), pix=confirmed), TODAY).payee
    assert failures(with_codes(invoice(), pix=code), payee=payee) == expected


@pytest.mark.parametrize("account", ["26180014br.gov.bcb.pix", ""])
def test_a_recurrence_alone_is_no_way_to_pay_and_the_line_is_sent(account: str) -> None:
    body = f"000201{account}5204000053039865802BR5913{RECEIVER}6009JOINVILLE62070503***"
    alone = recurrence(ELSEWHERE)
    body += f"80{len(alone)}{alone}6304"
    verdict = examine(with_codes(invoice(), pix=body + pix.crc(body)), TODAY, payee=PAYEE)
    assert (verdict.failures, verdict.missing, verdict.invoice.codes.pix) == ((), {Item.PIX}, None)


def test_whom_an_invoice_pays_is_told_unless_another_check_fails() -> None:
    other = with_codes(invoice(), pix=pix_code("189.90", receiver="FULANO"))
    assert examine(other, TODAY, payee=PAYEE).payee == Payee("461", "FULANO", PSP)
    assert not examine(with_codes(other, pix=pix_code("900.00", receiver="FULANO")), TODAY).payee
    assert KEY not in repr(examine(with_codes(invoice(), pix=STATIC), TODAY).payee)


def test_the_receivers_name_is_compared_without_case_accents_and_doubled_spaces() -> None:
    assert failures(invoice(), Payee(pix_receiver="Emprésa  teste")) == set()


def test_a_dynamic_pix_without_amount_passes() -> None:
    verdict = examine(with_codes(invoice(), pix=pix_code(None)), TODAY, payee=PAYEE)
    assert (verdict.failures, verdict.asked[Item.PIX]) == ((), None)


def test_a_line_without_amount_or_due_date_passes() -> None:
    assert failures(with_codes(invoice(), linha_digitavel=line(None, "0"), codigo_barras=None)) == set()


def test_the_bounds_are_the_operators() -> None:
    bent = replace(invoice(OVERDUE), updated_amount=Decimal("230"))
    assert failures(bent) == set()
    assert failures(bent, bounds=Bounds(fine=Decimal("0.02"))) == {Failure.UPDATED_AMOUNT}


LINE, BARCODE = invoice().codes.linha_digitavel, invoice().codes.codigo_barras


@pytest.mark.parametrize(
    ("linha_digitavel", "codigo_barras"),
    [(LINE, BARCODE), (LINE, None), (None, BARCODE), (BARCODE, None), (None, LINE), (BARCODE, LINE), (LINE, LINE)],
)
def test_line_and_barcode_may_each_be_written_in_either_field(
    linha_digitavel: str | None, codigo_barras: str | None
) -> None:
    written = with_codes(invoice(), linha_digitavel=linha_digitavel, codigo_barras=codigo_barras)
    verdict = examine(written, TODAY, payee=PAYEE)
    assert (verdict.failures, verdict.invoice.codes) == ((), invoice().codes)


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
        ("https://www.asaas.com/i/1", Status.CLOSED, False),
        (None, Status.OPEN, False),
    ],
)
def test_without_codes_only_a_working_page_is_a_way_to_pay(link: str | None, status: Status, payable: bool) -> None:
    assert examine(replace(invoice(), codes=Codes(), payment_url=link, status=status), TODAY).payable is payable
