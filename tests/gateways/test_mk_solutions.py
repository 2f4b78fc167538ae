"""What is MK Solutions' alone: its encoding, refusals with status 200, sessions, owners, and secrets in its URLs."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.wire import Wire

from sandbox.mk_solutions import ISSUER, PASSWORD, TOKEN, MkSolutionsSimulator
from sandbox.personas import persona
from segunda_via.boletos.documents import Document, parse
from segunda_via.boletos.invoice import Invoice, Listing, Status, choose
from segunda_via.errors import ConfigurationError, GatewayError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.mk_solutions.adapter import MkSolutions
from segunda_via.gateways.mk_solutions.reading import MkSolutionsSays, expires_at, read_refusal, to_utf8
from segunda_via.http.api_client import Retries
from segunda_via.http.api_sessions import ApiSessions
from segunda_via.http.record import Record

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
ONCE = Retries(attempts=1)
DOCUMENT = parse("24971563792")
LINE = "00190000090312855700000012345179616360000009990"
OK = {"status": "OK"}
PERSON = {"CodigoPessoa": 4321, "Nome": "FULANO DE TAL", "Outros": [], **OK}
PENDING = {"codfatura": 778899, "data_vencimento": "20/11/2026", "descricao": "Mensalidade", "valor": 99.9}
SLIP = {
    "CodigoPessoa": 4321,
    "Fatura": "778899",
    "PathDownload": "https://localhost/mk/778899.pdf",
    "Valor": "R$ 99,90",
    "Vcto": "20/11/2026",
    **OK,
}
ROW = {"codfatura": 778899, "codigopessoa": 4321, "ld": LINE, "valor_nominal": 99.9}
PIX = {"codpessoa": 4321, "texto_qrcode": "000201…"}
INVOICE = Invoice("4321:778899", "778899", date(2026, 11, 20), Decimal("99.90"))


class Server:
    """A simulated server, an adapter made for each delivery as in production, and their wire."""

    def __init__(self) -> None:
        self.simulator = MkSolutionsSimulator(lambda: TODAY)
        self.wire = Wire(self.simulator)
        self.client = self.wire.client()
        self.sessions = ApiSessions()

    def gateway(self, **credentials: str) -> MkSolutions:
        given = {"token": TOKEN, "password": PASSWORD, "base_url": "http://localhost/mk"}
        return MkSolutions({**given, **credentials}, self.client, sessions=self.sessions, retries=ONCE)

    def answers(self, *, person=PERSON, pending=(PENDING,), slip=SLIP, row=ROW, pix=PIX) -> None:
        """Stand in for the data of one customer."""
        self.wire.stand_in("WSMKConsultaDoc", person)
        self.wire.stand_in("WSMKFaturasPendentes", {"FaturasPendentes": list(pending), **OK})
        self.wire.stand_in("WSMKSegundaViaCobranca", slip)
        self.wire.stand_in("WSMKLDViaSMS", {"DadosFatura": [row] if row else [], **OK})
        self.wire.stand_in("WSMKRetornarCopieColaPix", pix)

    async def listing(self, document: Document = DOCUMENT) -> Listing:
        return await self.gateway().open_invoices(document, TODAY)

    async def open_invoices(self, document: Document = DOCUMENT) -> list[Invoice]:
        """Those that can be read, where that is all of them."""
        listing = await self.listing(document)
        assert not listing.unreadable
        return list(listing.invoices)

    async def first(self, document: Document = DOCUMENT) -> Invoice:
        """The one to send."""
        return choose(await self.listing(document), TODAY).invoice

    async def with_codes(self, invoice: Invoice = INVOICE, today: date = TODAY) -> Invoice:
        return await self.gateway().with_codes(invoice, DOCUMENT, today)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    yield server
    await server.client.aclose()


def document_of(key: str) -> Document:
    return parse(persona(key, TODAY, ISSUER).document)


# --- encoding -----------------------------------------------------------------------------------------------------


@given(st.text())
def test_utf_8_stays(text):
    assert to_utf8(text.encode("utf-8", "replace")) == text.encode("utf-8", "replace")


@given(st.text(alphabet="aeioçãõáéíóúâêôÁÉÍÓÚÇÃÕ ", max_size=30).filter(lambda text: "Ã" not in text))
def test_iso_8859_1_becomes_utf_8(text):
    assert to_utf8(text.encode("latin-1")).decode() == text


@given(st.binary())
def test_any_bytes_become_utf_8(content):
    to_utf8(content).decode("utf-8")


async def test_names_in_both_encodings_and_in_entities(server):
    names = ['"JOÃO"'.encode("latin-1"), '"JOÃO"'.encode(), b'"JO&Atilde;O"', b'"JO\\u00c3O"']
    for name in names:
        server.answers(person=b'{"CodigoPessoa": 4321, "Nome": ' + name + b', "Outros": null, "status": "OK"}')
        (invoice,) = await server.open_invoices()
        assert invoice.payer == "JOÃO"


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ({"Num. ERRO": "001"}, MkSolutionsSays.SESSION_OVER), ({"Num. ERRO": 999}, MkSolutionsSays.SESSION_OVER),
        ({"Num. ERRO": " 003 "}, MkSolutionsSays.NOTHING_FOUND), ({"Num. ERRO": 2}, MkSolutionsSays.NOTHING_FOUND),
        ({"codigo_erro": "004", "mensagem": "Token"}, MkSolutionsSays.NOTHING_FOUND),
        ({"NUM_ERRO": "3"}, MkSolutionsSays.NOTHING_FOUND),
        ({"Num. ERRO": "500", "Mensagem": "Cliente não encontrado"}, MkSolutionsSays.OTHER),
        ({}, MkSolutionsSays.OTHER),
        ({"Mensagem": "Token expirado."}, MkSolutionsSays.SESSION_OVER),
        ({"mensagem": "Cliente não localizado"}, MkSolutionsSays.NOTHING_FOUND),
        ({"Mensagem": ["x"]}, MkSolutionsSays.OTHER), ({"Num. ERRO": {"a": 1}}, MkSolutionsSays.OTHER),
    ],
)  # fmt: skip
def test_refusals_by_their_code_or_their_words(body, meaning):
    assert read_refusal({"status": "ERRO", **body}).meaning is meaning


@pytest.mark.parametrize("rule", ["WSMKConsultaDoc", "WSMKFaturasPendentes"])
@pytest.mark.parametrize("code", ["002", "003"])
async def test_nothing_found(server, rule, code):
    server.answers()
    server.wire.stand_in(rule, {"status": "ERRO", "Num. ERRO": code, "Mensagem": "…"})
    assert await server.open_invoices() == []


@pytest.mark.parametrize("rule", ["WSMKConsultaDoc", "WSMKFaturasPendentes"])
async def test_a_refusal_that_is_not_known_is_never_taken_for_up_to_date(server, rule):
    server.answers()
    server.wire.stand_in(rule, {"status": "ERRO", "Num. ERRO": "007", "Mensagem": "CPF 24971563792 bloqueado"})
    with pytest.raises(GatewayProtocolError, match="ERRO 007") as caught:
        await server.open_invoices()
    assert "24971563792" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_whatever_the_server_says_of_nobody(server, status):
    server.wire.stand_in("WSMKFaturasPendentes", "<html>Erro</html>", status)
    assert await server.open_invoices(document_of("unknown")) == []


# --- sessions -----------------------------------------------------------------------------------------------------


async def test_three_calls_that_meet_an_ended_session_sign_in_once(server):
    document = document_of("overdue")
    invoice = await server.first(document)
    server.simulator.end_sessions()
    assert (await server.gateway().with_codes(invoice, document, TODAY)).codes
    assert server.wire.count("WSAutenticacao") == 2


async def test_one_sign_in_for_many_deliveries(server):
    await asyncio.gather(*(server.open_invoices(document_of("overdue")) for _ in range(5)))
    assert server.wire.count("WSAutenticacao") == 1


async def test_a_session_refused_for_ever_signs_in_once_more_only(server):
    await server.gateway().check()
    server.wire.stand_in("WSMKConsultaDoc", {"status": "ERRO", "Num. ERRO": "999"})
    with pytest.raises(TokenRejected, match="ERRO 999"):
        await server.open_invoices()
    assert server.wire.count("WSAutenticacao") == 2


@pytest.mark.parametrize("changes", [{"token": "other"}, {"password": "other"}, {"cd_servico": "1"}])
async def test_credentials_that_are_refused(server, changes):
    with pytest.raises(TokenRejected, match=r"WSAutenticacao: .*ERRO 001"):
        await server.gateway(**changes).check()


async def test_a_session_for_too_few_calls_is_told_to_the_operator(server):
    server.simulator.uses = 1
    with pytest.raises(TokenRejected, match="LimiteUso"):
        await server.gateway().check()


async def test_the_session_token_under_its_other_name(server):
    server.wire.stand_in("WSAutenticacao", {"tokenRetornoAutenticacao": "sessao-1", "status": "OK"})
    server.answers()
    await server.open_invoices()
    assert {request.url.params["token"] for request in server.wire.requests[1:]} == {"sessao-1"}


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("23/11/2026 18:30:00", datetime(2026, 11, 23, 21, 30, tzinfo=timezone.utc)),
        ("23/11/2026 18:30", datetime(2026, 11, 23, 21, 30, tzinfo=timezone.utc)),
        ("23/11/2026 08:59:59", None), ("31/02/2027 10:00:00", None), ("", None), (None, None), (5, None),
    ],
)  # fmt: skip
def test_the_end_of_a_session(written, ends):
    assert expires_at(Record("mk_solutions", {"Expire": written}, "x"), NOW) == ends


# --- customers and invoices ---------------------------------------------------------------------------------------


async def test_several_registrations_one_of_them_twice(server):
    others = [{"CodigoPessoa": 4322, "Nome": "B"}, {"CodigoPessoa": "4321", "Nome": "A"}]
    server.answers(person={**PERSON, "Outros": others}, pending=[PENDING, PENDING])
    invoices = await server.open_invoices()
    assert [invoice.gateway_id for invoice in invoices] == ["4321:778899", "4322:778899"]
    assert server.wire.count("WSMKFaturasPendentes") == 2


async def test_a_registration_of_another_document_is_left_out(server):
    server.answers(person={**PERSON, "CPF_CNPJ": "529.982.247-25"})
    assert await server.open_invoices() == []


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"valor": "R$ 99,90"}, {"valor": "99.90"}, {"valor": None, "valor_total": "99,9"},
        {"data_vencimento": "2026-11-20"}, {"codfatura": "778899"}, {"codpessoa": "4321"}, {"CodigoPessoa": 4321},
    ],
)  # fmt: skip
async def test_every_writing_of_a_pending_invoice(server, changes):
    server.answers(pending=[{**PENDING, **changes}])
    (invoice,) = await server.open_invoices()
    assert invoice == replace(INVOICE, payer="FULANO DE TAL")


@pytest.mark.parametrize("name", ["codfatura", "data_vencimento", "valor"])
@pytest.mark.parametrize("value", [None, "", [], "x" * 1000, True])
async def test_a_required_field_that_is_none_is_named(server, name, value):
    server.answers(pending=[{**PENDING, name: value}])
    (noted,) = (await server.listing()).unreadable
    assert name in noted.field
    assert noted.due_date == (None if name == "data_vencimento" else date(2026, 11, 20))
    assert noted.gateway_id == (None if name == "codfatura" else "4321:778899")


async def test_one_invoice_a_call_since_a_list_is_answered_by_500(server):
    document = document_of("overdue")
    invoice = await server.first(document)
    await server.gateway().with_codes(invoice, document, TODAY)
    asked = [request.url.params.get("cd_fatura") for request in server.wire.requests]
    assert [number for number in asked if number] == [invoice.number] * 2
    token = server.wire.requests[-1].url.params["token"]
    query = {"sys": "MK0", "token": token, "cd_fatura": f"{invoice.number},{invoice.number}"}
    answer = await server.client.get("http://localhost/mk/WSMKLDViaSMS.rule", params=query)
    assert answer.status_code == 500


# --- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        {"slip": {**SLIP, "CodigoPessoa": 9999}},
        {"slip": {**SLIP, "Fatura": 112233}},
        {"row": {**ROW, "codigopessoa": 9999}},
        {"pix": {**PIX, "codpessoa": "9999"}},
        {"slip": {**SLIP, "CodigoPessoa": None}, "row": {**ROW, "codigopessoa": None}, "pix": {"texto_qrcode": "0002"}},
    ],
)
async def test_what_is_somebody_elses_or_nobodys_is_never_shown(server, answers):
    server.answers(**answers)
    with pytest.raises(GatewayProtocolError):
        await server.with_codes()


async def test_a_line_of_another_invoice_is_no_line(server):
    server.answers(row={**ROW, "codfatura": 112233})
    invoice = await server.with_codes()
    assert invoice.codes.linha_digitavel is None
    assert invoice.codes.pix


async def test_a_strangers_invoice_listed_without_its_owner_ends_there(server):
    """The listing cannot tell it; its slip does."""
    stranger = persona("next_due", TODAY, ISSUER).charges[1]
    server.wire.stand_in("WSMKFaturasPendentes", {"FaturasPendentes": [{**PENDING, "codfatura": stranger.number}]})
    (invoice,) = await server.open_invoices(document_of("overdue"))
    with pytest.raises(GatewayProtocolError, match="of somebody else"):
        await server.with_codes(invoice)


# --- codes --------------------------------------------------------------------------------------------------------


async def test_the_codes_of_three_calls(server):
    server.answers(slip={**SLIP, "Valor": "R$ 103,21"})
    invoice = await server.with_codes(today=date(2026, 12, 1))
    assert (invoice.amount, invoice.updated_amount) == (Decimal("99.90"), Decimal("103.21"))
    assert (invoice.codes.linha_digitavel, invoice.codes.pix) == (LINE, "000201…")
    assert invoice.payment_url == invoice.pdf_url == "https://localhost/mk/778899.pdf"


async def test_an_overdue_invoice_that_was_listed_with_what_is_owed_already(server):
    server.answers(slip={**SLIP, "Valor": "103,21"})
    listed = replace(INVOICE, amount=Decimal("103.21"))
    invoice = await server.with_codes(listed, today=date(2026, 12, 1))
    assert (invoice.amount, invoice.updated_amount) == (Decimal("99.90"), Decimal("103.21"))


async def test_a_discount_before_the_due_date_changes_no_amount(server):
    """The line carries the nominal amount, and is compared with it."""
    server.answers(slip={**SLIP, "Valor": "R$ 89,90"}, row={**ROW, "valor_nominal": 89.9})
    invoice = await server.with_codes(today=date(2026, 11, 10))
    assert (invoice.amount, invoice.updated_amount) == (Decimal("99.90"), None)


async def test_a_due_date_that_the_slip_moved(server):
    server.answers(slip={**SLIP, "Vcto": "30/11/2026"})
    assert (await server.with_codes()).due_date == date(2026, 11, 30)


REFUSED = {"status": "ERRO", "Mensagem": "Operação indisponível."}


@pytest.mark.parametrize(
    ("answers", "line", "code", "pdf", "status"),
    [
        ({"pix": {"status": "ERRO", "codigo_erro": "004"}}, True, False, True, Status.OPEN),
        ({"pix": REFUSED}, True, False, True, Status.OPEN),
        ({"slip": REFUSED}, True, True, False, Status.OPEN),
        ({"row": None, "pix": REFUSED}, False, False, True, Status.REGISTERING),
        ({"row": {**ROW, "ld": "Boleto não registrado"}}, False, True, True, Status.OPEN),
        ({"row": None, "pix": REFUSED, "slip": REFUSED}, False, False, False, Status.OPEN),
        ({"slip": {**SLIP, "PathDownload": "Arquivo não gerado"}}, True, True, False, Status.OPEN),
    ],
)
async def test_what_does_not_exist_is_an_absence(server, answers, line, code, pdf, status):
    server.answers(**answers)
    invoice = await server.with_codes()
    found = (bool(invoice.codes.linha_digitavel), bool(invoice.codes.pix), bool(invoice.pdf_url), invoice.status)
    assert found == (line, code, pdf, status)


@pytest.mark.parametrize("status", [400, 404])
async def test_a_version_from_before_pix(server, status):
    server.answers()
    server.wire.stand_in("WSMKRetornarCopieColaPix", "<html></html>", status)
    invoice = await server.with_codes()
    assert invoice.codes.pix is None
    assert invoice.codes.linha_digitavel


# --- what travels in the URL --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
async def test_no_token_and_no_document_in_logs_or_exceptions(server, caplog, status):
    caplog.set_level(logging.DEBUG)
    await server.gateway().check()
    if status != 200:
        server.wire.stand_in("WSMKConsultaDoc", "<html></html>", status)
    said = ""
    try:
        await server.open_invoices(document_of("overdue"))
    except GatewayError as error:
        said = "".join(traceback.format_exception(error))
    secrets = {value for request in server.wire.requests for value in request.url.params.values()} - {"MK0", "9999"}
    assert document_of("overdue").value in secrets
    assert {TOKEN, PASSWORD} <= secrets
    assert not [secret for secret in secrets if secret in caplog.text + said]


# --- what the operator writes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["http://localhost", "http://localhost/", "http://localhost/mk/", "http://localhost/MK"]
)
async def test_the_base_url_with_or_without_its_end(server, written):
    identity = await server.gateway(base_url=written, cd_servico="").check()
    assert (identity.account, identity.environment) == (None, "self-hosted")
    assert {request.url.path.split("/")[1] for request in server.wire.requests} == {"mk"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"base_url": ""}, "base_url"), ({"base_url": "http://mk.example.com:8080/mk"}, "allow_http"),
        ({"token": " "}, "token"), ({"password": ""}, "password"), ({"cd_servico": "todos"}, "cd_servico"),
    ],
)  # fmt: skip
async def test_credentials_that_cannot_be_used(server, changes, named):
    with pytest.raises(ConfigurationError, match=named):
        server.gateway(**changes)
