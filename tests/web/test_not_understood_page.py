"""Não entendidas: masked and grouped, labelled, trained, taken back; and what two operators do at once."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import sys
import time
from pathlib import Path

import pytest
from web.operator import NAME, PASSWORD, Operator, new_app

from segunda_via.app import App
from segunda_via.intents.example_files import of_project
from segunda_via.intents.training_effect import Change, Moved, TrainingEffect, Understood
from segunda_via.intents.training_job import TrainingJob
from segunda_via.intents.training_service import TrainingService
from segunda_via.storage import audit_trail

PATH = "/painel/nao-entendidas"
FILE = "data/nlu/pedir_segunda_via.yml"
TORPEDO = "solta o torpedo"


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = new_app(tmp_path)
    made.project = tmp_path
    made.operators.add("default", NAME, PASSWORD, by="test")
    shutil.copytree(Path(__file__).parents[2] / "data" / "nlu", tmp_path / "data" / "nlu")
    for text in ("Solta o torpedo!", "solta o torpedo", "solta meu torpedo 529.982.247-25", "<b>xis</b>"):
        made.misunderstood_store.note("default", text)
    made.__dict__["training_job"] = TrainingJob(tmp_path, (sys.executable, "-c", "open('trained', 'w')"))
    change = Change(TORPEDO, "pedir_segunda_via", Understood("negar", 0.31), Understood("pedir_segunda_via", 0.97))
    moved = [Moved("sem torpedo", "negar", "negar", "pedir_segunda_via")]
    compare = lambda added, removed: TrainingEffect([change], moved, 663)  # noqa: E731
    made.__dict__["training_service"] = TrainingService(
        made.engine, made.phrase_labels, made.training_job, compare, made.now
    )
    return made


def written(app: App) -> set[tuple[str, str]]:
    return {(each.text, each.intent) for each in of_project(app.project).all()}


def form(page: str) -> dict[str, str]:
    """What the browser would send of the page's form as it is shown: everything ticked, nothing chosen."""
    found = re.findall(r'name="((?:dito|frase|vale)-\d+-\d+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


async def test_the_panel_leads_there_in_one_click(operator: Operator) -> None:
    page = (await operator.get("/painel")).text
    assert "4 mensagens" in page
    assert 'href="/configuracoes/painel/nao-entendidas"' in page
    assert (await operator.get(PATH)).status_code == 200


async def test_what_was_said_is_masked_grouped_and_no_markup(operator: Operator) -> None:
    page = (await operator.get(PATH)).text
    assert "982" not in page
    assert "solta meu torpedo &lt;cpf&gt;" in page
    assert "&lt;b&gt;xis&lt;/b&gt;" in page
    assert "e 1 parecida, 3 vezes" in page
    assert 'value="solta meu torpedo"' in page, "a mask does not become an example"
    assert "Já paguei: diz que já pagou" in page


async def test_a_group_is_taught_in_one_go_and_another_ignored(operator: Operator, app: App) -> None:
    page = (await operator.get(PATH)).text
    fields = {**form(page), "assunto-0": "pedir_segunda_via", "assunto-1": "ignorar"}
    done = (await operator.post(PATH, **fields)).text
    assert "2 frases salvas, 1 mensagem ignorada." in done
    assert {("solta o torpedo", "pedir_segunda_via"), ("solta meu torpedo", "pedir_segunda_via")} <= written(app)
    assert (app.project / FILE).read_text("utf-8").splitlines()[5:] == [
        "      - solta meu torpedo",
        "      - solta o torpedo",
    ]
    assert "e todas já foram tratadas" in done
    assert "2 mudanças esperam" in done
    assert [each.event for each in audit_trail.recent(app.engine, "default")].count("taught a phrase") == 2
    await operator.post(f"{PATH}/desfazer", licao=operator.hidden("licao"))
    assert ("solta meu torpedo", "pedir_segunda_via") not in written(app)
    assert "ensinou uma frase" in (await operator.get("/historico")).text


async def test_what_is_not_ticked_or_not_decided_stays(operator: Operator, app: App) -> None:
    fields = form((await operator.get(PATH)).text)
    del fields["vale-0-1"]
    page = (await operator.post(PATH, **{**fields, "assunto-0": "pedir_segunda_via"})).text
    assert "1 frase salva." in page
    assert "solta meu torpedo &lt;cpf&gt;" in page
    assert "Nada foi escolhido." in (await operator.post(PATH, **form(page))).text


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("cpf 529.982.247-25", "dados de alguém"),
        ("eu@exemplo.com", "dados de alguém"),
        ("bom dia", "A frase já está em conversa.yml"),
        ("", "de 1 a 300"),
    ],
)
async def test_what_cannot_be_taught_is_refused_beside_it_and_the_rest_is_saved(
    operator: Operator, app: App, phrase: str, reason: str
) -> None:
    fields = {**form((await operator.get(PATH)).text), "assunto-0": "pedir_segunda_via", "frase-0-1": phrase}
    answer = await operator.post(PATH, **fields)
    page = html.unescape(answer.text)
    assert answer.status_code == 400
    assert "1 frase salva. O que não pôde" in page
    assert reason in page
    assert f'value="{phrase}"' in page
    assert '<option value="pedir_segunda_via" selected>' in page
    assert ("solta o torpedo", "pedir_segunda_via") in written(app)


