"""The sandbox itself: it refuses what Asaas refuses, its codes pass the real checks, and its switches work."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, timedelta

import httpx
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from sandbox import asaas as simulator
from sandbox.ledger import State
from sandbox.personas import personas
from sandbox.server import RunningSandbox, listen, listing, table
from segunda_via.boletos import checks, documents, linha_digitavel, pix
from segunda_via.boletos.business_days import is_overdue
from segunda_via.boletos.invoice import choose
from segunda_via.boletos.trusted_hosts import TrustedHosts

TODAY = date(2026, 11, 23)
HEADERS = {"access_token": simulator.TOKEN}


@pytest.fixture
async def http(sandbox: RunningSandbox):
    async with httpx.AsyncClient(base_url=sandbox.base_url) as client:
        yield client


def code_of(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    assert error["description"]
    return error["code"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "access_token_not_found"),
        ({"access_token": "nonsense"}, "invalid_access_token"),
        ({"access_token": "$aact_hmlg_other"}, "invalid_access_token"),
        ({"access_token": "$aact_prod_000"}, "invalid_environment"),
    ],
)
async def test_keys_that_asaas_refuses(http, headers, code):
    answer = await http.get("/asaas/v3/customers", headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, code)


async def test_a_get_with_a_body_is_refused_in_html(http):
    answer = await http.request("GET", "/asaas/v3/customers", headers=HEADERS, json={})
    assert answer.status_code == 403
    assert "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("query", ["status=LATE", "limit=101", "limit=0", "limit=x", "offset=-1"])
async def test_queries_that_asaas_refuses(http, query):
    answer = await http.get(f"/asaas/v3/payments?{query}", headers=HEADERS)
    assert answer.status_code == 400
    assert code_of(answer).startswith("invalid_")


async def test_an_unknown_charge_is_404_without_a_body(http):
    answer = await http.get("/asaas/v3/payments/pay_none/billingInfo", headers=HEADERS)
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_pix_charge_has_no_line(http, asaas):
    slug = simulator.slug_of(asaas.charge("pix_only"))
    answer = await http.get(f"/asaas/v3/payments/pay_{slug}/identificationField", headers=HEADERS)
    assert (answer.status_code, code_of(answer)) == (400, "invalid_action")


async def test_listings_are_ten_at_a_time_newest_created_first(http):
    answer = (await http.get("/asaas/v3/payments", headers=HEADERS)).json()
    assert (answer["limit"], answer["offset"], answer["hasMore"], len(answer["data"])) == (10, 0, True, 10)
    created = [charge["dateCreated"] for charge in answer["data"]]
    assert created == sorted(created, reverse=True)
    assert answer["totalCount"] > 500


@pytest.mark.parametrize("wanted", [{"fault": "nonsense"}, {}, {"fault": "503", "times": "x", "document": 3}])
async def test_a_fault_that_does_not_exist_is_refused(http, wanted):
    assert (await http.post("/control/faults", json=wanted)).status_code == 400


async def test_faults_by_the_control_route_and_their_end(http, asaas):
    other, one = asaas.document("next_due"), asaas.document("overdue")
    order = {"gateway": "asaas", "document": documents.format(one), "fault": "503", "times": 1}
    assert (await http.post("/control/faults", json=order)).status_code == 200

    async def ask(document) -> int:
        params = {"cpfCnpj": document.value}
        return (await http.get("/asaas/v3/customers", headers=HEADERS, params=params)).status_code

    assert [await ask(other), await ask(one), await ask(one)] == [200, 503, 200]
    await http.post("/control/faults", json={"fault": "500"})
    assert await ask(other) == 500
    await http.post("/control/reset")
    assert await ask(other) == 200


async def test_calls_are_recorded_without_documents(http, asaas):
    await http.get("/asaas/v3/customers", headers=HEADERS, params={"cpfCnpj": asaas.document("overdue").value})
    await http.get(f"/asaas/b/pdf/{simulator.slug_of(asaas.charge('overdue', 1))}")
    api, page = (await http.get("/control/calls")).json()
    assert api == {
        "gateway": "asaas", "method": "GET", "path": "/v3/customers", "parameters": ["cpfCnpj"], "depth": 1,
    }  # fmt: skip
    assert page["depth"] == 0


async def test_health_names_the_credentials(http, sandbox):
    health = (await http.get("/health")).json()
    assert health["status"] == "ok"
    assert health["gateways"] == sandbox.sandbox.credentials(sandbox.base_url)
    assert health["payees"] == sandbox.sandbox.payees()
    assert set(health["gateways"]) >= {"asaas", "sga", "cobre_facil", "mk_auth", "mk_solutions"}


@pytest.mark.parametrize(
    "today", [TODAY + timedelta(days=day) for day in range(9)] + [date(2027, 2, 28), date(2028, 2, 29)]
)
def test_the_cast_shows_what_it_says_on_any_day(today):
    cast = {persona.key: persona for persona in personas(today, simulator.ISSUER)}
    assert len({persona.document for persona in cast.values()}) == len(cast)
    assert all(documents.is_valid(persona.document) for persona in cast.values())
    open_ = {key: [c for c in persona.charges if c.state is State.OPEN] for key, persona in cast.items()}
    for key in ("overdue", "cnpj", "tampered_line"):
        assert min(charge.due_date for charge in open_[key]) < today
        assert is_overdue(min(charge.due_date for charge in open_[key]), today)
    for key in ("next_due", "weekend", "alphanumeric_cnpj", "tampered_pix"):
        assert not any(is_overdue(charge.due_date, today) for charge in open_[key])
    (weekend,) = open_["weekend"]
    assert weekend.due_date.weekday() == 5
    assert open_["up_to_date"] == open_["unknown"] == []


def test_documents_do_not_depend_on_the_day():
    one, other = (personas(day, simulator.ISSUER) for day in (TODAY, date(2027, 5, 1)))
    assert [persona.document for persona in one] == [persona.document for persona in other]


TAMPERED = {
    "tampered_line": {checks.Failure.LINE_CHECK_DIGITS},
    "tampered_pix": {checks.Failure.PIX_MALFORMED},
    "tampered_amount": {checks.Failure.LINE_AMOUNT},
    "wrong_payee": {checks.Failure.PAYEE_BANK, checks.Failure.PAYEE_RECEIVER, checks.Failure.PAYEE_HOST},
}
ASKED = [persona.key for persona in personas(TODAY, simulator.ISSUER) if persona.charges and not persona.fault]


@pytest.mark.parametrize("key", [key for key in ASKED if key != "up_to_date"])
async def test_every_persona_passes_the_real_checks_or_fails_the_one_it_says(asaas, key):
    gateway, document = asaas.gateway(), asaas.document(key)
    choice = choose(await gateway.open_invoices(document, asaas.today), asaas.today)
    invoice = await gateway.with_codes(choice.invoice, document, asaas.today)
    payee = checks.Payee("461", "EMPRESA TESTE", "pix-h.asaas.com")
    verdict = checks.examine(invoice, asaas.today, payee=payee, link_hosts=TrustedHosts(base_host="127.0.0.1"))
    assert set(verdict.failures) == TAMPERED.get(key, set())


async def test_the_pdf_can_be_read_and_both_its_codes_scan(http, asaas):
    charge = asaas.charge("overdue", 1)
    content = (await http.get(f"/asaas/b/pdf/{simulator.slug_of(charge)}")).content
    text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert linha_digitavel.format(charge.linha_digitavel) in text
    assert charge.number in text
    picture = pypdfium2.PdfDocument(content)[0].render(scale=4).to_pil()
    scanned = {barcode.text for barcode in zxingcpp.read_barcodes(picture)}
    assert scanned == {charge.barcode, charge.pix}
    assert pix.is_valid(charge.pix)


@pytest.mark.parametrize(("key", "status", "kind"), [("pdf_html", 200, "text/html"), ("pdf_missing", 404, "text/html")])
async def test_pdfs_that_are_none(http, asaas, key, status, kind):
    answer = await http.get(f"/asaas/b/pdf/{simulator.slug_of(asaas.charge(key))}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)


async def test_the_invoice_page(http, asaas):
    answer = await http.get(f"/asaas/i/{simulator.slug_of(asaas.charge('overdue', 1))}")
    assert asaas.charge("overdue", 1).number in answer.text


def test_the_table_begins_with_a_cpf_that_is_overdue():
    first = listing(TODAY)[0]
    assert first["kind"] == "CPF"
    assert first["document"][3::4] == "..-"
    assert "vencido" in first["shows"]
    assert table(TODAY).splitlines()[0].startswith(first["document"])


def test_the_command_says_that_it_is_ready_and_where():
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            address = line.removeprefix("sandbox: ready at ").strip()
            assert httpx.get(f"{address}/health").json()["status"] == "ok"
        finally:
            process.terminate()
    assert process.returncode is not None


def test_the_command_says_in_one_line_that_the_port_is_taken():
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port]
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert port in run.stderr
