"""`segunda-via phrases`: teach the assistant new ways of saying something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from segunda_via import phrases

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "data" / "nlu"

app = typer.Typer(help="Ensina ao assistente novas formas de dizer algo.", no_args_is_help=True)


@app.command("add")
def add(
    phrase: Annotated[str, typer.Argument(help="Como o cliente escreve, sem dados de ninguém.")],
    intent: Annotated[str, typer.Option("--intent", help="O que ele quer, por exemplo pedir_segunda_via.")],
) -> None:
    """Acrescenta a frase aos exemplos e treina de novo."""
    console = Console(highlight=False)
    file = phrases.add(phrase, intent, EXAMPLES)
    if file is None:
        console.print(f"[green]✓[/green] já estava nos exemplos de {intent}")
        return
    console.print(f"[green]✓[/green] escrita em data/nlu/{file.name}, como {intent}", soft_wrap=True)
    done = subprocess.run([sys.executable, "-m", "scripts.train"], cwd=ROOT, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
    console.print("[green]✓[/green] modelo treinado; reinicie o assistente, ou recarregue o modelo, para usá-lo")