async def test_an_unknown_subject_is_refused(operator: Operator, app: App) -> None:
    before = written(app)
    fields = {**form((await operator.get(PATH)).text), "assunto-0": "../../etc", "assunto-1": "nlu_fallback"}
    assert (await operator.post(PATH, **fields)).status_code == 400
    assert written(app) == before


async def test_of_two_operators_the_second_is_told(operator: Operator, app: App) -> None:
    fields = {**form((await operator.get(PATH)).text), "assunto-0": "ja_paguei"}
    app.phrase_labels.teach("default", TORPEDO, TORPEDO, "pedir_segunda_via", by="joao")
    page = html.unescape((await operator.post(PATH, **fields)).text)
    assert "1 frase salva. O que não pôde" in page
    assert f"“{TORPEDO}”: joao já marcou esta mensagem como Segunda via de boleto" in page
    assert (TORPEDO, "ja_paguei") not in written(app)


async def test_training_shows_its_progress_and_then_what_changed(operator: Operator, app: App) -> None:
    fields = {**form((await operator.get(PATH)).text), "assunto-0": "pedir_segunda_via"}
    await operator.post(PATH, **fields)
    await operator.post(f"{PATH}/treinar")
    limit = time.monotonic() + 30
    while "progress" in (page := (await operator.get(f"{PATH}/treino")).text):
        assert time.monotonic() < limit
        await asyncio.sleep(0.05)
    assert (app.project / "trained").exists()
    assert "Modelo treinado." in page
    assert "Das 663 frases de teste, 1 mudou de sentido" in page
    assert "agora errada" in page
    assert "Não, 31% → <b>Segunda via de boleto, 97%</b>" in page
    assert "Tudo o que foi ensinado já foi treinado." in page
    assert "por maria" in page
    assert "<html" not in page, "a part of the page, for the script"
    assert "Modelo treinado." in (await operator.get("/flow/treino")).text, "it is one training"


@pytest.mark.parametrize("number", ["", "x", "²", "0", "9" * 30])
async def test_what_is_no_label_cannot_be_taken_back(operator: Operator, number: str) -> None:
    await operator.get(PATH)
    answer = await operator.post(f"{PATH}/desfazer", licao=number)
    assert answer.status_code == 400
    assert "Isto já tinha sido desfeito" in answer.text


async def test_where_examples_cannot_be_written_one_line_says_so_and_nothing_is_lost(
    operator: Operator, app: App
) -> None:
    taken = app.project / "data" / "nlu" / ".pedir_segunda_via.yml.new"
    taken.mkdir()
    fields = {**form((await operator.get(PATH)).text), "assunto-0": "pedir_segunda_via"}
    page = (await operator.post(PATH, **fields)).text
    assert page.count("somente leitura; o que você escolheu ficou guardado") == 1
    assert "espera: servidor somente leitura" in page
    taken.rmdir()
    await operator.post(f"{PATH}/treinar")
    assert (TORPEDO, "pedir_segunda_via") in written(app)
    assert "somente leitura" not in (await operator.get(PATH)).text


async def test_of_many_groups_the_first_are_shown_and_the_others_counted(operator: Operator, app: App) -> None:
    words = ("abacate", "bicicleta", "cruzeiro", "dominó", "espuma", "fósforo", "girafa", "hélice", "ímpar", "jipe")
    for word in words:
        app.misunderstood_store.note("default", word)
    assert "E mais 2 grupos" in (await operator.get(PATH)).text
