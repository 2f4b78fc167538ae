"""`segunda-via keywords`: the messages that always ask for the boleto, without training."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from segunda_via.app import PROJECT
from segunda_via.cli.terminal import opened, whoever
from segunda_via.company import COMPANY
from segunda_via.conversation import keyword_setting
from segunda_via.intents.example_files import of_project, same_words

INTENT = "pedir_segunda_via"
Phrase = Annotated[str, typer.Argument(help="A mensagem inteira; acentos, maiúsculas e pontuação não contam.")]

app = typer.Typer(help="Mensagens que sempre pedem a segunda via, sem treinar.", no_args_is_help=True)


@app.command("list")
def list_keywords() -> None:
    """As palavras-chave em vigor."""
    with opened() as root:
        for phrase in keyword_setting.KEYWORD_SETTING.in_force(root.settings, COMPANY):
            typer.echo(phrase)


@app.command("add")
def add(phrase: Phrase) -> None:
    """Acrescenta uma palavra-chave; vale em poucos segundos."""
    console = Console(highlight=False, soft_wrap=True)
    with opened() as root:
        new = keyword_setting.add(root.settings, COMPANY, phrase, by=whoever(), at=root.now())
    console.print("[green]✓[/green] salva; vale em poucos segundos" if new else "[green]✓[/green] já estava na lista")
    for example in of_project(PROJECT).all():
        if example.intent != INTENT and same_words(example.text) == same_words(phrase):
            console.print(f"[yellow]![/yellow] nos exemplos, “{escape(example.text)}” é {example.intent}")


@app.command("remove")
def remove(phrase: Phrase) -> None:
    """Retira uma palavra-chave; a frase volta a ser do classificador."""
    console = Console(highlight=False, soft_wrap=True)
    with opened() as root:
        gone = keyword_setting.remove(root.settings, COMPANY, phrase, by=whoever(), at=root.now())
    if not gone:
        console.print("[red]✗[/red] não está na lista")
        raise typer.Exit(1)
    console.print("[green]✓[/green] retirada; deixa de valer em poucos segundos")
