"""`segunda-via queue`: the queue at the ticket desk, by its exact name."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.desks import registry
from segunda_via.tickets import QUEUE
from segunda_via.tickets.ticket import KeepsQueues

Name = Annotated[str, typer.Option("--name", help="Outra fila, como a de um assunto do menu.")]

app = typer.Typer(help="A fila na plataforma de atendimento.", no_args_is_help=True)


@app.command("check")
def check(name: Name = QUEUE) -> None:
    """Confere se a fila existe com o nome exato."""
    if not asyncio.run(_check(name)):
        raise typer.Exit(1)


@app.command("create")
def create(name: Name = QUEUE) -> None:
    """Cria a fila com a mensagem e a cor salvas, se ainda não existe."""
    asyncio.run(_create(name))


async def _check(name: str) -> bool:
    root = composition.build()
    try:
        desk = _keeper(root)
        missing = await desk.missing(name) if desk else None
        if missing:
            _say("[red]✗[/red]", f"{missing}; `segunda-via queue create` a cria")
        elif desk:
            _say("[green]✓[/green]", f"a fila `{name}` existe em {_label(desk.name)}")
        return missing is None
    finally:
        await root.close()


async def _create(name: str) -> None:
    root = composition.build()
    try:
        desk = _keeper(root)
        if desk is None:
            return
        missing = await desk.missing(name)
        if missing is None:
            _say("[green]✓[/green]", f"a fila `{name}` já existe em {_label(desk.name)}")
            return
        settings = QUEUE_SETTING.in_force(root.settings, COMPANY)
        await desk.create_queue(name, settings.message, settings.color)
        _say("[green]✓[/green]", f"fila `{name}` criada em {_label(desk.name)}, com a mensagem: {settings.message}")
    finally:
        await root.close()


def _keeper(root: App) -> KeepsQueues | None:
    """The desk, if it keeps queues; else it is said why there is nothing to do."""
    name = root.desk_settings(COMPANY).name
    if name == registry.JOURNAL:
        _say("[green]✓[/green]", f"o diário próprio tem a fila `{QUEUE}` desde o começo")
        return None
    desk = root.desk(COMPANY)
    if isinstance(desk, KeepsQueues):
        return desk
    _say("[green]✓[/green]", f"{_label(name)} recebe o nome da fila em cada evento: não há o que criar")
    return None


def _say(mark: str, text: str) -> None:
    console = Console(highlight=False)
    console.print(mark, end=" ")
    console.print(text, markup=False, soft_wrap=True)


def _label(desk: str) -> str:
    return registry.description(desk).label
