"""What only Cobre Fácil does: its hour of session, its ways to say nothing, its two shapes, its dubious filter."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from support.alone import BASE, Alone, answer

from sandbox.cobre_facil import ISSUER, LIFETIME, CobreFacilSimulator
from sandbox.cobre_facil_objects import customer_id
from sandbox.personas import persona
from segunda_via.boletos.documents import parse
from segunda_via.boletos.invoice import Listing, Status, Unreadable, choose
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.cobre_facil.adapter import CobreFacil
from segunda_via.http.api_client import Retries
from segunda_via.http.api_sessions import ApiSessions, MemorySessionStore

TODAY = date(2026, 11, 23)
QUICK = Retries(attempts=2, attempt_timeout=0.5, wait_initial=0.01, wait_max=0.01, wait_jitter=0.0)
NOTHING = {"success": False, "message": "Nenhum resultado encontrado."}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Setup:
    """One adapter on one simulator."""

    def __init__(self, *, sessions=None, simulator=None, credentials=None, lie=lambda request: None, **options):
        self.seconds = 0.0
        self.simulator = simulator or CobreFacilSimulator(lambda: TODAY, seconds=lambda: self.seconds, **options)
        self.transport = Alone(self.simulator, lie)
        self.credentials = credentials if credentials is not None else self.simulator.credentials(BASE)
        self.gateway = CobreFacil(self.credentials, self.transport.client(), sessions=sessions, retries=QUICK)

    def document(self, key):
        return parse(persona(key, TODAY, ISSUER).document)

    def charges(self, key):
        return list(persona(key, TODAY, ISSUER).charges)

    async def listing(self, key="overdue"):
        return await self.gateway.open_invoices(self.document(key), TODAY)

    async def open_invoices(self, key="overdue"):
        """Those that can be read, where that is all of them."""
        listing = await self.listing(key)
        assert not listing.unreadable
        return list(listing.invoices)

    async def first(self, key="overdue"):
        """The one to send."""
        return choose(await self.listing(key), TODAY).invoice

    async def deliver(self, key="overdue"):
        invoice = await self.first(key)
        return await self.gateway.with_codes(invoice, self.document(key), TODAY)


# the session


async def test_signs_in_once_for_everything():
    cobre = Setup()
    await cobre.deliver()
    await cobre.deliver("next_due")
    assert cobre.simulator.sign_ins == 1


async def test_a_session_is_renewed_after_its_hour():
    clock = Clock()
    cobre = Setup(sessions=ApiSessions(now=clock))
    await cobre.deliver()
    clock.pass_by(LIFETIME)
    cobre.seconds += LIFETIME
    assert (await cobre.deliver()).codes
    assert cobre.simulator.sign_ins == 2
    assert cobre.transport.paths().count("/v1/customers") == 2  # it knew, and was not refused first


async def test_a_session_that_ended_early_is_renewed_when_it_is_refused():
    cobre = Setup()
    await cobre.deliver()
    cobre.simulator.sign_out()
    assert (await cobre.deliver()).codes
    assert cobre.simulator.sign_ins == 2
    assert cobre.transport.paths().count("/v1/customers") == 3


async def test_two_processes_share_one_session():
    store, simulator = MemorySessionStore(), CobreFacilSimulator(lambda: TODAY)
    one, other = (Setup(simulator=simulator, sessions=ApiSessions(store)) for _ in range(2))
    await one.deliver()
    await other.deliver()
    assert simulator.sign_ins == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"success": False, "message": "Credenciais inválidas."}),
        (200, {"success": False, "message": "Credenciais inválidas."}),
        (400, {"success": False, "message": "Parâmetros inválidos.", "errors": ["app_id"]}),
        (422, {"success": False}),
    ],
)
async def test_a_sign_in_that_is_refused_in_any_way(status, body):
    cobre = Setup(lie=answer("authenticate", status, body))
    with pytest.raises(TokenRejected):
        await cobre.gateway.check()
    with pytest.raises(TokenRejected):
        await cobre.open_invoices()
    assert len(cobre.transport.asked) == 1  # not asked again at once


@pytest.mark.parametrize("wrong", [{"secret": "errado"}, {"app_id": "outro"}])
async def test_wrong_credentials(wrong):
    right = CobreFacilSimulator(lambda: TODAY).credentials(BASE)
    with pytest.raises(TokenRejected):
        await Setup(credentials={**right, **wrong}).gateway.check()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"success": True}, "sign-in.data"),
        ({"success": True, "data": {}}, "sign-in.data.token"),
        ({"success": "maybe"}, "sign-in.success"),
    ],
)
async def test_a_sign_in_that_cannot_be_read_is_named(body, field):
    with pytest.raises(GatewayProtocolError) as caught:
        await Setup(lie=answer("authenticate", 200, body)).gateway.check()
    assert caught.value.field == field


@pytest.mark.parametrize(
    "given",
    [{}, {"app_id": "a"}, {"secret": "s"}, {"app_id": "a", "secret": "s", "base_url": "http://cobre.example.com"}],
)
def test_credentials_that_cannot_be_used(given):
    with pytest.raises(ConfigurationError):
        Setup(credentials=given)


@pytest.mark.parametrize(
    ("base", "environment"),
    [
        (None, "production"),
        ("https://api.sandbox.cobrefacil.com.br/v1", "sandbox"),
        ("https://cobre.example.com/v1", "self-hosted"),
        ("http://localhost/v1", "sandbox"),
    ],
)
async def test_the_environment_is_told_by_the_address(base, environment):
    cobre = Setup(credentials={"app_id": "app-id-de-teste", "secret": "s", **({"base_url": base} if base else {})})
    cobre.transport.lie = answer("v1", 200, {"success": True, "data": {"token": "t", "expiration": 3600}})
    signed_in = cobre.transport.lie
    cobre.transport.lie = lambda request: (
        signed_in(request) if "authenticate" in request.url.path else answer("customers", 404, NOTHING)(request)
    )
    identity = await cobre.gateway.check()
    assert (identity.account, identity.environment) == (None, environment)


# customers


async def test_people_and_companies_are_looked_for_in_their_own_fields():
    for key, field in (("overdue", "taxpayer_id"), ("cnpj", "ein"), ("alphanumeric_cnpj", "ein")):
        cobre = Setup()
        await cobre.open_invoices(key)
        assert any(f"{field}={cobre.document(key).value}" in asked.path for asked in cobre.transport.asked)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"success": True, "data": []}),
        (404, {"success": False, "message": "Cliente não encontrado."}),
        (200, {"success": False, "message": "Nenhum resultado encontrado."}),
    ],
)
@pytest.mark.parametrize("path", ["/customers", "/invoices"])
async def test_ways_to_say_nothing(path, status, body):
    assert await Setup(lie=answer(path, status, body)).open_invoices() == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "<html>Not Found</html>"),
        (404, {"message": "Rota inexistente."}),
        (200, {"success": False, "message": "Erro interno."}),
        (200, {"success": False}),
        (200, {"data": []}),
        (200, {"success": True}),
        (200, {"success": True, "data": None}),
        (200, {"success": True, "data": {}}),
        (200, []),
        (400, {"success": False, "message": "Parâmetros inválidos."}),
    ],
)
@pytest.mark.parametrize("path", ["/customers", "/invoices"])
async def test_what_is_not_nothing(path, status, body):
    """Never "nothing to send" without an answer that says so."""
    with pytest.raises(GatewayProtocolError):
        await Setup(lie=answer(path, status, body)).open_invoices()


@pytest.mark.parametrize("key", ["overdue", "up_to_date", "unknown", "cnpj", "several_records"])
async def test_everybody_is_looked_for_by_the_same_calls(key):
    cobre = Setup()
    await cobre.gateway.check()
    cobre.transport.asked.clear()
    await cobre.open_invoices(key)
    records = 2 if key == "several_records" else 1  # the third was deleted
    assert sorted(cobre.transport.paths()) == ["/v1/customers"] + ["/v1/invoices"] * 2 * records


def customer(document, **changed):
    return {"id": "C1", "full_name": "X", "document": document, "deleted_at": None, **changed}


@pytest.mark.parametrize(
    "listed",
    [
        customer("52998224725"),
        customer("11222333000181"),
        customer("52998224725", taxpayer_id="{own}"),
        {"id": "C1", "taxpayer_id": "529.982.247-25", "ein": None},
    ],
)
async def test_a_customer_who_is_not_the_one_asked_for(listed):
    cobre = Setup()
    listed = {k: cobre.document("overdue").value if v == "{own}" else v for k, v in listed.items()}
    cobre.transport.lie = answer("/customers", 200, {"success": True, "data": [listed]})
    await cobre.open_invoices()
    assert not any("customer_id=C1" in asked.path for asked in cobre.transport.asked)


async def test_a_customer_without_a_document_is_named():
    body = {"success": True, "data": [customer(None)]}
    listing = await Setup(lie=answer("/customers", 200, body)).listing()
    assert listing == Listing(unreadable=(Unreadable("customers.document"),))


# the filter


@pytest.mark.parametrize("key", ["overdue", "next_due", "up_to_date", "unknown", "several_records", "cnpj", "many"])
@pytest.mark.parametrize("largest_page", [10, 25, 100])
@pytest.mark.slow
async def test_nobody_elses_invoice_where_the_filter_by_customer_is_ignored(key, largest_page):
    """And every one of their own, however far down the list of everybody's."""
    honest, careless = Setup(), Setup(honours_customer=False, largest_page=largest_page)
    expected = {invoice.number for invoice in await honest.open_invoices(key)}
    assert {invoice.number for invoice in await careless.open_invoices(key)} == expected


