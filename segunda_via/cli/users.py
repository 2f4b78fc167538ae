"""`segunda-via users`: who may sign in to the settings screen."""

from __future__ import annotations

from typing import Annotated

import typer

from segunda_via.boletos.formatting import moment
from segunda_via.cli.terminal import opened, whoever
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError
from segunda_via.operators.first_access import PATH

Name = Annotated[str, typer.Argument(help="O nome com que a pessoa entra na tela.")]

app = typer.Typer(help="Quem pode entrar na tela de configurações.", no_args_is_help=True)


@app.command("add")
def add(name: Name) -> None:
    """Cria um operador; a senha é pedida sem aparecer."""
    with opened() as root:
        root.operators.add(COMPANY, name, _password(), by=whoever())
        root.first_access.file.unlink(missing_ok=True)
    typer.echo("Operador criado.")


@app.command("list")
def list_users() -> None:
    """Mostra os operadores."""
    with opened() as root:
        for each in root.operators.all(COMPANY):
            typer.echo(f"{each.name:<24} criado em {moment(each.created_at)}")


@app.command("password")
def password(name: Name) -> None:
    """Troca a senha de um operador e encerra as sessões dele."""
    with opened() as root:
        root.operators.change_password(COMPANY, name, _password(), by=whoever())
    typer.echo("Senha trocada; as sessões desse operador terminaram.")


@app.command("remove")
def remove(name: Name) -> None:
    """Remove um operador e encerra as sessões dele."""
    with opened() as root:
        root.operators.remove(COMPANY, name, by=whoever())
    typer.echo("Operador removido.")


@app.command("link")
def link(
    server: Annotated[str, typer.Option(help="Onde a tela é aberta; no endereço público, se nada for dito.")] = "",
) -> None:
    """Escreve e mostra o link de primeiro acesso, enquanto não há operador."""
    with opened() as root:
        where = server.rstrip("/") or root.public_url(COMPANY)
        if not root.first_access.prepare(COMPANY, where):
            raise ConfigurationError("já existe operador: entre com ele, ou use `segunda-via users add`")
        typer.echo(f"{where}{PATH}{root.first_access.token(COMPANY)}")


def _password() -> str:
    return str(typer.prompt("Senha", hide_input=True, confirmation_prompt="Repita a senha"))
