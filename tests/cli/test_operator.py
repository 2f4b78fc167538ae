"""The operator's commands, against the sandbox: set up, look, confirm, check, and read the journal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from support.databases import migrated_sqlite
from typer.testing import CliRunner

from sandbox.server import RunningSandbox, listing
from scripts.processes import ROOT
from segunda_via import app as composition
from segunda_via.boletos.outcome import Outcome
from segunda_via.cli import app
from segunda_via.cli.terminal import whoever
from segunda_via.storage import audit_trail, database
from segunda_via.storage.database import lookups
from segunda_via.storage.endpoints_file import ENCRYPTED


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


class Operator:
    """Someone at a terminal, in a folder of their own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)
        self.folder = folder
        self.environment = {"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder)}

    def run(self, command: str, answers: str = "", **environment: str) -> Result:
        return CliRunner().invoke(app, command.split(), input=answers, env={**self.environment, **environment})

    def set_up(self, sandbox: RunningSandbox, token: str | None = None) -> Result:
        credentials = sandbox.credentials("asaas")
        answers = ["asaas", token or credentials["token"], credentials["base_url"], "", "", "", ""]
        return self.run("settings set", "\n".join(answers) + "\n")


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


def document(sandbox: RunningSandbox, shows: str) -> str:
    return next(row["document"] for row in listing(sandbox.sandbox.today()) if shows in row["shows"])


def findings(result: Result) -> dict[str, str]:
    return {each["subject"]: each["level"] for each in json.loads(result.output)}


def test_from_nothing_to_a_confirmed_payee(operator: Operator, sandbox: RunningSandbox) -> None:
    before = operator.run("doctor --json")
    assert before.exit_code == 1
    assert findings(before)["gateway"] == "failure"

    assert operator.set_up(sandbox).exit_code == 0
    looked = operator.run("lookup", document(sandbox, "entrega completa") + "\n")
    assert looked.exit_code == 0, looked.output
    assert "vencida; outras em aberto: 2" in looked.output
    assert operator.run("settings confirm-payee", "y\n").exit_code == 0

    (operator.folder / "models").mkdir()
    (operator.folder / "models" / "m.tar.gz").touch()
    (operator.folder / "endpoints.yml").write_text(f"tracker_store: {{type: {ENCRYPTED}, db: tracker.db}}")
    after = operator.run("doctor --json")
    assert after.exit_code == 0, after.output
    told = findings(after)
    assert told.pop("exposure") in {"ok", "warning"}, "what else listens on this machine is not the test's"
    assert told == {
        "variables": "ok",
        "disk": "ok",
        "database": "ok",
        "gateway": "ok",
        "payee": "ok",
        "ticket_desk": "ok",
        "whatsapp": "warning",
        "queue": "ok",
        "texts": "ok",
        "conversations": "ok",
        "public_url": "warning",
        "model": "ok",
    }


def test_lookup_masks_what_it_shows_and_hides_what_is_typed(operator: Operator, sandbox: RunningSandbox) -> None:
    operator.set_up(sandbox)
    written = document(sandbox, "entrega completa")
    shown = operator.run("lookup", written + "\n").output
    assert written not in shown
    assert f"***.{written[4:11]}-**" in shown
    assert "0002010102" not in shown, "the Pix is shown by its ends only"
    engine = database.connect(operator.environment["SEGUNDA_VIA_DATABASE_URL"])
    newest = next(entry for entry in audit_trail.recent(engine, "default") if entry.event == "looked_up")
    assert (newest.who, newest.detail) == (whoever(), f"***.{written[4:11]}-**")
    engine.dispose()


def test_a_boleto_of_another_payee_is_refused_once_confirmed(operator: Operator, sandbox: RunningSandbox) -> None:
    operator.set_up(sandbox)
    operator.run("lookup", document(sandbox, "entrega completa") + "\n")
    operator.run("settings confirm-payee", "y\n")
    refused = operator.run("lookup", document(sandbox, "recebedor que não é a empresa") + "\n")
    assert refused.exit_code == 1
    assert "não seria enviada" in refused.output


def test_a_wrong_token_is_not_saved(operator: Operator, sandbox: RunningSandbox) -> None:
    result = operator.set_up(sandbox, token="$aact_hmlg_errado")
    assert result.exit_code == 1
    assert operator.run("settings show").exit_code == 1, "nothing was saved"


def test_show_gives_away_no_more_than_four_characters(operator: Operator, sandbox: RunningSandbox) -> None:
    operator.set_up(sandbox)
    shown = operator.run("settings show").output
    token = sandbox.credentials("asaas")["token"]
    assert f"…{token[-4:]}" in shown
    assert token[:-4] not in shown


def test_a_token_rejected_later_fails_the_doctor(operator: Operator, sandbox: RunningSandbox) -> None:
    operator.set_up(sandbox)
    sandbox.order("401")
    try:
        result = operator.run("doctor --json")
    finally:
        sandbox.reset()
    assert result.exit_code == 1
    assert findings(result)["gateway"] == "failure"


def test_a_malformed_variable_is_the_doctors_one_line(operator: Operator) -> None:
    result = operator.run("doctor", SEGUNDA_VIA_PUBLIC_URL="bot.example.com")
    assert result.exit_code == 1
    assert result.output.strip().splitlines() == [
        "✗ Variáveis         SEGUNDA_VIA_PUBLIC_URL deve ser uma URL como https://bot.example.com."
    ]


def test_an_invalid_document_is_refused_in_words(operator: Operator, sandbox: RunningSandbox) -> None:
    operator.set_up(sandbox)
    assert "não é válido" in operator.run("lookup", "123\n").output


def test_the_journal_can_be_read(operator: Operator) -> None:
    root = composition.build(operator.environment)
    root.tickets.open("default", "whatsapp:+5511987654321")
    root.tickets.finish("default", "whatsapp:+5511987654321", Outcome.OVERDUE)
    assert "finalizado" in operator.run("tickets list").output
    story = operator.run("tickets show whatsapp:+5511987654321#1").output
    _, _, told = story.partition("\n\n")
    assert [line[21:36].strip() for line in told.splitlines()] == ["aberto", "na fila", "finalizado"]
    assert operator.run("tickets show nenhum").exit_code == 1


def test_keywords_are_listed_added_and_removed(operator: Operator) -> None:
    assert operator.run("keywords list").output.splitlines() == ["segunda via", "boleto", "segunda via boleto"]
    assert "salva" in operator.run("keywords add Carnê").output
    assert "já estava" in operator.run("keywords add carne!").output
    assert operator.run("keywords remove boleto").exit_code == 0
    assert operator.run("keywords remove boleto").exit_code == 1
    assert operator.run("keywords list").output.splitlines() == ["segunda via", "segunda via boleto", "Carnê"]


def test_a_keyword_that_means_something_else_in_the_examples_is_pointed_out(operator: Operator) -> None:
    shutil.copytree(ROOT / "data" / "nlu", operator.folder / "data" / "nlu")
    assert "é cumprimentar" in operator.run("keywords add cheguei").output
    assert "é ja_paguei" in operator.run("keywords add japaguei").output, "of the skill's own examples"


@pytest.mark.parametrize("word", ["não", "sim", "1", "atendente", "menu"])
def test_a_reserved_word_is_no_keyword(operator: Operator, word: str) -> None:
    refused = operator.run(f"keywords add {word}")
    assert refused.exit_code == 1
    assert "não serve de palavra-chave" in str(refused.exception)
    assert word not in operator.run("keywords list").output.splitlines()


def test_without_conversations_there_is_nothing_to_review(operator: Operator) -> None:
    assert operator.run("phrases review").exit_code == 1, "there is no endpoints.yml in this folder"
    (operator.folder / "rasa.yml").write_text("tracker_store:\n  type: SQL\n  db: tracker.db\n")
    assert operator.run("phrases review --endpoints rasa.yml").output.strip() == "✓ nenhuma mensagem por entender"
    assert not (operator.folder / "tracker.db").exists()


def test_purge_says_what_it_erased(operator: Operator) -> None:
    (operator.folder / "endpoints.yml").write_text("tracker_store:\n  type: SQL\n  db: tracker.db\n")
    root = composition.build(operator.environment)
    with root.engine.begin() as connection:
        old = {"company": "default", "day": date(2020, 1, 1), "sender": "a", "document": "b"}
        connection.execute(sa.insert(lookups).values(old))
    told = "Apagados: 0 mensagens e eventos de conversas, 0 atendimentos, 1 contadores, 0 outros."
    assert operator.run("purge").output.strip() == told


def test_a_token_saved_again_keeps_the_payee_and_another_payee_is_confirmed_by_name(
    operator: Operator, sandbox: RunningSandbox
) -> None:
    operator.set_up(sandbox)
    operator.run("lookup", document(sandbox, "entrega completa") + "\n")
    operator.run("settings confirm-payee", "y\n")
    again = [("s", "asaas"), (sandbox.credentials("asaas")["token"], sandbox.credentials("asaas")["base_url"])]
    saved = operator.run("settings set", "\n".join([*again[0], *again[1], "", "", "", ""]) + "\n")
    assert "Recebedor confirmado: EMPRESA TESTE" in saved.output
    operator.run("lookup", document(sandbox, "recebedor que não é a empresa") + "\n")
    refused = operator.run("settings confirm-payee", "s\n")
    assert refused.exit_code == 1
    assert "confirmado: EMPRESA TESTE" in refused.output
    assert "Nada foi mudado" in refused.output
    name = refused.output.partition("Para trocar, digite ")[2].partition(":")[0].strip()
    assert f"Recebedor confirmado: {name}" in operator.run("settings confirm-payee", f"{name}\n").output
