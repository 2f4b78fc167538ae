"""`segunda-via phrases review`: label, one by one, what the assistant did not understand."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape

from segunda_via.errors import ConfigurationError
from segunda_via.intents import misunderstood
from segunda_via.intents.example_files import ExampleFiles
from segunda_via.intents.misunderstood import Misunderstood

STOP = "q"


def label(console: Console, groups: Sequence[Sequence[Misunderstood]], examples: ExampleFiles) -> int:
    """Show the groups, ask for the intent of each message, write what is answered; how many were written."""
    if not groups:
        console.print("[green]✓[/green] nenhuma mensagem por entender")
        return 0
    for number, group in enumerate(groups, 1):
        console.print(f"\n[bold]Grupo {number}[/bold]")
        for each in group:
            console.print(f"  {each.times}× {escape(each.text)}")
    console.print(f"\nIntenções: {', '.join(examples.intents())}")
    console.print(
        "Responda com a intenção, ou “intenção: a frase reescrita” (sem nomes de ninguém); "
        f"Enter pula, {STOP} termina.\n"
    )
    written = 0
    for each in (each for group in groups for each in group):
        try:
            added = _ask(console, each, examples)
        except typer.Abort:  # Ctrl-C, or the end of the input: what was written still has to be trained
            console.print()
            break
        if added is None:
            break
        written += added
    return written


def _ask(console: Console, message: Misunderstood, examples: ExampleFiles) -> int | None:
    """How many examples were written, 0 or 1; None to stop. Asked again until the answer can be used."""
    console.print(f"“{escape(message.text)}”")
    while True:
        answer = str(typer.prompt("  intenção", default="", show_default=False)).strip()
        if not answer:
            return 0
        if answer.lower() == STOP:
            return None
        intent, _, rewritten = (part.strip() for part in answer.partition(":"))
        try:
            file = examples.add(rewritten or misunderstood.unmasked(message.text), intent)
        except ConfigurationError as error:
            console.print(f"  [red]✗[/red] {escape(str(error))}")
            continue
        if file is None:
            console.print(f"  já estava nos exemplos de {intent}")
            return 0
        console.print(f"  [green]✓[/green] escrita em data/nlu/{file.name}, como {intent}")
        return 1
