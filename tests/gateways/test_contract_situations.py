"""What every adapter makes of every situation of the sandbox, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx
import pypdfium2
import pytest
import zxingcpp

from sandbox.personas import MANY
from segunda_via.boletos import linha_digitavel, pix
from segunda_via.boletos.invoice import Invoice, Listing, Status, choose
from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.errors import ConfigurationError, MediaRefused
from segunda_via.media.gateway_pdf import PdfReader
from segunda_via.media.slip import Slip

PAYABLE = [
    "overdue", "next_due", "no_pix", "pix_only", "undefined", "several_records", "dunning", "cnpj",
    "alphanumeric_cnpj", "weekend", "many", "pdf_html", "pdf_missing",
    "pdf_stub", "pdf_other",
]  # fmt: skip


async def deliver(kit, key: str) -> tuple[Invoice, bool, int]:
    """What the use case does: find, choose, fetch the codes."""
    gateway, document = kit.gateway(), kit.document(key)
    choice = choose(await gateway.open_invoices(document, kit.today), kit.today)
    assert choice is not None
    return await gateway.with_codes(choice.invoice, document, kit.today), choice.overdue, choice.others


def told_to_pay(kit, charge) -> Decimal:
    """What is owed today, where the gateway says; else the nominal amount, which the delivery adds a note to."""
    says = kit.capabilities["updated_amount"]
    return charge.amount + charge.interest if says and charge.interest else charge.amount


async def test_a_complete_overdue_delivery(kit):
    invoice, overdue, others = await deliver(kit, "overdue")
    charge = kit.charge("overdue", 1)
    assert (overdue, others) == (True, 2)
    assert invoice.number == charge.number
    assert invoice.due_date == charge.due_date == date(2026, 11, 11)
    assert invoice.amount == Decimal("350.00")
    assert invoice.amount_due == told_to_pay(kit, charge)
    assert invoice.codes.linha_digitavel == charge.linha_digitavel
    assert invoice.codes.codigo_barras in {charge.barcode, None}
    assert invoice.codes.pix == charge.pix
    assert invoice.status is Status.OPEN
    assert invoice.payer == kit.persona("overdue").registrations[0].name
    assert invoice.payment_url.startswith(kit.sandbox.base_url)


@pytest.mark.parametrize("key", PAYABLE)
async def test_codes_are_those_of_the_charge(kit, key):
    invoice, _, _ = await deliver(kit, key)
    charge = next(charge for charge in kit.persona(key).charges if charge.number == invoice.number)
    assert invoice.amount == charge.amount
    assert invoice.due_date == charge.due_date
    assert invoice.codes.pix == charge.pix
    assert invoice.codes.linha_digitavel == charge.linha_digitavel
    if charge.linha_digitavel:
        assert linha_digitavel.amount(invoice.codes.linha_digitavel) == invoice.amount
        assert linha_digitavel.due_date(invoice.codes.linha_digitavel, kit.today) == invoice.due_date
    if charge.pix:
        assert pix.parse(invoice.codes.pix).amount == charge.amount + (charge.interest or 0)
    assert invoice.amount_due == told_to_pay(kit, charge)


@pytest.mark.parametrize("key", ["up_to_date", "unknown"])
async def test_nothing_to_send(kit, key):
    assert await kit.gateway().open_invoices(kit.document(key), kit.today) == Listing()


async def test_next_due_comes_first_when_nothing_is_overdue(kit):
    invoice, overdue, others = await deliver(kit, "next_due")
    assert (invoice.due_date, overdue, others) == (date(2026, 11, 28), False, 1)
    assert invoice.amount == Decimal("129.90")
    assert invoice.updated_amount is None


async def test_no_pix_is_none_and_not_a_failure(kit):
    invoice, _, _ = await deliver(kit, "no_pix")
    assert invoice.codes.pix is None
    assert invoice.codes.linha_digitavel


async def test_pix_only_has_no_line_and_no_pdf(kit):
    invoice, _, _ = await deliver(kit, "pix_only")
    assert (invoice.codes.linha_digitavel, invoice.codes.codigo_barras, invoice.pdf_url) == (None, None, None)
    assert invoice.codes.pix


async def test_a_boleto_without_codes_is_still_being_registered(kit):
    invoice, _, _ = await deliver(kit, "registering")
    assert not invoice.codes
    assert invoice.status is Status.REGISTERING


async def test_a_card_charge_has_no_codes(kit):
    invoice, _, _ = await deliver(kit, "card")
    assert not invoice.codes
    assert invoice.status is Status.OPEN


async def test_every_record_of_a_document_but_the_deleted_ones(kit):
    invoices = (await kit.gateway().open_invoices(kit.document("several_records"), kit.today)).invoices
    assert sorted(invoice.amount for invoice in invoices) == [Decimal("99.90"), Decimal("149.90")]


@pytest.mark.parametrize(
    ("key", "amount"),
    [("cnpj", "1234.56"), ("alphanumeric_cnpj", "890.10"), ("next_due", "129.90"), ("overdue", "350")],
)
async def test_amounts_are_exact_for_every_kind_of_document(kit, key, amount):
    invoice, _, _ = await deliver(kit, key)
    assert invoice.amount == Decimal(amount)
    assert invoice.amount.as_tuple().exponent == -2


async def test_due_on_a_saturday_is_not_overdue_on_the_monday(kit):
    invoice, overdue, _ = await deliver(kit, "weekend")
    assert (invoice.due_date, overdue, invoice.updated_amount) == (date(2026, 11, 21), False, None)


async def test_dunning_is_still_owed(kit):
    invoice, overdue, _ = await deliver(kit, "dunning")
    assert overdue
    assert invoice.amount_due == told_to_pay(kit, kit.charge("dunning"))


async def test_five_hundred_open_invoices_are_all_seen(kit):
    listing = await kit.gateway().open_invoices(kit.document("many"), kit.today)
    assert len({invoice.gateway_id for invoice in listing.invoices}) == len(listing.invoices) == MANY
    choice = choose(listing, kit.today)
    assert choice.invoice.number == kit.charge("many", 0).number
    assert choice.others == MANY - 1


async def test_the_pdf_is_a_pdf_of_a_host_that_the_adapter_names(kit):
    invoice, _, _ = await deliver(kit, "overdue")
    if not kit.capabilities["pdf"]:
        assert invoice.pdf_url is None
        return
    url = httpx.URL(invoice.pdf_url)
    assert trusting(kit, kit.gateway().pdf_hosts).trusts(url.host)
    answer = await kit.client.get(url)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert codes_on(await PdfReader().checked(answer.content, slip_of(invoice))) == {
        linha_digitavel.to_barcode(invoice.codes.linha_digitavel),
        invoice.codes.pix,
    }


@pytest.mark.parametrize("key", ["pdf_html", "pdf_stub", "pdf_other"])
async def test_a_pdf_that_is_none_or_of_another_boleto_is_refused(kit, key):
    if not kit.capabilities["pdf"]:
        return
    invoice, _, _ = await deliver(kit, key)
    answer = await kit.client.get(invoice.pdf_url)
    with pytest.raises(MediaRefused, match="of another boleto" if key == "pdf_other" else "not a PDF"):
        await PdfReader().checked(answer.content, slip_of(invoice))


def slip_of(invoice):
    codes = invoice.codes
    return Slip("any", invoice.number, invoice.due_date, invoice.amount, invoice.amount,
                linha_digitavel=codes.linha_digitavel, pix=codes.pix)  # fmt: skip


def codes_on(pdf):
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    return {barcode.text for barcode in zxingcpp.read_barcodes(picture)}


async def test_the_payment_link_leads_to_a_host_that_the_adapter_names(kit):
    invoice, _, _ = await deliver(kit, "overdue")
    assert trusting(kit, kit.gateway().link_hosts).accepts(invoice.payment_url)
    assert not trusting(kit, kit.gateway().link_hosts).accepts("https://golpe.example/i/1")


@pytest.mark.parametrize("field", ["link_hosts", "pdf_hosts"])
def test_operators_name_further_hosts(kit, field):
    assert "cdn.example.com" in getattr(kit.gateway(**{field: "https://CDN.example.com/x"}), field)
    assert "cdn.example.com" not in getattr(kit.gateway(), field)
    with pytest.raises(ConfigurationError, match=field):
        kit.gateway(**{field: "*.example.com"})


def trusting(kit, names):
    """As the composition root puts an account together."""
    return TrustedHosts(names, base_host=httpx.URL(kit.credentials["base_url"]).host)


@pytest.mark.parametrize("key", ["tampered_line", "tampered_pix", "tampered_amount", "wrong_payee"])
async def test_tampered_codes_come_through_as_they_are(kit, key):
    """Judging them is `checks`'s work; an adapter that mended or dropped them would hide the fraud."""
    invoice, _, _ = await deliver(kit, key)
    charge = kit.charge(key)
    assert (invoice.codes.linha_digitavel, invoice.codes.pix) == (charge.linha_digitavel, charge.pix)


async def test_codes_are_fetched_anew_each_time(kit):
    gateway, document = kit.gateway(), kit.document("overdue")
    invoice = choose(await gateway.open_invoices(document, kit.today), kit.today).invoice
    stale = replace(invoice, codes=replace(invoice.codes, pix="stale", linha_digitavel="stale"))
    assert (await gateway.with_codes(stale, document, kit.today)).codes.pix == kit.charge("overdue", 1).pix


async def test_check_says_who_answered(kit):
    identity = await kit.gateway().check()
    assert identity.account == kit.contract.account
    assert identity.environment in {"sandbox", "self-hosted"}
    assert len(kit.calls()) <= (2 if kit.contract.signs_in else 1)


async def test_capabilities_are_true(kit):
    complete, overdue, _ = await deliver(kit, "overdue")
    assert kit.capabilities["pix"] == bool(complete.codes.pix)
    assert kit.capabilities["pdf"] == bool(complete.pdf_url)
    assert kit.capabilities["updated_amount"] == (complete.updated_amount is not None)
    assert overdue
