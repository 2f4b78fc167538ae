"""The confirmed payee: what is saved around it never drops it silently, and another one is confirmed by its name."""

from __future__ import annotations

import dataclasses

import pytest
from web.operator import NAME, Operator, document, fields, set_up

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.operations.probes.probe import Level, known
from segunda_via.operations.probes.registry import PROBES
from segunda_via.settings import gateway as saving

OTHER = "recebedor que não é a empresa"


def payee(app: App) -> Payee:
    return app.gateway_settings("default").payee


def level(app: App) -> Level:
    return next(light.level for light in known(PROBES, app, "default") if light.title == "Recebedor")


async def paste(operator: Operator, sandbox: RunningSandbox, gateway: str = "asaas", **other: str) -> None:
    await operator.get("/integracao")
    await operator.post("/integracao", versao=operator.hidden("versao"), **{**fields(sandbox, gateway), **other})


async def trail(operator: Operator) -> str:
    return (await operator.get("/historico")).text


async def test_the_same_token_saved_again_keeps_the_payee(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    confirmed = payee(app)
    await paste(operator, sandbox)
    assert "São os mesmos dados que já estão salvos" in operator.page
    assert "Entendi: substituir" not in operator.page
    saved = await operator.post("/integracao/confirmar")
    assert "Salvo. Recebedor confirmado: EMPRESA TESTE" in saved.text
    assert confirmed
    assert payee(app) == confirmed
    tested = await operator.post("/testar", documento=document(sandbox, OTHER))
    assert "000201" not in tested.text, "nothing that pays somebody else is shown as sent"


async def test_a_blank_token_neither_asks_to_replace_nor_forgets_what_can_be_restored(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox, "sga")
    await set_up(operator, sandbox, "asaas")
    before = saving.previous(app.settings, "default", app.now())
    await paste(operator, sandbox, token="")
    assert "Entendi: substituir" not in operator.page
    assert "Salvo." in (await operator.post("/integracao/confirmar")).text
    after = saving.previous(app.settings, "default", app.now())
    assert before is not None
    assert before == after
    assert before.gateway == "sga"


async def test_new_credentials_of_the_same_gateway_keep_the_payee(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    confirmed = payee(app)
    await paste(operator, sandbox, pdf_hosts="cdn.example.com")
    assert "Já confirmado, e continua" in operator.page
    assert "Outros endereços de onde vêm os PDFs" in operator.page, "what is replaced is named"
    await operator.post("/integracao/confirmar", substituir="1")
    assert app.gateway_settings("default").credentials["pdf_hosts"] == "cdn.example.com"
    assert payee(app) == confirmed
    assert "removeu a confirmação" not in await trail(operator)


async def test_another_gateway_says_plainly_that_nobody_is_confirmed(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    await paste(operator, sandbox, "sga")
    assert "Para SGA, nenhum recebedor está confirmado" in operator.page
    assert "EMPRESA TESTE" in operator.page, "who stops being confirmed"
    saved = await operator.post("/integracao/confirmar", substituir="1")
    assert "Salvo, mas nenhum recebedor está confirmado" in saved.text
    assert not payee(app)
    assert level(app) is Level.WARNING
    assert "Nenhum recebedor está confirmado" in (await operator.get("/integracao")).text
    changes = await trail(operator)
    assert "removeu a confirmação do recebedor" in changes
    assert "banco" in changes.partition("removeu a confirmação do recebedor")[2][:200]
    await operator.post("/testar", documento=document(sandbox))
    await operator.post("/testar/recebedor", versao=operator.hidden("versao"))
    assert level(app) is Level.OK


async def test_another_payee_is_shown_beside_and_confirmed_by_name(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    confirmed = payee(app)
    tested = await operator.post("/testar", documento=document(sandbox, OTHER))
    assert "Outro recebedor" in tested.text
    assert "EMPRESA TESTE" in tested.text.partition("Outro recebedor")[2]
    version = operator.hidden("versao")
    for named in ("", "EMPRESA TESTE", "1"):
        refused = await operator.post("/testar/recebedor", versao=version, nome_do_recebedor=named)
        assert refused.status_code == 400
        assert payee(app) == confirmed
    proposed = app.settings.get("default", saving.PROPOSED)
    assert proposed is not None
    name = payees.name_of(payees.read(proposed.value))
    await operator.post("/testar/recebedor", versao=version, nome_do_recebedor=name.lower())
    assert payee(app) != confirmed
    assert payee(app).pix_receiver == name


async def test_another_payee_read_while_saving_is_not_confirmed_by_a_tick(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    confirmed = payee(app)
    await paste(operator, sandbox)
    await operator.post("/integracao/recebedor", documento=document(sandbox, OTHER))
    assert "Confirmado</th><th>Lido agora" in operator.page
    wrong = await operator.post("/integracao/confirmar", recebedor="1", nome_do_recebedor="EMPRESA TESTE")
    assert wrong.status_code == 400
    saved = await operator.post("/integracao/confirmar", recebedor="1")
    assert "O outro, lido agora, não foi confirmado" in saved.text
    assert payee(app) == confirmed


async def test_an_invoice_that_shows_less_does_not_loosen_what_is_confirmed(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    confirmed = payee(app)
    tested = await operator.post("/testar", documento=document(sandbox, "sem Pix"))
    assert "Confirmar recebedor" not in tested.text
    assert "Outro recebedor" not in tested.text
    assert payee(app) == confirmed
    less = dataclasses.replace(confirmed, bank_code=None)
    saving.confirm_payee(app.settings, "default", "asaas", less, by=NAME, at=app.now())
    await operator.post("/testar", documento=document(sandbox, "sem Pix"))
    await operator.post("/testar/recebedor", versao=operator.hidden("versao"))
    assert payee(app) == confirmed, "what the invoice shows is added to what was confirmed"


async def test_what_is_confirmed_is_what_was_shown(app: App, operator: Operator, sandbox: RunningSandbox) -> None:
    await set_up(operator, sandbox, "sga")
    await set_up(operator, sandbox, "asaas")
    app.settings.remove("default", saving.PAYEE)
    await operator.post("/testar", documento=document(sandbox))
    shown = operator.hidden("versao")
    saving.propose_payee(app.settings, "default", "asaas", Payee("999", "GOLPE"), by="joao", at=app.now())
    refused = await operator.post("/testar/recebedor", versao=shown)
    assert "faça um teste antes" in refused.text
    assert not payee(app)


@pytest.mark.parametrize("confirmed_since", [True, False])
async def test_restoring_keeps_who_is_confirmed_for_that_gateway(
    app: App, operator: Operator, sandbox: RunningSandbox, confirmed_since: bool
) -> None:
    store, told = app.settings, sandbox.credentials("asaas")
    saving.save(store, "default", "asaas", {**told, "token": "$aact_hmlg_o_velho"}, None, by=NAME, at=app.now())
    saving.save(store, "default", "asaas", told, None, by=NAME, at=app.now())
    if confirmed_since:
        saving.confirm_payee(store, "default", "asaas", Payee("461", "EMPRESA TESTE"), by=NAME, at=app.now())
    await operator.get("/integracao")
    restored = await operator.post("/integracao/restaurar")
    assert app.gateway_settings("default").credentials["token"] == "$aact_hmlg_o_velho"
    assert payee(app) == (Payee("461", "EMPRESA TESTE") if confirmed_since else Payee())
    told_so = "Recebedor confirmado: EMPRESA TESTE" if confirmed_since else "Nenhum recebedor está confirmado"
    assert told_so in restored.text


async def test_a_payee_under_a_lost_key_is_gone_and_the_page_says_so(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    with app.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE segunda_via_settings SET value = 'lost'")
    await operator.get("/integracao")
    await operator.post("/integracao", versao=operator.hidden("versao"), **fields(sandbox, "asaas"))
    saved = await operator.post("/integracao/confirmar", substituir="1")
    assert "Salvo, mas nenhum recebedor está confirmado" in saved.text
    assert level(app) is Level.WARNING


async def test_a_payee_from_before_keys_were_held_is_confirmed_once_more(
    app: App, operator: Operator, sandbox: RunningSandbox
) -> None:
    await set_up(operator, sandbox)
    whole = payee(app)
    before = {"gateway": "asaas", "bank_code": whole.bank_code, "pix_receiver": whole.pix_receiver, "psp_host": None}
    app.settings.put("default", saving.PAYEE, before, by=NAME, at=app.now())
    assert payee(app) == Payee(whole.bank_code, whole.pix_receiver)
    assert level(app) is Level.WARNING
    tested = await operator.post("/testar", documento=document(sandbox))
    assert "O Pix não é enviado: quem o recebe não foi confirmado" in tested.text
    assert "000201" not in tested.text
    assert str(whole.psp_host) in tested.text
    await operator.post("/testar/recebedor", versao=operator.hidden("versao"))
    assert payee(app) == whole
    assert level(app) is Level.OK
    assert "000201" in (await operator.post("/testar", documento=document(sandbox))).text
