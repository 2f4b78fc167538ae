"""What is Asaas's alone: refusals, environments, the older pair of calls, and fields that the simulator never fills."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import httpx
import pytest

from segunda_via.boletos.documents import parse
from segunda_via.boletos.invoice import Listing, Status, Unreadable, choose
from segunda_via.errors import ConfigurationError, GatewayProtocolError, GatewayUnavailable, TokenRejected
from segunda_via.gateways.asaas.adapter import Asaas
from segunda_via.gateways.asaas.description import PRODUCTION, SANDBOX
from segunda_via.http.api_client import new_client

DOCUMENT = "24971563792"


async def listed(kit, key="overdue"):
    document = kit.document(key)
    return choose(await kit.gateway().open_invoices(document, kit.today), kit.today).invoice


@pytest.mark.parametrize("status", ["400", "403", "404"])
async def test_the_older_pair_stands_in_for_billing_info(asaas, status):
    asaas.order(status, path="billingInfo")
    charge = asaas.charge("overdue", 1)
    invoice = await asaas.gateway().with_codes(await listed(asaas), asaas.document("overdue"), asaas.today)
    assert (invoice.codes.linha_digitavel, invoice.codes.codigo_barras) == (charge.linha_digitavel, charge.barcode)
    assert invoice.codes.pix == charge.pix
    assert invoice.pdf_url


@pytest.mark.parametrize(
    ("key", "line", "code", "status"),
    [
        ("no_pix", True, False, Status.OPEN),
        ("pix_only", False, True, Status.OPEN),
        ("card", False, False, Status.OPEN),
        ("registering", False, False, Status.REGISTERING),
    ],
)
async def test_the_pair_tells_what_does_not_exist(asaas, key, line, code, status):
    asaas.order("404", path="billingInfo")
    invoice = await asaas.gateway().with_codes(await listed(asaas, key), asaas.document(key), asaas.today)
    assert (bool(invoice.codes.linha_digitavel), bool(invoice.codes.pix), invoice.status) == (line, code, status)


@pytest.mark.parametrize("status", ["400", "403", "404", "409", "422"])
async def test_any_refusal_of_the_pix_means_no_pix(asaas, status):
    asaas.order("404", path="billingInfo")
    asaas.order(status, path="pixQrCode")
    invoice = await asaas.gateway().with_codes(await listed(asaas), asaas.document("overdue"), asaas.today)
    assert invoice.codes.pix is None
    assert invoice.codes.linha_digitavel


@pytest.mark.parametrize(("status", "expected"), [("500", GatewayUnavailable), ("401", TokenRejected)])
async def test_but_a_failure_of_the_pix_is_one(asaas, status, expected):
    asaas.order("404", path="billingInfo")
    asaas.order(status, path="pixQrCode")
    invoice, document = await listed(asaas), asaas.document("overdue")
    with pytest.raises(expected):
        await asaas.gateway().with_codes(invoice, document, asaas.today)


async def test_a_key_of_the_other_environment_says_so(asaas):
    with pytest.raises(TokenRejected, match="invalid_environment: the key is of Asaas's") as caught:
        await asaas.gateway(token="$aact_prod_000abc").check()
    assert "$aact" not in str(caught.value)


async def test_a_wrong_key_is_rejected(asaas):
    with pytest.raises(TokenRejected, match=r"HTTP 401 \(invalid_access_token\)"):
        await asaas.gateway(token="$aact_hmlg_000wrong").open_invoices(asaas.document("overdue"), asaas.today)


@pytest.mark.parametrize("status", ["403", "404"])
async def test_check_falls_back_to_a_call_that_every_key_may_make(asaas, status):
    asaas.order(status, path="commercialInfo")
    identity = await asaas.gateway().check()
    assert (identity.account, identity.environment) == (None, "sandbox")


async def test_a_key_that_may_not_even_list_is_rejected(asaas):
    asaas.order("403")
    with pytest.raises(TokenRejected):
        await asaas.gateway().check()


@pytest.mark.parametrize("status", ["400", "404"])
async def test_the_impossible_customer_may_be_refused(asaas, status):
    asaas.order(status, path="/payments")
    assert await asaas.gateway().open_invoices(asaas.document("unknown"), asaas.today) == Listing()


@pytest.mark.parametrize(("status", "expected"), [("500", GatewayUnavailable), ("403", TokenRejected)])
async def test_what_hinders_everybody_hinders_the_unknown_too(asaas, status, expected):
    asaas.order(status, path="/payments")
    for key in ("unknown", "up_to_date"):
        with pytest.raises(expected):
            await asaas.gateway().open_invoices(asaas.document(key), asaas.today)


async def test_a_refusal_for_somebody_known_is_not_taken_for_nothing_owed(asaas):
    asaas.order("400", path="/payments")
    with pytest.raises(GatewayProtocolError):
        await asaas.gateway().open_invoices(asaas.document("overdue"), asaas.today)


@pytest.mark.parametrize(
    ("credentials", "host", "environment"),
    [
        ({"token": "$aact_prod_x"}, "api.asaas.com", "production"),
        ({"token": "$aact_x"}, "api.asaas.com", "production"),
        ({"token": "$aact_hmlg_x"}, "api-sandbox.asaas.com", "sandbox"),
        ({"token": "$aact_x", "base_url": "https://sandbox.asaas.com/api/v3"}, "sandbox.asaas.com", "sandbox"),
        ({"token": "$aact_prod_x", "base_url": "https://proxy.example.com"}, "proxy.example.com", "production"),
        ({"token": "$aact_hmlg_x", "base_url": "https://proxy.example.com"}, "proxy.example.com", "sandbox"),
    ],
)
async def test_environment_and_hosts(credentials, host, environment):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"name": "Empresa"})

    gateway = Asaas(credentials, new_client(httpx.MockTransport(answer)))
    identity = await gateway.check()
    assert (identity.account, identity.environment, asked[0].host) == ("Empresa", environment, host)
    for hosts in (gateway.link_hosts, gateway.pdf_hosts):
        assert {"www.asaas.com", "sandbox.asaas.com"} <= hosts


def test_official_addresses():
    assert (PRODUCTION, SANDBOX) == ("https://api.asaas.com/v3", "https://api-sandbox.asaas.com/v3")


@pytest.mark.parametrize("credentials", [{}, {"token": " "}, {"token": "x", "base_url": "http://example.com"}])
def test_credentials_that_cannot_be_used(credentials):
    with pytest.raises(ConfigurationError):
        Asaas(credentials, new_client())


def page(*records: dict, more: object = False, total: int | None = None) -> dict:
    return {"object": "list", "hasMore": more, "totalCount": total, "limit": 100, "offset": 0, "data": list(records)}


def account(payments: list[dict], customers: list[dict] | None = None) -> Asaas:
    """An account that lists these charges, under whatever status they are asked for."""
    customers = customers or [{"id": "cus_1", "name": "Cliente", "cpfCnpj": DOCUMENT, "deleted": False}]

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params.get("limit") == "100"
        if request.url.path.endswith("/customers"):
            return httpx.Response(200, json=page(*customers))
        return httpx.Response(200, json=page(*payments))

    return Asaas({"token": "$aact_x"}, new_client(httpx.MockTransport(answer)))


def payment(**fields: object) -> dict:
    return {
        "id": "pay_1", "customer": "cus_1", "value": 100, "originalValue": None, "interestValue": None,
        "status": "OVERDUE", "dueDate": "2026-11-10", "invoiceNumber": "15924715", "deleted": False, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "amount", "updated"),
    [
        ({}, "100.00", None),
        ({"interestValue": 2.43}, "100.00", "102.43"),
        ({"interestValue": 0}, "100.00", None),
        ({"value": 102.43, "originalValue": 100}, "100.00", "102.43"),
        ({"value": 102.43, "originalValue": 100, "interestValue": 2.43}, "100.00", "102.43"),
        ({"interestValue": 2.43, "dueDate": "2026-11-21"}, "100.00", None),
        ({"interestValue": 2.43, "dueDate": "2026-11-30", "status": "PENDING"}, "100.00", None),
        ({"value": 0.1, "interestValue": 0.2}, "0.10", "0.30"),
    ],
)
async def test_amounts(asaas, fields, amount, updated):
    (invoice,) = (await account([payment(**fields)]).open_invoices(parse(DOCUMENT), asaas.today)).invoices
    assert invoice.amount == Decimal(amount)
    assert invoice.updated_amount == (None if updated is None else Decimal(updated))


FIVE_PERCENT = {"value": 5, "limitDate": None, "dueDateLimitDays": 0, "type": "PERCENTAGE"}


@pytest.mark.parametrize(
    ("due", "discount", "asked"),
    [
        ("2026-11-30", FIVE_PERCENT, "95.00"),
        ("2026-11-30", {**FIVE_PERCENT, "value": 9.99, "type": "FIXED"}, "90.01"),
        ("2026-11-30", {**FIVE_PERCENT, "dueDateLimitDays": 7}, "95.00"),
        ("2026-11-30", {**FIVE_PERCENT, "dueDateLimitDays": 8}, None),
        ("2026-11-30", {**FIVE_PERCENT, "limitDate": "2026-11-23"}, "95.00"),
        ("2026-11-30", {**FIVE_PERCENT, "limitDate": "2026-11-22"}, None),
        ("2026-11-21", FIVE_PERCENT, None),  # may still be paid today, a Monday, but not for less
        ("2026-11-10", FIVE_PERCENT, None),
        ("2026-11-30", {**FIVE_PERCENT, "value": 0}, None),
        ("2026-11-30", {**FIVE_PERCENT, "value": 100}, None),
        ("2026-11-30", {**FIVE_PERCENT, "value": "muito"}, None),
        ("2026-11-30", {**FIVE_PERCENT, "type": "OTHER"}, None),
        ("2026-11-30", {**FIVE_PERCENT, "limitDate": "amanhã"}, None),
        ("2026-11-30", "5%", None),
        ("2026-11-30", None, None),
    ],
)
async def test_a_discount_counts_until_its_day(asaas, due, discount, asked):
    listed = [payment(dueDate=due, status="PENDING", discount=discount)]
    (invoice,) = (await account(listed).open_invoices(parse(DOCUMENT), asaas.today)).invoices
    assert (invoice.amount, invoice.updated_amount) == (Decimal(100), Decimal(asked) if asked else None)


@pytest.mark.parametrize(
    "fields", [{"deleted": True}, {"status": "RECEIVED"}, {"status": "REFUNDED"}, {"customer": "cus_2"}]
)
async def test_charges_that_are_not_owed_are_left_out(asaas, fields):
    assert await account([payment(**fields)]).open_invoices(parse(DOCUMENT), asaas.today) == Listing()


@pytest.mark.parametrize(
    "customer", [{"cpfCnpj": "52998224725"}, {"deleted": True}, {"cpfCnpj": "x"}, {"cpfCnpj": "249715637920"}]
)
async def test_records_that_are_not_theirs_are_left_out(asaas, customer):
    record = {"id": "cus_1", "name": "Cliente", "cpfCnpj": DOCUMENT, "deleted": False, **customer}
    assert await account([payment()], [record]).open_invoices(parse(DOCUMENT), asaas.today) == Listing()


async def test_a_record_may_write_its_document_with_a_mask(asaas):
    record = {"id": "cus_1", "name": "Cliente", "cpfCnpj": "249.715.637-92", "deleted": False}
    assert len((await account([payment()], [record]).open_invoices(parse(DOCUMENT), asaas.today)).invoices) == 1


@pytest.mark.parametrize("field", ["id", "customer", "value", "status", "dueDate"])
async def test_a_charge_without_what_it_must_have_is_noted_by_name(asaas, field):
    broken = {key: value for key, value in payment().items() if key != field}
    other = payment(id="pay_2", dueDate="2026-12-10", status="PENDING")
    listing = await account([broken, other]).open_invoices(parse(DOCUMENT), asaas.today)
    assert [invoice.gateway_id for invoice in listing.invoices] == ["pay_2"]
    (noted,) = listing.unreadable
    assert noted.field == f"payments.data[].{field}"
    assert noted.due_date == (None if field == "dueDate" else date(2026, 11, 10))
    assert choose(listing, asaas.today) == noted


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "100.00"}, {"value": "100,00"}, {"value": "R$ 100,00"}, {"value": 1e2}, {"dueDate": "10/11/2026"},
        {"dueDate": "2026-11-10 00:00:00"}, {"dueDate": "2026-11-10T03:00:00.000Z"}, {"deleted": "false"},
        {"invoiceNumber": 15924715}, {"interestValue": "0,00"}, {"invoiceUrl": 7}, {"bankSlipUrl": "a\x00b"},
    ],
)  # fmt: skip
async def test_every_writing_that_can_mean_one_thing_is_read(asaas, fields):
    (invoice,) = (await account([payment(**fields)]).open_invoices(parse(DOCUMENT), asaas.today)).invoices
    assert (invoice.amount, invoice.due_date, invoice.number) == (Decimal("100.00"), date(2026, 11, 10), "15924715")


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"invoiceNumber": None}, "1"), ({"invoiceNumber": ""}, "1"), ({"invoiceNumber": ["x"]}, "1"),
        ({"invoiceNumber": "x" * 900}, "1"), ({"invoiceNumber": None, "nossoNumero": "12745149"}, "12745149"),
        ({"invoiceNumber": "15\x0092\n47"}, "15 92 47"),
    ],
)  # fmt: skip
async def test_a_charge_without_a_number_is_known_by_another(asaas, fields, number):
    (invoice,) = (await account([payment(**fields)]).open_invoices(parse(DOCUMENT), asaas.today)).invoices
    assert invoice.number == number


async def test_a_charge_listed_twice_with_contradictions_cannot_be_read(asaas):
    twice = [payment(), payment(value=1000)]
    listing = await account(twice).open_invoices(parse(DOCUMENT), asaas.today)
    noted = Unreadable("listed twice, with contradictions", date(2026, 11, 10), "pay_1")
    assert listing == Listing(unreadable=(noted,))


async def test_a_customer_who_cannot_be_read_may_hide_an_invoice(asaas):
    customers = [{"id": "cus_1", "name": "Cliente", "cpfCnpj": DOCUMENT}, {"id": "cus/2", "cpfCnpj": DOCUMENT}]
    listing = await account([payment()], customers).open_invoices(parse(DOCUMENT), asaas.today)
    assert choose(listing, asaas.today) == Unreadable("customers.data[].id")


def pages(records: list[dict], *, size: int, total: bool, admits: bool = True) -> tuple[Asaas, list[str]]:
    """An account that gives so many at once, whatever limit is asked for."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/customers"):
            return httpx.Response(200, json=page({"id": "cus_1", "name": None, "cpfCnpj": DOCUMENT}))
        offset = int(request.url.params["offset"])
        asked.append(request.url.params["offset"])
        part = records[offset : offset + size] if request.url.params["status"] == "PENDING" else []
        more = admits and offset + size < len(records) and bool(part)
        return httpx.Response(200, json=page(*part, more=more, total=(len(records) if part else 0) if total else None))

    return Asaas({"token": "$aact_x"}, new_client(httpx.MockTransport(answer))), asked


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 95])
async def test_paging_sees_every_charge_once(asaas, count, total):
    records = [payment(id=f"pay_{i}", status="PENDING") for i in range(count)]
    gateway, asked = pages(records, size=30, total=total)
    invoices = (await gateway.open_invoices(parse(DOCUMENT), asaas.today)).invoices
    assert sorted(invoice.gateway_id for invoice in invoices) == sorted(record["id"] for record in records)
    assert len(asked) == 2 + max(1, -(-count // 30))


@pytest.mark.parametrize("records", [[], [{"id": "cus_1", "cpfCnpj": DOCUMENT}], [None], [{}, {}]])
@pytest.mark.parametrize("total", [None, 0, 1, 5, 10**6])
async def test_a_listing_without_an_end_is_given_up(asaas, records, total):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=page(*records, more=True, total=total))

    gateway = Asaas({"token": "$aact_x"}, new_client(httpx.MockTransport(answer)))
    with pytest.raises(GatewayProtocolError, match="without an end"):
        await gateway.open_invoices(parse(DOCUMENT), asaas.today)
    assert len(asked) <= 10


async def test_a_total_that_is_far_from_what_is_given_is_not_taken_for_all(asaas):
    body = page({"id": "cus_1", "cpfCnpj": DOCUMENT}, total=10**6)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    gateway = Asaas({"token": "$aact_x"}, new_client(transport))
    with pytest.raises(GatewayProtocolError, match="without an end"):
        await gateway.open_invoices(parse(DOCUMENT), asaas.today)


async def test_a_total_counts_for_more_than_a_flag_that_denies_it(asaas):
    records = [payment(id=f"pay_{i}", status="PENDING") for i in range(50)]
    gateway, _ = pages(records, size=30, total=True, admits=False)
    assert len((await gateway.open_invoices(parse(DOCUMENT), asaas.today)).invoices) == 50


@pytest.mark.parametrize(
    "info",
    [
        {"pix": {"payload": None}, "bankSlip": {"identificationField": None}},
        {"creditCard": None},
        {},
    ],
)
async def test_a_billing_info_that_leaves_it_open_is_completed_by_the_pair(asaas, info):
    answers = {
        "billingInfo": info,
        "identificationField": {"identificationField": "line", "barCode": "bars"},
        "pixQrCode": {"success": True, "payload": "code"},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path.rsplit("/", 1)[1]])

    gateway = Asaas({"token": "$aact_x"}, new_client(httpx.MockTransport(answer)))
    invoice = await gateway.with_codes(await listed(asaas), parse(DOCUMENT), asaas.today)
    assert (invoice.codes.linha_digitavel, invoice.codes.codigo_barras, invoice.codes.pix) == ("line", "bars", "code")
