"""What was not understood, as Rasa's own tracker store keeps it, labelled by somebody at a terminal."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from cryptography.fernet import Fernet
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rich.console import Console
from support.databases import migrated_sqlite
from typer.testing import CliRunner

from segunda_via import cli
from segunda_via.app import App
from segunda_via.cli.review import label
from segunda_via.errors import ConfigurationError
from segunda_via.intents import misunderstood
from segunda_via.intents.example_files import ExampleFiles
from segunda_via.intents.misunderstood import Misunderstood
from segunda_via.settings.environment import Environment
from segunda_via.storage import endpoints_file
from segunda_via.storage.conversation_events import ConversationEvents
from segunda_via.storage.keys import KeyRing

EXAMPLES = """version: "3.1"

nlu:
  - intent: pedir_segunda_via
    examples: |
      - segunda via
  - intent: cumprimentar
    examples: |
      - oi
"""
TORPEDO = Misunderstood("cadê o torpedo de pagar", 1)


KEYS = KeyRing(Fernet.generate_key().decode())


async def said(folder: Path, *texts: str, intent: str = "nlu_fallback") -> ConversationEvents:
    """What is kept, once these messages were recognised as `intent`."""
    domain = Domain.empty()
    store = SQLTrackerStore(domain, dialect="sqlite", db=f"{folder}/tracker.db")
    events = [UserUttered(text, parse_data={"intent": {"name": intent}, "entities": []}) for text in texts]
    await store.save(DialogueStateTracker.from_events(f"{intent}:+5511987654321", events))
    store.engine.dispose()
    return kept_in(folder)


def kept_in(folder: Path) -> ConversationEvents:
    return ConversationEvents(sa.create_engine(f"sqlite:///{folder}/tracker.db"), KEYS)


async def test_only_what_was_not_understood_is_read(tmp_path: Path) -> None:
    await said(tmp_path, "bom dia", intent="cumprimentar")
    store = await said(tmp_path, "cadê o torpedo", "xis")
    assert sorted(misunderstood.read(store)) == ["cadê o torpedo", "xis"]


async def test_it_is_masked_and_cannot_move_the_terminals_cursor(tmp_path: Path) -> None:
    pix = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR6304ABCD"
    store = await said(
        tmp_path, "torpedo 529.982.247-25", "529\u200b982\u200b247\u200b25 xis", f"toma {pix}", "a\x1b[2J\nb"
    )
    texts = misunderstood.read(store)
    assert sorted(texts) == ["<cpf> xis", "a [2J b", "toma <pix>", "torpedo <cpf>"]


def test_a_store_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(f"tracker_store: {{type: SQL, dialect: sqlite, db: {tmp_path}/tracker.db}}\n", "utf-8")
    with endpoints_file.conversations(KEYS, endpoints) as kept:
        assert misunderstood.read(kept) == []
    endpoints.unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_read_is_one_line_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "tracker.db").write_text("this is no database, and long enough for its header to be looked at" * 9)
    with pytest.raises(ConfigurationError) as refused:
        misunderstood.read(kept_in(tmp_path))
    assert str(tmp_path) not in str(refused.value)


def test_the_same_words_are_shown_once_and_the_alike_together() -> None:
    texts = ["cadê o torpedo", "Cade o torpedo?", "xis", "cadê meu torpedo", "CADÊ O TORPEDO!!", "uai"]
    assert misunderstood.grouped(texts) == [
        [Misunderstood("cadê o torpedo", 3), Misunderstood("cadê meu torpedo", 1)],
        [Misunderstood("xis", 1)],
        [Misunderstood("uai", 1)],
    ]


def test_what_has_been_labelled_is_not_shown_again() -> None:
    assert misunderstood.grouped(["Cadê o torpedo?", "torpedo <cpf>"], known=["cade o torpedo", "torpedo"]) == []


class Labelled:
    """What somebody who answers so has written, and read, and how many examples it made."""

    def __init__(self, folder: Path, answers: str, *groups: list[Misunderstood]) -> None:
        file = folder / "all.yml"
        file.write_text(EXAMPLES, "utf-8")
        said, counts = io.StringIO(), []
        app = typer.Typer()

        @app.command()
        def run() -> None:
            counts.append(label(Console(file=said, highlight=False, soft_wrap=True), groups, ExampleFiles(folder)))

        result = CliRunner().invoke(app, [], input=answers)
        assert result.exit_code == 0, result.output
        self.written = counts[0]
        self.read = said.getvalue()
        self.added = [line.strip() for line in file.read_text("utf-8").splitlines() if line not in EXAMPLES.split("\n")]


def test_messages_are_labelled_skipped_and_left_one_by_one(tmp_path: Path) -> None:
    first = [TORPEDO, Misunderstood("torpedo <cpf>", 2)]
    done = Labelled(tmp_path, "pedir_segunda_via\n\nq\n", first, [Misunderstood("xis", 1)])
    assert (done.written, done.added) == (1, ["- cadê o torpedo de pagar"])
    assert "2× torpedo <cpf>" in done.read
    assert "Intenções: cumprimentar, pedir_segunda_via" in done.read


def test_a_mask_does_not_become_an_example(tmp_path: Path) -> None:
    done = Labelled(tmp_path, "pedir_segunda_via\n", [Misunderstood("torpedo <cpf>", 1)])
    assert done.added == ["- torpedo"]


def test_a_phrase_can_be_rewritten_without_the_name_in_it(tmp_path: Path) -> None:
    done = Labelled(tmp_path, "pedir_segunda_via: sou eu, solta o torpedo\n", [Misunderstood("sou a Ana, torpedo", 1)])
    assert done.added == ["- sou eu, solta o torpedo"]


def test_an_answer_that_cannot_be_used_is_asked_again(tmp_path: Path) -> None:
    done = Labelled(tmp_path, "pizza\ncumprimentar: eu@exemplo.com\ncumprimentar\n", [TORPEDO])
    assert (done.written, done.added) == (1, ["- cadê o torpedo de pagar"])
    assert "intenção desconhecida" in done.read
    assert "dados de alguém" in done.read


def test_the_end_of_the_input_keeps_what_was_written(tmp_path: Path) -> None:
    done = Labelled(tmp_path, "cumprimentar\n", [TORPEDO, Misunderstood("xis", 1)])
    assert done.written == 1


def test_what_was_said_is_no_markup_of_the_terminal(tmp_path: Path) -> None:
    assert "1× [red]xis[/red]" in Labelled(tmp_path, "q\n", [Misunderstood("[red]xis[/red]", 1)]).read


async def test_what_the_screen_put_aside_is_not_shown_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(tmp_path, "cadê o torpedo", "xis do aquário")
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(f"tracker_store: {{type: SQL, dialect: sqlite, db: {tmp_path}/tracker.db}}\n", "utf-8")
    told = {
        "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path),
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    app = App(Environment.read(told), home=tmp_path)
    app.phrase_labels.ignore("default", "xis do aquário", by="maria")
    command = ["phrases", "review", "--endpoints", str(endpoints)]
    result = await asyncio.to_thread(CliRunner().invoke, cli.app, command, input="q\n")
    assert result.exit_code == 0, result.output
    assert "cadê o torpedo" in result.output
    assert "aquário" not in result.output
