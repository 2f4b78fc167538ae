"""`segunda-via plugin`: takes the skill into a Rasa bot, and says whether all is in its place. Run in the bot's folder.

Exit codes: 0 all is in its place (or was put there), 1 something is not, 2 the bot could not be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from segunda_via.bot_project import changes as of_bot
from segunda_via.bot_project.changes import Bot, Change
from segunda_via.bot_project.check import findings as found_in
from segunda_via.bot_project.domain_intents import domain_path, intents
from segunda_via.bot_project.wanted import intent_names
from segunda_via.cli import findings, terminal
from segunda_via.errors import ConfigurationError

app = typer.Typer(help="Põe a segunda via em outro bot de Rasa. Rode na pasta do bot.", no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", help="Como em `rasa train --config`.")]
Endpoints = Annotated[Path, typer.Option("--endpoints", help="Como em `rasa run --endpoints`.")]
Domain = Annotated[Path | None, typer.Option("--domain", help="Arquivo ou pasta; sem isto, domain.yml ou domain/.")]
Data = Annotated[list[Path], typer.Option("--data", help="Como em `rasa train --data`; pode repetir.")]
Actions = Annotated[str, typer.Option("--actions", help="Como em `rasa run actions --actions`.")]


@app.command("check")
def check(
    config: Config = Path("config.yml"),
    domain: Domain = None,
    data: Data = [Path("data")],  # noqa: B006  typer reads it and never changes it
    endpoints: Endpoints = Path("endpoints.yml"),
    actions: Actions = "actions",
    as_json: Annotated[bool, typer.Option("--json", help="Para scripts.")] = False,
) -> None:
    """Diz o que falta, o que está fora de lugar e o que conflita, e prova que o Rasa carrega a habilidade."""
    folder = Path.cwd()
    with _unreadable_is_2():
        found = found_in(Bot(folder, config, endpoints, actions), domain or domain_path(Path()), data)
    findings.report(found, as_json=as_json)


@app.command("add")
def add(
    config: Config = Path("config.yml"),
    domain: Domain = None,
    endpoints: Endpoints = Path("endpoints.yml"),
    actions: Actions = "actions",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Sem perguntar.")] = False,
) -> None:
    """Mostra o que mudaria em config.yml, endpoints.yml e nas ações, pergunta, e muda. De novo, não muda nada."""
    folder = Path.cwd()
    with _unreadable_is_2():
        bot = Bot(folder, config, endpoints, actions)
        of_domain = intents(domain or domain_path(Path()))
        empty = [key for key in ("pipeline", "policies") if bot.config_file().is_empty(key)]
        changes = of_bot.changes(bot, of_domain)
    console = Console(highlight=False, soft_wrap=True)
    if not changes:
        console.print("[green]✓[/green] já está tudo no lugar: nada a mudar")
        return
    _show(console, changes, folder)
    _explain(console, empty, intent_names(of_domain))
    if not yes:
        terminal.confirmed(f"Mudar {_in_words(len(changes))}?")
    for change in changes:
        of_bot.write(change)
        console.print(f"[green]✓[/green] {_relative(change.path, folder)}", markup=True)
    console.print("Agora: `rasa train`, e depois `segunda-via plugin check`.")


def _show(console: Console, changes: list[Change], folder: Path) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for change in changes:
        for line in change.diff(folder):
            console.print(line, style=colours.get(line[:1]), markup=False)
        console.print()


def _explain(console: Console, empty: list[str], names: dict[str, str]) -> None:
    for key in empty:
        console.print(
            f"[yellow]![/yellow] `{key}` estava vazio, e o Rasa 3.6 não treina assim com dois importadores: "
            "agora diz o padrão do próprio Rasa, com o qual este bot já treinava."
        )
    if names:
        told = ", ".join(f"{ours}: {theirs}" for ours, theirs in names.items())
        console.print(
            f"[yellow]![/yellow] o bot chama de outro nome estas intenções, e a habilidade usa as dele: {told}."
        )


def _in_words(files: int) -> str:
    return "este arquivo" if files == 1 else f"estes {files} arquivos"


def _relative(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_absolute() else path


@contextmanager
def _unreadable_is_2() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        console = Console(stderr=True, highlight=False)
        console.print("[red]✗[/red]", end=" ")
        console.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