async def test_an_invoice_that_names_another_document_is_not_shown():
    cobre = Setup()
    (record,) = persona("next_due", TODAY, ISSUER).registrations
    row = {"id": "I1", "due_date": "2026-12-01", "price": "1.00", "status": "pending"}
    owner = customer("52998224725", id=customer_id(record))
    cobre.transport.lie = answer("/invoices", 200, {"success": True, "data": [{**row, "customer": owner}]})
    assert await cobre.open_invoices("next_due") == []
    cobre.transport.lie = answer("/invoices", 200, {"success": True, "data": [{**row, "customer_id": owner["id"]}]})
    assert len(await cobre.open_invoices("next_due")) == 1


async def test_an_invoice_that_names_nobody_may_be_theirs_in_a_listing_of_their_own():
    row = {"id": "I1", "due_date": "2026-12-01", "price": "1.00", "status": "pending"}
    cobre = Setup(lie=answer("/invoices", 200, {"success": True, "data": [row]}))
    noted = Unreadable("invoices.data[].customer_id", date(2026, 12, 1), "I1")
    assert await cobre.listing() == Listing(unreadable=(noted,))
    everybodys = [row, {**row, "id": "I2", "customer_id": "SOMEBODY"}]
    cobre.transport.lie = answer("/invoices", 200, {"success": True, "data": everybodys})
    assert await cobre.listing() == Listing()


