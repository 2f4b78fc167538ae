"""`segunda-via settings` as a person meets it: a real command in a real terminal, which shows what it echoes."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pexpect
import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from support.databases import migrated_sqlite

from sandbox.server import RunningSandbox
from segunda_via.app import App
from segunda_via.settings import gateway as saving
from segunda_via.settings.environment import Environment
from segunda_via.storage import conversation_events
from segunda_via.storage.endpoints_file import ENCRYPTED
from segunda_via.storage.keys import KeyRing

pytestmark = pytest.mark.slow
COMMAND = str(Path(sys.executable).with_name("segunda-via"))
SECRET = ("Token da API",)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


class Terminal:
    """A terminal in a folder of its own. `shown` is everything that stood on its screen, whatever was typed unseen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = {"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder)}
        (folder / "endpoints.yml").write_text(f"tracker_store: {{type: {ENCRYPTED}, db: tracker.db}}\n")
        self.shown = ""
        self.code: int | None = None

    def run(self, command: str, *answers: tuple[str, str], **environment: str) -> str:
        """What the command printed; each answer is given when its question stands there."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        process = pexpect.spawn(
            COMMAND,
            command.split(),
            cwd=str(self.folder),
            env={**kept, **self.told, **environment},  # type: ignore[arg-type]  # pexpect's stub wants os._Environ
            encoding="utf-8",
            dimensions=(50, 400),
            timeout=60,
        )
        printed = ""
        for question, answer in answers:
            process.expect_exact(question)
            if question in SECRET:
                process.waitnoecho()  # which is turned off after the question is printed
            printed += (process.before or "") + question
            process.sendline(answer)
        process.expect(pexpect.EOF)
        process.close()
        printed = ESCAPES.sub("", printed + (process.before or "")).replace("\r\n", "\n")
        self.code = process.exitstatus
        self.shown += printed
        return printed

    def set_asaas(self, sandbox: RunningSandbox, token: str | None = None, *before: tuple[str, str]) -> str:
        told = sandbox.credentials("asaas")
        answers = [("Gateway (", "asaas"), ("Token da API", token or told["token"])]
        answers += [("Endereço da API", told["base_url"]), ("Arquivo do certificado", "")]
        answers += [("Permitir http", ""), ("Outros endereços para onde", ""), ("Outros endereços de onde", "")]
        return self.run("settings set", *before, *answers)

    def app(self, **environment: str) -> App:
        """The same settings, seen by another process."""
        return App(Environment.read({**self.told, **environment}), home=self.folder / "var")

    def one_line(self, printed: str) -> str:
        """What went wrong: the last line, with nothing like a traceback before it."""
        assert self.code == 1
        assert "Traceback" not in printed
        return next(line for line in reversed(printed.splitlines()) if line.strip())


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_a_token_is_asked_for_unseen_tested_saved_and_shown_by_its_end(
    terminal: Terminal, sandbox: RunningSandbox
) -> None:
    token = sandbox.credentials("asaas")["token"]
    printed = terminal.set_asaas(sandbox)
    assert terminal.code == 0, printed
    assert "Salvo. Asaas respondeu como" in printed
    assert "esta chave é do ambiente de testes" in printed
    assert f"…{token[-4:]}" in terminal.run("settings show")
    assert "Asaas respondeu como" in terminal.run("settings test")
    assert token not in terminal.shown
    assert token[:-4] not in terminal.shown


def test_a_token_is_mended_or_explained_before_anybody_is_asked(terminal: Terminal, sandbox: RunningSandbox) -> None:
    token = sandbox.credentials("asaas")["token"]
    wrong = terminal.one_line(terminal.set_asaas(sandbox, "Client_Id_1234567890"))
    assert "isto parece um Client ID do MK-AUTH, não a chave do Asaas" in wrong
    assert "recusou o token" in terminal.one_line(terminal.set_asaas(sandbox, "$aact_hmlg_outra_chave"))
    assert "outra_chave" not in terminal.shown
    assert terminal.app().settings.get("default", "gateway") is None
    assert "as aspas foram retiradas" in terminal.set_asaas(sandbox, f' "{token}" ')
    assert terminal.app().gateway_settings("default").credentials["token"] == token


def test_a_new_token_replaces_the_old_one_when_that_is_meant_and_it_can_be_restored(
    terminal: Terminal, sandbox: RunningSandbox
) -> None:
    app = terminal.app()
    first = {"token": "$aact_prod_a_primeira"}
    saving.save(app.settings, "default", "asaas", first, None, by="maria", at=app.now())
    refused = terminal.run("settings set", ("Substituir?", "n"))
    assert "por maria" in refused
    assert "Nada foi mudado" in refused
    assert app.gateway_settings("default").credentials == first
    assert "Salvo." in terminal.set_asaas(sandbox, None, ("Substituir?", "s"))
    assert "o anterior   Asaas, pode ser restaurado até" in terminal.run("settings show")
    restored = terminal.run("settings restore", ("Restaurar Asaas", "s"))
    assert "por maria" in restored
    assert "Restaurado." in restored
    assert app.gateway_settings("default").credentials == first


def test_after_a_day_there_is_nothing_to_restore(terminal: Terminal) -> None:
    app = terminal.app()
    for token, hours in (("$aact_prod_velho", 50), ("$aact_prod_novo", 25)):
        at = app.now() - timedelta(hours=hours)
        saving.save(app.settings, "default", "asaas", {"token": token}, None, by="maria", at=at)
    printed = terminal.run("settings restore")
    assert terminal.one_line(printed) == "✗ não há gateway anterior a restaurar (ele é guardado por 24 horas)"
    assert app.gateway_settings("default").credentials["token"] == "$aact_prod_novo"


def test_the_key_is_rotated_and_what_is_saved_is_read_with_the_new_one(terminal: Terminal) -> None:
    app, file = terminal.app(), terminal.folder / "var" / "secret.key"
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=app.now())
    old, tracker = file.read_text(), make_url(f"sqlite:///{terminal.folder}/tracker.db")
    conversation_events.connect(tracker, KeyRing(old)).append("ana", [{"event": "bot", "text": "Olá!"}])
    assert "Nada foi mudado" in terminal.run("settings rotate-key", ("parado?", "n"))
    assert file.read_text() == old
    printed = terminal.run("settings rotate-key", ("parado?", "s"))
    assert "1 valor cifrado com a chave nova, que está em var/secret.key" in printed
    assert file.read_text() != old
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() not in printed
    assert conversation_events.connect(tracker, KeyRing(file.read_text())).ids() == ["ana"]
    assert "…1234" in terminal.run("settings show")
    lost = terminal.run("settings show", SEGUNDA_VIA_SECRET_KEY=old)
    assert "cifrado com outra chave" in terminal.one_line(lost)


def test_a_key_of_the_environment_is_rotated_into_a_file_beside(terminal: Terminal) -> None:
    old = Fernet.generate_key().decode()
    app = terminal.app(SEGUNDA_VIA_SECRET_KEY=old)
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=app.now())
    printed = terminal.run("settings rotate-key", ("parado?", "s"), SEGUNDA_VIA_SECRET_KEY=old)
    assert "Ponha-a em SEGUNDA_VIA_SECRET_KEY" in printed
    new = (terminal.folder / "var" / "secret.key.new").read_text()
    assert "…1234" in terminal.run("settings show", SEGUNDA_VIA_SECRET_KEY=new)


def test_a_rotation_that_broke_off_after_sealing_is_completed(terminal: Terminal) -> None:
    app, folder = terminal.app(), terminal.folder / "var"
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=app.now())
    lost = (folder / "secret.key").read_text()
    terminal.run("settings rotate-key", ("parado?", "s"))
    (folder / "secret.key").rename(folder / ".secret.key.draft")  # as if the machine had stopped just before the end
    (folder / "secret.key").write_text(lost)
    assert "foi concluída" in terminal.run("settings rotate-key", ("parado?", "s"))
    assert "…1234" in terminal.run("settings show")


@pytest.mark.parametrize("command", ["show", "test", "rotate-key"])
def test_a_lost_key_is_one_clear_line(terminal: Terminal, command: str) -> None:
    app = terminal.app()
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=app.now())
    other = Fernet.generate_key().decode()
    answers = [("parado?", "s")] if command == "rotate-key" else []
    printed = terminal.run(f"settings {command}", *answers, SEGUNDA_VIA_SECRET_KEY=other)
    assert "outra chave" in terminal.one_line(printed)
    assert app.gateway_settings("default").credentials["token"] == "$aact_prod_000000001234", "nothing was changed"


def test_a_lost_key_does_not_keep_a_new_token_from_being_saved(terminal: Terminal, sandbox: RunningSandbox) -> None:
    app = terminal.app()
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=app.now())
    (terminal.folder / "var" / "secret.key").unlink()
    assert "Salvo." in terminal.set_asaas(sandbox, None, ("Salvar por cima?", "s"))
    assert terminal.run("settings show").startswith("gateway      asaas")


def test_a_file_that_is_no_key_is_one_clear_line(terminal: Terminal) -> None:
    (terminal.folder / "var").mkdir()
    (terminal.folder / "var" / "secret.key").write_text("não é uma chave")
    assert "não contém uma chave secreta" in terminal.one_line(terminal.run("settings show"))
