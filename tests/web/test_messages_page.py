"""Mensagens: every text of the domain is there, can be changed, and is what customers read next."""

from __future__ import annotations

import html

import pytest
from web.operator import NAME, Operator

from segunda_via.app import App
from segunda_via.conversation import domain_file
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.conversation.responses import QUESTION, lay_over
from segunda_via.web import response_catalogue
from segunda_via.web.rendering import whatsapp

THANKS = "utter_segunda_via_you_are_welcome"
LINK = "utter_segunda_via_link"


async def said(app: App, response: str) -> str:
    laid = lay_over(domain_file.responses(), await app.response_cache.soon("default"))
    return str(laid[response][0]["text"])


async def save(operator: Operator, response: str, text: str, **more: str) -> str:
    await operator.get(f"/mensagens/editar?texto={response}")
    version = operator.hidden("versao")
    fields = {"texto": response, "canal": "", "versao": version, "texto_novo": text, **more}
    return html.unescape((await operator.post("/mensagens/editar", **fields)).text)


async def test_every_text_of_the_domain_is_on_the_page_with_a_title(operator: Operator) -> None:
    page = html.unescape((await operator.get("/mensagens")).text)
    for response in domain_file.responses():
        assert f"texto={response}" in page
    assert "Outros textos" not in page, "a response without a title: add it to web/catalogue.py"


def test_every_variable_of_the_domain_has_a_sample() -> None:
    for situation, places in response_catalogue.places(domain_file.responses()):
        for place in places:
            for variant in domain_file.responses()[place.response]:
                assert "{" not in response_catalogue.sample(str(variant["text"])), situation


async def test_a_saved_text_is_what_is_said_and_the_original_is_one_click_away(operator: Operator, app: App) -> None:
    page = await save(operator, THANKS, "Disponha, *sempre*! <b>💚</b>")
    assert "Salvo." in page
    assert "Disponha, <b>sempre</b>! <b>💚</b>" in page  # unescaped here: the operator's own tag came escaped
    assert "&lt;b&gt;" in operator.page
    assert NAME in page
    assert await said(app, THANKS) == "Disponha, *sempre*! <b>💚</b>"
    page = await save(operator, THANKS, "", original="1")
    assert "o original" in page
    app.__dict__.pop("response_cache")
    assert await said(app, THANKS) == domain_file.responses()[THANKS][0]["text"]


async def test_what_cannot_be_is_refused_with_the_reason_and_what_was_typed_stays(operator: Operator, app: App) -> None:
    page = await save(operator, LINK, "Pague <aqui> com {{7*7}}")
    assert "chaves" in page
    assert "Pague <aqui> com {{7*7}}</textarea>" in page
    assert "com 49" not in page
    assert "Falta no texto a variável {link}" in await save(operator, LINK, "Pague aqui")
    assert app.saved_responses.versions("default", LINK) == []


async def test_who_edits_what_another_changed_meanwhile_is_told(operator: Operator, app: App) -> None:
    await save(operator, THANKS, "Disponha!")
    page = await save(operator, THANKS, "Às ordens!", versao="0")
    assert f"{NAME.capitalize()} salvou este texto enquanto você editava" in page
    assert "Às ordens!</textarea>" in page


async def test_the_preview_shows_values_formatting_and_what_is_wrong(operator: Operator) -> None:
    await operator.get(f"/mensagens/editar?texto={LINK}")
    fields = {"texto": LINK, "canal": "", "texto_novo": "*Pague*\r\n\r\naqui"}
    preview = (await operator.post("/mensagens/previa", **fields)).text
    assert "<b>Pague</b>" in preview
    assert "13 de 1024" in preview
    assert "linha em branco" in preview
    good = (await operator.post("/mensagens/previa", **{**fields, "texto_novo": "Aqui: {link}"})).text
    assert response_catalogue.SAMPLES["link"] in good
    assert "wrong" not in good


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("*a* _b_ ~c~", "<b>a</b> <i>b</i> <s>c</s>"),
        ("2 * 3 * 4, a_b_c e **", "2 * 3 * 4, a_b_c e **"),
        ("*_a_*", "<b><i>a</i></b>"),
        ("```*a*\nb``` e `c`", "<code>*a*\nb</code> e <code>c</code>"),
        ("- um\n* dois\n-três", "• um\n• dois\n-três"),
        ("> *dito*", '<span class="quoted"><b>dito</b></span>'),
        ("<img src=x> & `<i>`", "&lt;img src=x&gt; &amp; <code>&lt;i&gt;</code>"),
    ],
)
def test_whatsapps_signs_are_shown_as_whatsapp_shows_them(written: str, shown: str) -> None:
    assert whatsapp(written) == shown


async def test_without_script_the_button_shows_it_and_saves_nothing(operator: Operator, app: App) -> None:
    page = await save(operator, THANKS, "De _nada_!", ver="1")
    assert "De <i>nada</i>!" in page
    assert app.saved_responses.versions("default", THANKS) == []


async def test_the_question_and_the_queue_are_one(operator: Operator, app: App) -> None:
    await save(operator, QUESTION, "Qual o seu CPF?\n🔒 Só para isso.")
    assert QUEUE_SETTING.in_force(app.settings, "default").message == "Qual o seu CPF?"


async def test_a_text_that_does_not_exist_is_a_404(operator: Operator) -> None:
    assert (await operator.get("/mensagens/editar?texto=utter_gone")).status_code == 404