@pytest.mark.parametrize("largest_page", [10, 20, 50, 100])
async def test_five_hundred_invoices_whatever_the_servers_own_limit(largest_page):
    invoices = await Setup(largest_page=largest_page).open_invoices("many")
    assert len({invoice.gateway_id for invoice in invoices}) == len(invoices) == 500


async def test_an_offset_that_is_ignored_ends():
    cobre = Setup()
    (record,) = persona("next_due", TODAY, ISSUER).registrations
    rows = [
        {
            "id": f"I{n}",
            "due_date": "2026-12-01",
            "price": "1.00",
            "status": "pending",
            "customer_id": customer_id(record),
        }
        for n in range(20)
    ]
    cobre.transport.lie = answer("/invoices", 200, {"success": True, "data": rows})
    assert len(await cobre.open_invoices("next_due")) == 20


async def test_a_listing_without_an_end():
    def lie(request):
        if "/invoices" not in request.url.path:
            return None
        offset = int(request.url.params["offset"])
        rows = [{"id": f"I{n}"} for n in range(offset, offset + 100)]
        return answer("/invoices", 200, {"success": True, "data": rows})(request)

    with pytest.raises(GatewayProtocolError, match="without an end"):
        await Setup(lie=lie).open_invoices()


# invoices


async def listed(**changed):
    """What becomes of a listing of one invoice, whose fields are changed so."""
    return await invoice(read=False, **changed)


