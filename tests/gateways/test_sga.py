"""What only SGA does: its two tokens, its one session at a time, its 406, its shapes, and its listing by dates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import httpx
import pytest
from support.alone import BASE, Alone, answer

from sandbox.personas import persona
from sandbox.sga import API_TOKEN, ISSUER, USER_TOKEN, SgaSimulator
from segunda_via.boletos import documents
from segunda_via.boletos.documents import parse
from segunda_via.boletos.invoice import Codes, Listing, Status, Unreadable, choose
from segunda_via.errors import ConfigurationError, GatewayProtocolError, GatewayUnavailable, TokenRejected
from segunda_via.gateways.sga.adapter import Sga
from segunda_via.http.api_client import Retries
from segunda_via.http.api_sessions import ApiSessions, MemorySessionStore

TODAY = date(2026, 11, 23)
QUICK = Retries(attempts=2, attempt_timeout=0.5, wait_initial=0.01, wait_max=0.01, wait_jitter=0.0)


class Setup:
    """One adapter on one simulator."""

    def __init__(self, *, sessions=None, simulator=None, credentials=None, lie=lambda request: None, **options):
        self.simulator = simulator or SgaSimulator(lambda: TODAY, **options)
        self.transport = Alone(self.simulator, lie)
        self.credentials = credentials if credentials is not None else self.simulator.credentials(BASE)
        self.gateway = Sga(self.credentials, self.transport.client(), sessions=sessions, retries=QUICK)

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


def credentials(**changed):
    return {"token": API_TOKEN, "base_url": f"{BASE}/api/sga/v2", **changed}


# tokens and sessions


async def test_signs_in_once_for_everything():
    sga = Setup()
    await sga.deliver()
    await sga.deliver("next_due")
    assert sga.simulator.sign_ins == 1


async def test_a_session_that_another_sign_in_ended_is_renewed_once():
    sga = Setup()
    await sga.deliver()
    sga.simulator.sign_out()
    assert (await sga.deliver()).codes
    assert sga.simulator.sign_ins == 2


async def test_two_processes_share_one_session_through_their_store():
    store, simulator = MemorySessionStore(), SgaSimulator(lambda: TODAY)
    one, other = (Setup(simulator=simulator, sessions=ApiSessions(store)) for _ in range(2))
    for _ in range(3):
        assert (await one.deliver()).codes
        assert (await other.deliver()).codes
    assert simulator.sign_ins == 1


async def test_a_token_usuario_is_used_as_it_is():
    sga = Setup(credentials=credentials(token=USER_TOKEN))
    assert (await sga.deliver()).codes
    assert sga.simulator.sign_ins == 0


async def test_an_api_token_alone_says_what_it_lacks():
    with pytest.raises(TokenRejected, match="usuario and senha"):
        await Setup(credentials=credentials()).open_invoices()


@pytest.mark.parametrize("wrong", [{"senha": "errada"}, {"usuario": "outro"}, {"token": "0"}])
async def test_wrong_credentials(wrong):
    right = SgaSimulator(lambda: TODAY).credentials(BASE)
    with pytest.raises(TokenRejected):
        await Setup(credentials={**right, **wrong}).gateway.check()


@pytest.mark.parametrize("status", [400, 406])
async def test_a_sign_in_refused_in_another_way_is_a_rejected_token_too(status):
    with pytest.raises(TokenRejected, match="usuario, senha or token"):
        await Setup(lie=answer("autenticar", status, {"mensagem": "Login ou senha inválido"})).gateway.check()


async def test_a_sign_in_at_a_wrong_address():
    with pytest.raises(GatewayProtocolError, match="base_url"):
        await Setup(lie=answer("autenticar", 404, "<html>")).gateway.check()


async def test_a_sign_in_without_its_token_is_named():
    with pytest.raises(GatewayProtocolError, match=r"sga: sign-in\.token_usuario: missing"):
        await Setup(lie=answer("autenticar", 200, {"mensagem": "OK"})).gateway.check()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "token"),
        ({"token": " "}, "token"),
        ({"token": "t", "usuario": "u"}, "usuario e senha"),
        ({"token": "t", "senha": "s"}, "usuario e senha"),
        ({"token": "t", "base_url": "http://sga.example.com"}, "allow_http"),
        ({"token": "t", "ca_file": "/nowhere.pem"}, "ca_file"),
    ],
)
def test_credentials_that_cannot_be_used(given, named):
    with pytest.raises(ConfigurationError, match=named):
        Setup(credentials=given)


@pytest.mark.parametrize("status", [401, 403, 406])
async def test_outside_of_the_hours_of_the_user(status):
    told = {"mensagem": "Não autorizado", "error": ["Usuário com restrição de horário para acesso à API"]}
    with pytest.raises(TokenRejected, match="at this hour"):
        await Setup(lie=answer("associado", status, told)).open_invoices()


async def test_a_session_that_ended_may_be_told_by_a_406():
    sga = Setup()
    told = iter([httpx.Response(406, json={"mensagem": "Não aceitável", "error": ["Token inválido"]})])
    sga.transport.lie = lambda request: next(told, None) if "associado" in request.url.path else None
    assert await sga.open_invoices()
    assert sga.simulator.sign_ins == 2


@pytest.mark.parametrize(
    ("base", "environment"),
    [
        (None, "production"),
        ("https://sga.example.com/api/v2", "self-hosted"),
        ("http://localhost/api/sga/v2", "sandbox"),
    ],
)
async def test_the_environment_is_told_by_the_address(base, environment):
    sga = Setup(credentials={"token": "t", **({"base_url": base} if base else {})}, lie=answer("situacao", 200, []))
    identity = await sga.gateway.check()
    assert (identity.account, identity.environment) == (None, environment)


# documents


@pytest.mark.parametrize("key", ["overdue", "cnpj", "alphanumeric_cnpj"])
async def test_a_document_that_is_found_only_as_it_is_written(key):
    sga = Setup(only_as_written=True)
    assert (await sga.deliver(key)).codes.linha_digitavel


@pytest.mark.parametrize("only_as_written", [False, True])
@pytest.mark.parametrize("key", ["overdue", "up_to_date", "unknown", "cnpj"])
async def test_everybody_is_looked_for_by_the_same_three_calls(key, only_as_written):
    sga = Setup(only_as_written=only_as_written)
    await sga.gateway.check()
    sga.transport.asked.clear()
    await sga.open_invoices(key)
    assert sorted(path.split("/")[4] for path in sga.transport.paths()) == ["associado", "associado", "listar"]


async def test_the_slash_of_a_cnpj_is_encoded():
    sga = Setup()
    await sga.open_invoices("cnpj")
    written = documents.format(sga.document("cnpj")).replace("/", "%2F")
    assert f"/api/sga/v2/associado/buscar/{written}/cpf" in sga.transport.paths()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
async def test_a_server_that_refuses_the_written_form_costs_nobody_their_boleto(status):
    sga = Setup(lie=answer(".", status, "<html>"))
    assert await sga.open_invoices()


async def test_a_lookup_that_failed_is_not_taken_for_nobody():
    sga = Setup(only_as_written=True, lie=answer(".", 500, "<html>"))
    with pytest.raises(GatewayUnavailable):
        await sga.open_invoices()


@pytest.mark.parametrize("document", ["***.982.247-**", "52998224725", ""])
async def test_an_associate_who_is_not_the_one_asked_for(document):
    sga = Setup(lie=answer("associado", 200, {"codigo_associado": "1", "nome": "X", "cpf": document}))
    listing = await sga.listing()
    assert listing == (Listing() if document else Listing(unreadable=(Unreadable("associate.cpf"),)))
    assert not [asked for asked in sga.transport.asked if asked.body.get("codigo_associado") == "1"]


@pytest.mark.parametrize(
    "sentence",
    [
        "CPF inválido",
        "Associado não encontrado",
        "Não existe associado com o CPF informado",
        "Nenhum registro encontrado",
    ],
)
async def test_ways_to_say_that_there_is_no_such_associate(sentence):
    sga = Setup(lie=answer("associado", 406, {"mensagem": "Não aceitável", "error": [sentence]}))
    assert await sga.open_invoices() == []


# the open boletos


async def test_the_listing_asks_for_everything_open_whatever_its_date():
    sga = Setup()
    await sga.open_invoices()
    (listing,) = (asked for asked in sga.transport.asked if asked.path.endswith("/listar/boleto"))
    assert set(listing.body) == {"codigo_situacao", "codigo_associado"}
    assert listing.body["codigo_situacao"] == "2"


async def test_nobodys_boletos_are_asked_for_by_a_code_that_is_a_filter():
    sga = Setup()
    await sga.open_invoices("unknown")
    (listing,) = (asked for asked in sga.transport.asked if asked.path.endswith("/listar/boleto"))
    assert int(listing.body["codigo_associado"]) > 0  # PHP takes "0" for nothing


async def test_listings_that_do_not_say_whose_their_boletos_are():
    sga = Setup(repeats_owner=False)
    assert len(await sga.open_invoices()) == 3


@pytest.mark.parametrize(
    "owner", [{"codigo_associado": "1"}, {"codigo_associado": 1}, {"cpf_associado": "52998224725"}]
)
async def test_a_filter_by_associate_that_is_ignored(owner):
    row = {"nosso_numero": 1, "codigo_situacao_boleto": "2", "data_vencimento": "2026-11-10", "valor_boleto": 1}
    assert len(await Setup(lie=answer("/listar/boleto", 200, [row])).open_invoices()) == 1
    assert await Setup(lie=answer("/listar/boleto", 200, [{**row, **owner}])).open_invoices() == []


@pytest.mark.parametrize("page", [1, 2, 100, 249, 499])
async def test_a_listing_in_pages_is_read_to_its_end(page):
    invoices = await Setup(page=page).open_invoices("many")
    assert len({invoice.gateway_id for invoice in invoices}) == len(invoices) == 500


async def test_a_listing_that_withholds_rows_is_not_taken_for_all():
    sga = Setup()
    row = {"nosso_numero": "1", "codigo_situacao_boleto": "2", "data_vencimento": "10/11/2026", "valor_boleto": "1,00"}
    sga.transport.lie = answer("/listar/boleto", 200, {"total_registros": 7, "boletos": [row]})
    with pytest.raises(GatewayProtocolError, match="total_registros"):
        await sga.open_invoices()


@pytest.mark.parametrize("situation", ["1", "3", "4", "555", "999"])
async def test_a_filter_by_situation_that_is_ignored(situation):
    row = {"nosso_numero": 1, "codigo_situacao_boleto": situation, "data_vencimento": "2026-11-10", "valor_boleto": 1}
    assert await Setup(lie=answer("/listar/boleto", 200, [row])).open_invoices() == []


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (406, {"mensagem": "Não aceitável", "error": ["Rota não permitida"]}, TokenRejected),
        (406, {"mensagem": "Não aceitável", "error": ["É necessario enviar ao menos uma data inicial e uma final"]},
         GatewayProtocolError),
        (406, {"mensagem": "Não aceitável", "error": ["Algo que nunca se viu"]}, GatewayProtocolError),
        (406, {"mensagem": "Não aceitável"}, GatewayProtocolError),
        (406, "", GatewayProtocolError),
        (406, "<html>Not Acceptable</html>", GatewayProtocolError),
        (404, "<html>Not Found</html>", GatewayProtocolError),
        (404, {"mensagem": "Rota não encontrada"}, GatewayProtocolError),
        (200, {"mensagem": "OK"}, GatewayProtocolError),
    ],
)  # fmt: skip
async def test_what_is_not_nothing(status, body, failure):
    """Never "nothing to send" without an answer that says so."""
    with pytest.raises(failure):
        await Setup(lie=answer("/listar/boleto", status, body)).open_invoices()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (406, {"mensagem": "Não aceitável", "error": ["Não foram encontrados boletos para os parâmetros enviados"]}),
        (406, {"mensagem": "N\u00e3o aceit\u00e1vel", "error": "Boleto n\u00e3o encontrado"}),
        (404, {"mensagem": "Nenhum boleto encontrado"}),
        (200, {"mensagem": "OK", "error": ["Nenhum boleto"]}),
        (200, []),
        (200, {"boletos": []}),
        (200, {"data": {"boletos": []}}),
        (200, {"dados": []}),
    ],
)
async def test_what_is_nothing(status, body):
    assert await Setup(lie=answer("/listar/boleto", status, body)).open_invoices() == []


# the codes


async def test_the_listing_by_dates_is_asked_once_around_the_due_date_of_an_overdue_boleto():
    sga = Setup()
    invoice = await sga.deliver()
    (listing,) = (asked for asked in sga.transport.asked if asked.path.endswith("/boleto-associado-veiculo"))
    first, last = (
        datetime.strptime(str(listing.body[f"data_vencimento_{end}"]), "%d/%m/%Y").date()  # noqa: DTZ007  no zone
        for end in ("inicial", "final")
    )
    assert first <= invoice.due_date <= last
    assert (last - first).days <= 90
    assert invoice.updated_amount == Decimal("350.00") + sga.charges("overdue")[1].interest


async def test_no_updated_amount_is_asked_for_before_it_is_overdue():
    sga = Setup()
    invoice = await sga.deliver("next_due")
    assert invoice.updated_amount is None
    assert not [path for path in sga.transport.paths() if "boleto-associado-veiculo" in path]


@pytest.mark.parametrize(
    "lie",
    [
        answer("boleto-associado-veiculo", 406, {"mensagem": "Não aceitável", "error": ["Rota não permitida"]}),
        answer("boleto-associado-veiculo", 500, "<html>"),
        answer("boleto-associado-veiculo", 200, "<html>"),
        answer("boleto-associado-veiculo", 200, [{"nosso_numero": "outro"}]),
        answer("boleto-associado-veiculo", 200, []),
    ],
)
async def test_codes_come_without_an_updated_amount_too(lie):
    invoice = await Setup(lie=lie).deliver()
    assert invoice.codes.linha_digitavel
    assert invoice.updated_amount is None


async def test_somebody_elses_updated_amount_is_not_taken():
    sga = Setup()
    number = (await sga.first()).number
    row = {"nosso_numero": int(number), "cpf": "52998224725", "valor_boleto_multa_mora": "999,99"}
    sga.transport.lie = answer("boleto-associado-veiculo", 200, [row])
    assert (await sga.deliver()).updated_amount is None


@pytest.mark.parametrize("amount", ["0.00", None, ""])
async def test_an_updated_amount_that_was_not_worked_out(amount):
    sga = Setup()
    number = (await sga.first()).number
    row = {"nosso_numero": int(number), "valor_boleto_multa_mora": amount}
    sga.transport.lie = answer("boleto-associado-veiculo", 200, [row])
    assert (await sga.deliver()).updated_amount is None


async def boleto(key="next_due", **changed):
    """What becomes of a boleto whose details are changed so."""
    sga = Setup()
    invoice = await sga.first(key)
    details = {
        "nosso_numero": invoice.number,
        "codigo_situacao_boleto": "2",
        "cpf_associado": documents.format(sga.document(key)),
        "linha_digitavel": sga.charges(key)[-1].linha_digitavel,
        "link_boleto": "https://boleto.example.com/1.pdf",
    }
    sga.transport.lie = answer("/buscar/boleto", 200, {**details, **changed})
    return await sga.gateway.with_codes(invoice, sga.document(key), TODAY)


@pytest.mark.parametrize(
    ("pix", "read"),
    [
        ({"copia_cola": "00020126", "qrcode": "iVBOR"}, "00020126"),
        ({"copia_cola": None, "qrcode": None}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("00020126", "00020126"),
    ],
)
async def test_the_pix_in_whatever_it_comes(pix, read):
    assert (await boleto(pix=pix)).codes.pix == read


async def test_no_pix_at_all():
    assert (await boleto()).codes.pix is None


@pytest.mark.parametrize("pix", [7, True, ["00020126"]])
async def test_a_pix_that_cannot_be_read_is_named(pix):
    with pytest.raises(GatewayProtocolError, match=r"boleto\.pix"):
        await boleto(pix=pix)


async def test_a_link_that_holds_a_sentence():
    invoice = await boleto(link_boleto="Boleto baixado, não é possível gerar o link", short_link="veja https://x.y")
    assert (invoice.pdf_url, invoice.payment_url) == (None, None)


async def test_the_short_link_is_the_one_to_send():
    invoice = await boleto(short_link="https://s.example.com/1")
    assert (invoice.payment_url, invoice.pdf_url) == ("https://s.example.com/1", "https://boleto.example.com/1.pdf")


async def test_a_line_that_is_a_sentence_is_none():
    invoice = await boleto(linha_digitavel="Boleto em processo de registro 123")
    assert invoice.codes.linha_digitavel is None
    assert invoice.status is Status.REGISTERING


async def test_a_boleto_that_was_issued_again_is_paid_by_its_new_line():
    new = Setup().charges("overdue")[1].linha_digitavel
    invoice = await boleto(linha_digitavel_atual=new)
    assert invoice.codes == Codes(linha_digitavel=new)
    assert (await boleto(linha_digitavel=None, linha_digitavel_atual=new)).codes.linha_digitavel == new


@pytest.mark.parametrize("new", [None, "", "Boleto sem nova emissão"])
async def test_a_boleto_that_was_not_issued_again_keeps_its_line(new):
    old = Setup().charges("next_due")[-1].linha_digitavel
    assert (await boleto(linha_digitavel_atual=new)).codes.linha_digitavel == old


async def test_a_boleto_that_was_paid_since_it_was_listed_is_not_sent():
    invoice = await boleto(codigo_situacao_boleto="1")
    assert invoice.status is Status.CLOSED
    assert not invoice.codes
    assert (invoice.pdf_url, invoice.payment_url) == (None, None)


async def test_a_card_charge_is_not_being_registered():
    invoice = await boleto(linha_digitavel=None, descricao_tipo_cobranca_recorrente="CARTÃO DE CRÉDITO")
    assert invoice.status is Status.OPEN


async def test_an_associate_who_pays_by_card_has_no_boletos():
    sga = Setup()
    associate = {
        "codigo_associado": "77",
        "cpf": documents.format(sga.document("card")),
        "descricao_tipo_cobranca_recorrente": "CARTÃO DE CRÉDITO",
    }
    sga.transport.lie = answer("associado", 200, {"dados": [associate]})
    assert await sga.open_invoices("card") == []


async def test_somebody_elses_boleto_behind_the_number_is_refused():
    with pytest.raises(GatewayProtocolError, match=r"boleto\.cpf_associado: is somebody else's"):
        await boleto(cpf_associado="529.982.247-25")


async def test_another_boleto_than_the_one_asked_for_gives_no_codes():
    assert not (await boleto(nosso_numero="1")).codes


async def test_a_boleto_that_cannot_be_consulted_has_no_codes():
    sga = Setup()
    invoice = await sga.first()
    told = {"mensagem": "Não aceitável", "error": ["Boleto não encontrado ou indisponível para consulta"]}
    sga.transport.lie = answer("/buscar/boleto", 406, told)
    assert not (await sga.gateway.with_codes(invoice, sga.document("overdue"), TODAY)).codes


# what its token may not do


@pytest.mark.parametrize("route", ["/associado", "/listar/boleto", "/buscar/boleto"])
async def test_a_route_that_the_token_may_not_use_is_for_the_operator(route):
    sga = Setup(forbidden=[route])
    with pytest.raises(TokenRejected, match="may not use this route"):
        await sga.deliver()
    assert sga.simulator.sign_ins == 1  # signing in again mends nothing, and ends others' sessions


async def test_check_does_without_the_one_route_that_nothing_else_needs():
    assert (await Setup(forbidden=["/listar/situacao-boleto"]).gateway.check()).environment == "sandbox"


async def test_check_finds_a_route_that_is_needed():
    with pytest.raises(TokenRejected, match="may not use this route"):
        await Setup(forbidden=["/listar"]).gateway.check()
