"""`segunda-via privacy`: what is held of a person, told, exported and erased when they ask (LGPD, art. 18).

Who asks is typed in, never an argument: arguments stay in the shell's history and in the process list.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from segunda_via.app import App
from segunda_via.cli.terminal import confirmed, opened, whoever
from segunda_via.company import COMPANY
from segunda_via.desks.registry import JOURNAL
from segunda_via.errors import ConfigurationError
from segunda_via.privacy import data_subject as asking
from segunda_via.privacy import stored_data
from segunda_via.privacy.data_places import UNFINDABLE
from segunda_via.privacy.data_subject import Subject
from segunda_via.privacy.data_subject_requests import Held
from segunda_via.storage import endpoints_file

app = typer.Typer(help="Pedidos de titulares: o que há de uma pessoa, exportar e apagar.", no_args_is_help=True)


@app.command("show")
def show() -> None:
    """Mostra o que está guardado de um telefone ou documento, sem mostrar o conteúdo."""
    with opened() as root:
        subject = _subject()
        _tell(root, subject, root.data_subject_requests.show(COMPANY, subject, by=whoever()))


@app.command("export")
def export(
    file: Annotated[
        Path | None, typer.Option(help="Onde escrever; sem isso, o protocolo dá o nome, nesta pasta.")
    ] = None,
) -> None:
    """Escreve tudo o que está guardado em um arquivo JSON que só você pode ler."""
    with opened() as root:
        subject = _subject()
        held, content = root.data_subject_requests.export(COMPANY, subject, by=whoever())
        _tell(root, subject, held)
    target = file or Path(f"{held.protocol}.json")
    _write(target, json.dumps(content, ensure_ascii=False, indent=2))
    typer.echo(f"\nEscrito em {target}. Confira quem pede antes de entregar, e apague o arquivo depois.")


@app.command("erase")
def erase(
    open_tickets: Annotated[
        bool, typer.Option("--open-tickets", help="Também os atendimentos abertos ou com uma pessoa.")
    ] = False,
) -> None:
    """Apaga o que está guardado de um telefone ou documento."""
    with opened() as root:
        subject = _subject()
        held = root.data_subject_requests.show(COMPANY, subject, by=whoever())
        _tell(root, subject, held)
        if held.nothing:
            return
        if held.shared:
            typer.echo("As conversas em que há outro documento serão apagadas inteiras.")
        confirmed("\nApagar? Não há volta.")
        erased = root.data_subject_requests.erase(COMPANY, held, by=whoever(), waiting_too=open_tickets)
    typer.echo(f"Apagado: {erased.events} eventos de conversas e {sum(erased.rows.values())} registros.")
    typer.echo(f"Protocolo {held.protocol}. Ficam a trilha de auditoria, sem dados do cliente, e os números dos dias.")
    for ticket in erased.kept:
        typer.echo(f"Fica o atendimento {ticket}, aberto ou com uma pessoa: depois de encerrado, rode de novo,")
        typer.echo("  ou agora com --open-tickets.")


def _subject() -> Subject:
    return asking.read(typer.prompt("Telefone com DDD, CPF ou CNPJ"))


def _tell(root: App, subject: Subject, held: Held) -> None:
    typer.echo(f"Protocolo {held.protocol}, {subject.words}")
    if held.nothing:
        typer.echo("Nada está guardado.")
    else:
        typer.echo(f"Conversas: {len(held.whose.conversations)} (telefones {', '.join(held.customers)})")
    if held.shared:
        typer.echo(f"Em {len(held.shared)} delas há também outro documento: podem ser de outra pessoa.")
    events = sum(map(len, held.events.values()))
    if events:
        typer.echo(f"{events:>6}  {stored_data.ELSEWHERE[0].holds}")
    for stored in stored_data.STORED:
        if count := held.rows.get(stored.name, 0):
            typer.echo(f"{count:>6}  {stored.holds}")
    for words in UNFINDABLE.values():
        typer.echo(f"Não se pode procurar por pessoa: {words}.")
    typer.echo(f"Fora daqui, e a pedir lá: {', '.join(_elsewhere(root))}.")


def _elsewhere(root: App) -> list[str]:
    """Where else this person's data may be."""
    desk = root.desk_settings(COMPANY).name
    places = ["o gateway (cadastro e faturas)", "o provedor do WhatsApp (mensagens)", "as cópias de segurança"]
    if desk != JOURNAL:
        places.append(f"a plataforma de atendimento ({desk})")
    store = endpoints_file.tracker_store()
    if store.url is None and store.type:
        places.append(f"o tracker_store do Rasa ({store.type}), que não é um banco SQL e não pôde ser procurado")
    return places


def _write(target: Path, text: str) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{target} não pôde ser escrito ({error.strerror})") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