async def invoice(listing=True, read=True, **changed):
    """What becomes of one invoice whose fields are changed so: as listed, or with its codes."""
    cobre = Setup()
    found = await cobre.first("next_due")
    (record,) = persona("next_due", TODAY, ISSUER).registrations
    row = {
        "id": found.gateway_id,
        "due_date": "2026-11-28",
        "price": "129.90",
        "status": "pending",
        "customer_id": customer_id(record),
        **changed,
    }
    if listing:
        cobre.transport.lie = answer("/invoices", 200, {"success": True, "data": [row]})
        if not read:
            return await cobre.listing("next_due")
        (found,) = await cobre.open_invoices("next_due") or [None]
        return found
    cobre.transport.lie = answer("/invoices/", 200, {"success": True, "data": row})
    return await cobre.gateway.with_codes(found, cobre.document("next_due"), TODAY)


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"document_number": "D1", "sequencial_number": "COB00000909", "reference": "R"}, "D1"),
        ({"document_number": None, "sequencial_number": "COB00000909", "reference": "R"}, "COB00000909"),
        ({"document_number": "", "reference": "R"}, "R"),
        ({"document_number": 909}, "909"),
    ],
)
async def test_the_number_is_the_first_that_there_is(fields, number):
    assert (await invoice(**fields)).number == number


async def test_without_any_number_it_is_the_id():
    listed = await invoice()
    assert listed.number == listed.gateway_id


@pytest.mark.parametrize("listing", [True, False])
@pytest.mark.parametrize(
    ("discount", "asked"),
    [
        ({"mode": "fixed", "amount": 9.99, "limit_date": 5}, "119.91"),
        ({"mode": "percentage", "amount": "10", "limit_date": 0}, "116.91"),
        ({"mode": "fixed", "amount": 9.99, "limit_date": 6}, None),  # five days are left
        ({"mode": "fixed", "amount": 200, "limit_date": 0}, None),
        ({"mode": "other", "amount": 9.99, "limit_date": 0}, None),
        ({"mode": "fixed", "amount": 9.99, "limit_date": "amanhã"}, None),
        ("10%", None),
        (None, None),
    ],
)
async def test_a_discount_counts_until_its_day(listing, discount, asked):
    found = await invoice(listing, settings={"discount": discount})
    assert found.updated_amount == (Decimal(asked) if asked else None)


@pytest.mark.parametrize(("price", "amount"), [("88.00", "88"), (49.9, "49.9"), (50, "50"), ("1234.5", "1234.5")])
async def test_prices_are_texts_or_numbers(price, amount):
    assert (await invoice(price=price)).amount == Decimal(amount)


@pytest.mark.parametrize(
    "status",
    ["paid", "declined", "refunded", "canceled", "reversed", "dispute", "charged_back", "manual_payment",
     "pre_authorized"],
)  # fmt: skip
async def test_only_what_is_pending_or_processing_is_open(status):
    assert await invoice(status=status) is None
    closed = await invoice(listing=False, status=status, barcode="1", pix_emv="000201")
    assert closed.status is Status.CLOSED
    assert not closed.codes


async def test_a_status_that_is_not_known_may_be_an_open_one():
    (noted,) = (await listed(status="something_new")).unreadable
    assert noted.field == "invoices.data[].status"


