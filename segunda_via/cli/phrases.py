"""`segunda-via phrases`: teach the assistant new ways of saying something.

A phrase is written to the examples, what it changes is shown, and Rasa trains the model.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from segunda_via import app as composition
from segunda_via.cli import review as labelling
from segunda_via.company import COMPANY
from segunda_via.intents import misunderstood
from segunda_via.intents.example_files import ExampleFiles, checked, of_project
from segunda_via.storage import endpoints_file

SENTENCES = composition.PROJECT / "tests" / "nlu" / "sentences"
SHOWN = 20
"""Sentences that went elsewhere, at most; the others are counted."""

app = typer.Typer(help="Ensina ao assistente novas formas de dizer algo.", no_args_is_help=True)


@app.command("add")
def add(
    phrase: Annotated[str, typer.Argument(help="Como o cliente escreve, sem dados de ninguém.")],
    intent: Annotated[str, typer.Option("--intent", help="O que ele quer, por exemplo pedir_segunda_via.")],
) -> None:
    """Acrescenta a frase aos exemplos, mostra o que muda e treina de novo."""
    console = Console(highlight=False, soft_wrap=True)
    if teach(console, phrase, intent, of_project(composition.PROJECT), SENTENCES):
        retrain(console, rasa_train)


@app.command("review")
def review(
    endpoints: Annotated[
        Path, typer.Option("--endpoints", help="O arquivo que diz onde o Rasa guarda as conversas.")
    ] = endpoints_file.ENDPOINTS,
) -> None:
    """Mostra o que o assistente não entendeu, mascarado e agrupado, para rotular; treina no fim."""
    console = Console(highlight=False, soft_wrap=True)
    root = composition.build()
    try:
        with endpoints_file.conversations(root.keys, endpoints) as kept:
            said = misunderstood.read(kept)
        written = root.phrase_labels.write_waiting(COMPANY)
        groups = root.phrase_labels.groups(COMPANY, said)
    finally:
        asyncio.run(root.close())
    if written:
        console.print(f"[green]✓[/green] {written} frase(s) que a tela guardou, agora escrita(s) em data/nlu")
    if labelling.label(console, groups, of_project(composition.PROJECT)) or written:
        retrain(console, rasa_train)


def teach(console: Console, phrase: str, intent: str, examples: ExampleFiles, sentences: Path) -> bool:
    """Write the phrase and print what it changes; False when it was already there."""
    file = examples.add(phrase, intent)
    if file is None:
        console.print(f"[green]✓[/green] já estava nos exemplos de {intent}")
        return False
    console.print(f"[green]✓[/green] escrita em data/nlu/{file.name}, como {intent}")
    show_effect(console, checked(phrase), intent, examples, sentences)
    return True


def show_effect(console: Console, phrase: str, intent: str, examples: ExampleFiles, sentences: Path) -> None:
    """The phrase before and after, and the test sentences that now go elsewhere."""
    from segunda_via.intents import model_comparison  # numpy and scikit-learn: only here

    with console.status("Comparando antes e depois…"):
        found = model_comparison.of(
            [(phrase, intent)], model_comparison.taught(examples), model_comparison.labelled(sentences)
        )
    for word, understood in (("antes ", found.phrases[0].before), ("depois", found.phrases[0].after)):
        console.print(f"  {word}  {understood.intent} ({understood.confidence:.0%})")
    if not found.asked:
        return
    changed = {0: "nenhuma mudou", 1: "1 mudou"}.get(len(found.moved), f"{len(found.moved)} mudaram")
    console.print(f"  das {found.asked} frases de teste, {changed}")
    for moved in found.moved[:SHOWN]:
        mark = "[green]✓[/green]" if moved.after == moved.label else "[red]✗[/red]"
        right = "" if moved.label in (moved.before, moved.after) else f" (é {moved.label})"
        console.print(f"  {mark} “{escape(moved.text)}”: {moved.before} → {moved.after}{right}")
    if len(found.moved) > SHOWN:
        console.print(f"  e mais {len(found.moved) - SHOWN}")


def rasa_train() -> int:
    """Train the model of the files as they stand; the exit code."""
    return subprocess.run([sys.executable, "-m", "scripts.train"], cwd=composition.PROJECT, check=False).returncode


def retrain(console: Console, train: Callable[[], int]) -> None:
    """`train`, and say how it went; what was written stays written when it fails."""
    failed = train()
    if failed:
        raise typer.Exit(failed)
    console.print("[green]✓[/green] modelo treinado; vale em poucos segundos em make chat, demo e run, sem reiniciar")
