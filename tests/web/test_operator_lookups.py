"""What an operator looks up with *Testar* is counted for that operator, and leaves a trace."""

from __future__ import annotations

from stdnum.br import cpf
from web.operator import NAME, Operator, set_up
from web.operator import document as sandbox_document

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.boletos.documents import format as formatted
from segunda_via.boletos.documents import mask, parse
from segunda_via.operators.lookups import PER_DAY
from segunda_via.storage import audit_trail

TOO_MANY = f"Você já consultou {PER_DAY} documentos diferentes hoje"


def document(number: int) -> str:
    base = f"{390533447 + number:09d}"
    return base + str(cpf._calc_check_digits(base))


async def test_one_document_too_many_is_not_asked_for(operator: Operator, app: App) -> None:
    await operator.get("/testar")
    for number in range(PER_DAY):
        assert TOO_MANY not in (await operator.post("/testar", documento=formatted(document(number)))).text
    assert TOO_MANY in (await operator.post("/testar", documento=document(PER_DAY))).text
    assert TOO_MANY not in (await operator.post("/testar", documento=document(0))).text, "the same one again"
    assert app.operator_lookups.admit("default", "another operator", document(PER_DAY))

    told = audit_trail.recent(app.engine, "default")
    assert [entry.event for entry in told if entry.who == NAME].count("looked_up") == PER_DAY + 1
    assert ("look_up_refused", mask(document(PER_DAY))) in {(entry.event, entry.detail) for entry in told}
    assert document(0) not in str(told)
    page = (await operator.get("/historico")).text
    assert "consultou um documento" in page
    assert mask(document(0)) in page


async def test_reading_the_payee_of_a_new_gateway_is_a_look_up_too(
    operator: Operator, app: App, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    looked_up = [entry for entry in audit_trail.recent(app.engine, "default") if entry.event == "looked_up"]
    assert [(entry.who, entry.detail) for entry in looked_up] == [(NAME, mask(sandbox_document(sandbox)))]


async def test_what_is_no_document_is_neither_counted_nor_recorded(operator: Operator, app: App) -> None:
    await operator.get("/testar")
    assert "não é válido" in (await operator.post("/testar", documento="529.982.247-24")).text
    assert {entry.event for entry in audit_trail.recent(app.engine, "default")} == {"operator_added", "signed_in"}


def test_an_operator_is_no_sender_of_a_customers_document(app: App) -> None:
    for number in range(20):
        app.operator_lookups.admit("default", f"operator {number}", document(0))
    asked = parse(document(0))
    assert all(app.lookup_limits.admit("default", f"whatsapp:+{n}", asked, app.today()) for n in range(10))