async def test_a_deleted_invoice_is_closed():
    assert await invoice(deleted_at="2026-11-01T00:00:00-03:00") is None


async def test_processing_is_being_registered():
    assert (await invoice(status="processing")).status is Status.REGISTERING
    fetched = await invoice(listing=False, status="processing", barcode=None, pix_emv=None, pix_br_code=None)
    assert fetched.status is Status.REGISTERING
    assert not fetched.codes


@pytest.mark.parametrize(
    ("emv", "br_code", "pix"),
    [
        ("00020126", "data:image/png;base64,iVBOR", "00020126"),
        ("data:image/png;base64,iVBOR%0A", "00020126", "00020126"),
        ("https://img.example.com/qr.png", "00020126", "00020126"),
        (None, "00020126", "00020126"),
        ("00020126", None, "00020126"),
        (" 00020126\n".strip(), "", "00020126"),
        (None, "data:image/png;base64,iVBOR", None),
        (None, None, None),
    ],
)
async def test_the_pix_is_told_by_its_content(emv, br_code, pix):
    assert (await invoice(listing=False, pix_emv=emv, pix_br_code=br_code)).codes.pix == pix


async def test_the_barcode_field_holds_the_line():
    line = "34191090080012345678212345670009816310000008800"
    codes = (await invoice(listing=False, barcode=line)).codes
    assert (codes.linha_digitavel, codes.codigo_barras) == (line, None)
    codes = (await invoice(listing=False, barcode="34191.09008 00123.456782 12345.670009 8 16310000008800")).codes
    assert codes.linha_digitavel == line
    codes = (await invoice(listing=False, barcode="34198163100000088001090000123456781234567000")).codes
    assert (codes.linha_digitavel, codes.codigo_barras) == (None, "34198163100000088001090000123456781234567000")


async def test_the_pages_of_both_shapes():
    fetched = await invoice(listing=False, url="https://app.example.com/1", url_bankslip="https://app.example.com/2")
    assert (fetched.payment_url, fetched.pdf_url) == ("https://app.example.com/1", "https://app.example.com/2")
    fetched = await invoice(listing=False, url_invoice="https://app.example.com/3", url_bankslip="em processamento")
    assert (fetched.payment_url, fetched.pdf_url) == ("https://app.example.com/3", None)


@pytest.mark.parametrize(
    "changed",
    [{"id": "OTHER"}, {"customer": customer("52998224725")}],
)
async def test_somebody_elses_invoice_behind_the_id_is_refused(changed):
    with pytest.raises(GatewayProtocolError, match="somebody else's"):
        await invoice(listing=False, **changed)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"price": "1.234"}, "price"),
        ({"price": None}, "price"),
        ({"price": "0.00"}, "price"),
        ({"price": -10}, "price"),
        ({"due_date": "soon"}, "due_date"),
        ({"due_date": None}, "due_date"),
        ({"status": None}, "status"),
        ({"id": "../customers"}, "id"),
    ],
)
async def test_a_field_that_cannot_be_read_is_named(changed, field):
    (noted,) = (await listed(**changed)).unreadable
    assert noted.field == f"invoices.data[].{field}"
    assert noted.due_date == (None if field == "due_date" else date(2026, 11, 28))


@pytest.mark.parametrize("field", ["barcode", "pix_emv"])
async def test_a_code_that_is_no_text_is_named(field):
    with pytest.raises(GatewayProtocolError, match=rf"invoice\.data\.{field}: should be a text"):
        await invoice(listing=False, **{field: ["00020126"]})


async def test_an_invoice_that_is_gone_has_no_codes():
    cobre = Setup()
    found = await cobre.first()
    cobre.transport.lie = answer("/invoices/", 404, {"success": False, "message": "Cobrança não encontrada."})
    assert not (await cobre.gateway.with_codes(found, cobre.document("overdue"), TODAY)).codes
