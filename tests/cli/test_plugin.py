"""`segunda-via plugin` as a developer runs it in the bot's folder: what is shown, asked and answered to scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bots import PIZZA, write
from typer.testing import CliRunner, Result

from segunda_via.bot_project.changes import Bot
from segunda_via.cli import app


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, PIZZA)


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["plugin", *arguments], input=typed)


def everything(bot: Bot) -> dict[str, str]:
    return {str(path): path.read_text("utf-8") for path in bot.folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_add_shows_the_diff_and_changes_nothing_without_a_yes(bot: Bot, answer: str) -> None:
    before = everything(bot)
    done = run("add", typed=answer)
    assert done.exit_code == 1
    assert "+++ config.yml" in done.output
    assert "+import segunda_via.actions" in done.output
    assert everything(bot) == before


@pytest.mark.parametrize(("arguments", "typed"), [(["add"], "sim\n"), (["add", "--yes"], "")])
def test_add_with_a_yes_changes_and_a_second_time_nothing(bot: Bot, arguments: list[str], typed: str) -> None:
    done = run(*arguments, typed=typed)
    assert done.exit_code == 0
    assert "afirmar: affirm, negar: deny" in done.output
    after = everything(bot)
    again = run("add")
    assert again.exit_code == 0
    assert "nada a mudar" in again.output
    assert everything(bot) == after


def test_an_empty_pipeline_is_filled_with_rasas_own_and_that_is_said(bot: Bot) -> None:
    bot.config.write_text("recipe: default.v1\nlanguage: pt\npipeline:\npolicies:\n", "utf-8")
    said = run("add", "--yes").output
    assert "`pipeline` estava vazio" in said
    assert "`policies` estava vazio" in said


def test_what_cannot_be_read_answers_2(bot: Bot) -> None:
    bot.config.write_text("pipeline: [\n", "utf-8")
    for command in ("check", "add"):
        assert run(command).exit_code == 2
    bot.config.unlink()
    done = run("add", "--yes")
    assert done.exit_code == 2
    assert "config.yml não está aqui" in done.output


def test_paths_are_told_as_they_are_to_rasa(bot: Bot) -> None:
    (bot.folder / "conf").mkdir()
    bot.config.rename(bot.folder / "conf" / "bot.yml")
    paths = ("--config", "conf/bot.yml", "--endpoints", "conf/ends.yml", "--actions", "custom.actions")
    done = run("add", "--yes", *paths)
    assert done.exit_code == 0
    assert (bot.folder / "conf" / "ends.yml").is_file()
    assert (bot.folder / "custom" / "actions" / "__init__.py").is_file()
