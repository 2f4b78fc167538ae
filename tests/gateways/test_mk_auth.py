"""What is MK-AUTH's alone: the raw JWT, sentences for answers, versions, logins, shapes of titles, the carnê."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.wire import Wire

from sandbox.mk_auth import CLIENT_ID, CLIENT_SECRET, ISSUER, MkAuthSimulator, Version
from sandbox.personas import persona
from segunda_via.boletos.documents import Document, parse
from segunda_via.boletos.invoice import Invoice, Listing, Status, choose
from segunda_via.errors import ConfigurationError, GatewayError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.mk_auth.adapter import FRESH_FOR, MkAuth
from segunda_via.gateways.mk_auth.reading import expires_at, read_jwt, says
from segunda_via.http.api_client import Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.client import CA_FILE

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
ONCE = Retries(attempts=1)
DOCUMENT = "24971563792"
TITLE = {
    "titulo": "1045",
    "login": "fulano",
    "nome": "Fulano de Tal",
    "cpf_cnpj": DOCUMENT,
    "valor": "99.90",
    "datavenc": "2026-11-20 00:00:00",
    "status": "vencido",
    "nossonum": "1234517",
    "linhadig": "00190.00009 03128.557000 00012.345179 6 16360000009990",
    "pix": "000201…",
}
VERSIONS = [
    Version(), Version(one_login=True), Version(older=True), Version(clients=False), Version(refuses_in_words=True)
]  # fmt: skip


class Server:
    """A simulated server, an adapter made for each delivery as in production, and their wire."""

    def __init__(self, version: Version) -> None:
        self.simulator = MkAuthSimulator(lambda: TODAY, version)
        self.wire = Wire(self.simulator)
        self.client = self.wire.client()
        self.sessions = ApiSessions()

    def gateway(self, **credentials: str) -> MkAuth:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "base_url": "http://localhost/api"}
        return MkAuth({**given, **credentials}, self.client, sessions=self.sessions, retries=ONCE)

    async def listing(self, document: Document | str) -> Listing:
        return await self.gateway().open_invoices(_document(document), TODAY)

    async def open_invoices(self, document: Document | str) -> list[Invoice]:
        """Those that can be read, where that is all of them."""
        listing = await self.listing(document)
        assert not listing.unreadable
        return list(listing.invoices)

    async def first(self, document: Document | str) -> Invoice:
        """The one to send."""
        return choose(await self.listing(document), TODAY).invoice


@pytest.fixture
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    server = Server(getattr(request, "param", Version()))
    yield server
    await server.client.aclose()


def document_of(key: str) -> Document:
    return parse(persona(key, TODAY, ISSUER).document)


def _document(document: Document | str) -> Document:
    return document if isinstance(document, Document) else parse(document)


def jwt(claims: object) -> str:
    return ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in ({}, claims, "sig"))


def listing(*titles: dict) -> dict:
    return {"total": str(len(titles)), "titulos": list(titles)}


# --- the session --------------------------------------------------------------------------------------------------


async def test_one_sign_in_for_many_deliveries(server):
    await asyncio.gather(*(server.open_invoices(document_of("overdue")) for _ in range(5)))
    assert server.wire.routes.count("/api/") == 1


@pytest.mark.parametrize("server", [Version(), Version(refuses_in_words=True)], indirect=True)
async def test_a_session_that_the_server_forgot_is_renewed_once(server):
    await server.open_invoices(document_of("overdue"))
    server.simulator.end_sessions()
    assert len(await server.open_invoices(document_of("overdue"))) == 3
    assert server.wire.routes.count("/api/") == 2


@pytest.mark.parametrize(("later", "sign_ins"), [(560, 1), (575, 2)])
async def test_a_jwt_is_renewed_thirty_seconds_before_its_end(server, later, sign_ins):
    moments = [datetime.now(timezone.utc)]
    server.sessions = ApiSessions(now=lambda: moments[-1])
    await server.gateway().check()
    moments.append(moments[0] + timedelta(seconds=later))
    await server.gateway().check()
    assert server.wire.routes.count("/api/") == sign_ins


async def test_a_wrong_secret_is_for_the_operator(server):
    with pytest.raises(TokenRejected) as caught:
        await server.gateway(client_secret="wrong-secret").check()
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("JWT invalido", TokenRejected),
        ("Acesso negado", TokenRejected),
        ("<html>Fatal error</html>", GatewayProtocolError),
        ("", GatewayProtocolError),
        ("{}", GatewayProtocolError),
        ("eyJhbGciOiJIUzI1NiJ9.eyJ", GatewayProtocolError),
    ],
)
async def test_a_sign_in_that_gives_no_jwt(server, body, expected):
    server.wire.stand_in("/api/", body)
    with pytest.raises(expected) as caught:
        await server.gateway().check()
    assert not body or body not in str(caught.value)


@pytest.mark.parametrize("body", ['"{}"', "\ufeff{}\r\n", "  {} "])
async def test_a_jwt_in_wrapping_is_one(body):
    token = jwt({"exp": 1})
    assert read_jwt(body.format(token).encode()) == token


@pytest.mark.parametrize(
    ("claims", "ends"),
    [
        ({"exp": NOW.timestamp() + 600}, NOW + timedelta(seconds=600)),
        # A server a day behind: what counts is how long the token lasts.
        ({"iat": 1_000_000, "exp": 1_000_600}, NOW + timedelta(seconds=600)),
        ({"iat": "soon", "exp": int(NOW.timestamp()) + 60}, NOW + timedelta(seconds=60)),
        ({}, None), ({"exp": "soon"}, None), ({"exp": True}, None), ({"exp": -5}, None), ({"exp": 10**30}, None),
        ([], None), (None, None),
    ],
)  # fmt: skip
def test_the_end_of_a_jwt(claims, ends):
    assert expires_at(jwt(claims), NOW) == ends


@given(st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_three_segments_are_read_or_have_no_end(token):
    ends = expires_at(token, NOW)
    assert ends is None or ends.tzinfo


def test_an_exponent_of_millions_is_no_moment():
    payload = base64.urlsafe_b64encode(b'{"exp": 1e999999999}').decode()
    assert expires_at(f"e30.{payload}.x", NOW) is None


# --- what sentences mean ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"mensagem": "Registro não encontrado"},
        {"mensagem": "REGISTRO NAO ENCONTRADO!"},
        "NULL",
        "null",
        listing(),
        {"titulos": None},
    ],
)
async def test_nothing_found(server, body):
    server.wire.stand_in("/titulo/", body)
    assert await server.open_invoices(DOCUMENT) == []


@pytest.mark.parametrize("body", [{"mensagem": "Tente mais tarde"}, {"total": "0"}, "Erro", "<b>Warning</b>", {}, "1"])
async def test_what_is_not_understood_is_never_taken_for_up_to_date(server, body):
    server.wire.stand_in("/titulo/", body)
    with pytest.raises(GatewayProtocolError):
        await server.open_invoices(DOCUMENT)


@pytest.mark.parametrize("body", [{"mensagem": "Usuário sem permissão para este endpoint"}, "Acesso não autorizado"])
async def test_a_call_that_is_not_enabled_is_for_the_operator(server, body):
    server.wire.stand_in("/titulo/", body)
    with pytest.raises(TokenRejected, match="not enabled for the API user"):
        await server.open_invoices(DOCUMENT)


@given(st.binary(max_size=200))
def test_any_bytes_say_something_or_nothing(content):
    says(content)


# --- versions and logins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", VERSIONS[:3] + VERSIONS[4:], indirect=True)
async def test_all_logins_of_a_document(server):
    invoices = await server.open_invoices(document_of("several_records"))
    assert sorted(invoice.amount for invoice in invoices) == [Decimal("99.90"), Decimal("149.90")]


@pytest.mark.parametrize("server", VERSIONS, indirect=True)
async def test_the_oldest_overdue_title_whatever_the_version(server):
    document = document_of("overdue")
    invoice = await server.first(document)
    charge = persona("overdue", TODAY, ISSUER).charges[1]
    assert (invoice.number, invoice.amount, invoice.due_date) == (charge.number, charge.amount, charge.due_date)
    invoice = await server.gateway().with_codes(invoice, document, TODAY)
    assert (invoice.codes.linha_digitavel, invoice.codes.pix) == (charge.linha_digitavel, charge.pix)


@pytest.mark.parametrize("server", VERSIONS, indirect=True)
async def test_unknown_and_up_to_date_take_the_same_calls_whatever_the_version(server):
    await server.gateway().check()
    seen = []
    for key in ("unknown", "up_to_date"):
        server.wire.requests.clear()
        assert await server.open_invoices(document_of(key)) == []
        seen.append(server.wire.routes)
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 4


async def test_a_login_is_a_path_of_its_own_only(server):
    clients = [{"login": login, "cpf_cnpj": "249.715.637-92"} for login in ("../../x?y#z", "joão@fibra", "a/b")]
    server.wire.stand_in("/cliente/listar", {"clientes": clients})
    await server.open_invoices(DOCUMENT)
    raw = [request.url.raw_path.decode() for request in server.wire.requests]
    assert "/api/titulo/aberto/..%2F..%2Fx%3Fy%23z" in raw
    assert "/api/titulo/vencido/jo%C3%A3o%40fibra" in raw
    assert "/api/titulo/vencido/a%2Fb" in raw


async def test_a_customer_list_that_ignores_its_filter_costs_no_call(server):
    clients = [{"login": f"login{i}", "cpf_cnpj": "52998224725"} for i in range(50)]
    server.wire.stand_in("/cliente/listar", {"clientes": clients})
    await server.open_invoices(DOCUMENT)
    assert server.wire.count("login") == 0


@pytest.mark.parametrize(
    ("content", "status"), [("<html></html>", 200), ("", 500), ('{"clientes": [{"login": 1.5}]', 200)]
)
async def test_a_customer_list_that_fails_costs_no_delivery_but_is_no_all_clear(server, content, status):
    server.wire.stand_in("/cliente/listar", content, status)
    assert len(await server.open_invoices(document_of("overdue"))) == 3
    with pytest.raises(GatewayError):
        await server.open_invoices(document_of("up_to_date"))


# --- titles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        listing(TITLE),
        [TITLE],
        {"titulos": TITLE},
        {"titulos": {"0": TITLE}},
        {"titulos": {"3": TITLE, "7": {**TITLE, "cpf_cnpj": "52998224725", "titulo": "1046"}}},
        {"dados_cliente": {"titulos": TITLE}},
        {"dados_cliente": {"titulos": [TITLE]}},
        listing({**TITLE, "valor": 99.9, "titulo": 1045, "datavenc": "2026-11-20", "cpf_cnpj": "249.715.637-92"}),
        listing({**TITLE, "valor": "99,90", "datavenc": "20/11/2026", "status": "Vencido"}),
        listing(
            TITLE, {**TITLE, "titulo": "1047", "status": "Pago"}, {**TITLE, "titulo": "1048", "status": "cancelado"}
        ),
    ],
)
async def test_every_shape_of_a_title(server, body):
    server.wire.stand_in("/titulo/", body)
    (invoice,) = await server.open_invoices(DOCUMENT)
    assert (invoice.gateway_id, invoice.number, invoice.payer) == ("1045", "1045", "Fulano de Tal")
    assert (invoice.due_date, invoice.amount, invoice.updated_amount) == (date(2026, 11, 20), Decimal("99.90"), None)
    assert invoice.payment_url == "http://localhost/boleto/21boleto.php?titulo=1045"
    codes = (await server.gateway().with_codes(invoice, parse(DOCUMENT), TODAY)).codes
    assert codes.linha_digitavel == "00190000090312855700000012345179616360000009990"


@pytest.mark.parametrize("name", ["titulo", "cpf_cnpj", "valor", "datavenc"])
@pytest.mark.parametrize("value", [None, "", [], {"a": 1}, "x" * 1000])
async def test_a_required_field_that_is_none_is_named(server, name, value):
    server.wire.stand_in("/titulo/", listing({**TITLE, name: value}))
    (noted,) = (await server.listing(DOCUMENT)).unreadable
    assert noted.field == f"titulos[].{name}"
    assert noted.due_date == (None if name == "datavenc" else date(2026, 11, 20))


async def test_a_login_made_of_the_documents_digits_shows_nothing(server):
    server.wire.stand_in("/titulo/", listing({**TITLE, "login": DOCUMENT, "cpf_cnpj": "52998224725"}))
    assert await server.open_invoices(DOCUMENT) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"linhadig": "", "pix": None}, Status.REGISTERING),
        ({"linhadig": " ", "pix": "", "nossonum": ""}, Status.OPEN),
        ({"linhadig": "CARNE 0045", "pix": None, "nossonum": None}, Status.OPEN),
    ],
)
async def test_titles_without_a_code(server, changes, status):
    server.wire.stand_in("/titulo/", listing({**TITLE, **changes}))
    (invoice,) = await server.open_invoices(DOCUMENT)
    invoice = await server.gateway().with_codes(invoice, parse(DOCUMENT), TODAY)
    assert not invoice.codes
    assert invoice.status is status
    assert invoice.payment_url


async def test_the_page_that_the_server_names_comes_first(server):
    server.wire.stand_in("/titulo/", listing({**TITLE, "url": "https://pay.example.com/1045"}))
    (invoice,) = await server.open_invoices(DOCUMENT)
    assert invoice.payment_url == "https://pay.example.com/1045"


# --- freshness ----------------------------------------------------------------------------------------------------


async def test_codes_just_listed_cost_no_call(server):
    document = document_of("overdue")
    listed = await server.open_invoices(document)
    before = len(server.wire.requests)
    assert not any(invoice.codes for invoice in listed)
    assert (await server.gateway().with_codes(listed[0], document, TODAY)).codes
    assert len(server.wire.requests) == before


async def test_codes_listed_a_while_ago_are_asked_for_again(server):
    document = document_of("next_due")
    invoice = await server.first(document)
    old = replace(invoice, listed_at=invoice.listed_at - FRESH_FOR)
    kept = Invoice(**{part.name: getattr(invoice, part.name) for part in fields(Invoice)})
    charge = next(c for c in persona("next_due", TODAY, ISSUER).charges if c.number == invoice.number)
    for stale in (old, kept):
        server.wire.requests.clear()
        assert (await server.gateway().with_codes(stale, document, TODAY)).codes.pix == charge.pix
        assert server.wire.count("/titulo/") == 2


async def test_an_invoice_paid_meanwhile_comes_back_closed(server):
    document = parse(DOCUMENT)
    server.wire.stand_in("/titulo/", listing(TITLE))
    (invoice,) = await server.open_invoices(document)
    server.wire.stand_in("/titulo/", listing({**TITLE, "status": "pago"}))
    old = replace(invoice, listed_at=invoice.listed_at - FRESH_FOR)
    closed = await server.gateway().with_codes(old, document, TODAY)
    assert (closed.status, bool(closed.codes), closed.payment_url) == (Status.CLOSED, False, None)


# --- what the operator writes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["http://localhost", "http://localhost/", "http://localhost/api/", "http://localhost/API"]
)
async def test_the_base_url_with_or_without_its_end(server, written):
    identity = await server.gateway(base_url=written).check()
    assert (identity.account, identity.environment) == (None, "self-hosted")
    assert {request.url.path.split("/")[1] for request in server.wire.requests} == {"api"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_url": ""}, "base_url"), ({"base_url": "http://mk.example.com"}, "allow_http"),
        ({"base_url": "mk.example.com"}, "base_url"), ({"client_id": " "}, "client_id"),
        ({"client_secret": ""}, "client_secret"), ({"ca_file": "/nowhere.pem"}, "ca_file"),
    ],
)  # fmt: skip
async def test_credentials_that_cannot_be_used(server, changes, named):
    with pytest.raises(ConfigurationError, match=named):
        server.gateway(**changes)


async def test_plain_http_is_accepted_on_request_and_warned_about_once(server, caplog):
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        server.gateway(base_url="http://mk-warned.example.com/api", allow_http="true")
    (record,) = caplog.records
    assert "mk-warned.example.com" in record.getMessage()
    assert CLIENT_SECRET not in record.getMessage()


async def test_neither_the_jwt_nor_the_secret_is_ever_logged(server, caplog):
    caplog.set_level(logging.DEBUG)
    await server.open_invoices(document_of("overdue"))
    server.simulator.end_sessions()
    server.wire.stand_in("/titulo/", "<html></html>", status=403)
    with pytest.raises(TokenRejected) as caught:
        await server.open_invoices(document_of("overdue"))
    given = {request.headers["authorization"].split()[1] for request in server.wire.requests}
    assert len(given) == 3  # the Basic credentials, and two tokens
    said = caplog.text + repr(caught.value) + repr(server.gateway().__dict__["_session"])
    assert not [secret for secret in given if secret in said]


async def test_a_private_authority_goes_with_every_call(server, tmp_path):
    ca_file = tmp_path / "ca.pem"
    ca_file.touch()
    await server.gateway(base_url="https://localhost", ca_file=str(ca_file)).check()
    assert {request.extensions[CA_FILE] for request in server.wire.requests} == {str(ca_file)}
