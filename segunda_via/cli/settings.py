"""`segunda-via settings`: choose the gateway, paste its credentials, confirm who receives the money."""

from __future__ import annotations

import asyncio
import getpass

import typer

from segunda_via import app as composition
from segunda_via.app import App
from segunda_via.errors import ConfigurationError, NotConfigured
from segunda_via.gateways import registry

COMPANY = "default"

app = typer.Typer(help="O que está salvo: gateway, credenciais e recebedor.", no_args_is_help=True)


@app.command("set")
def set_gateway() -> None:
    """Escolhe o gateway e salva suas credenciais, depois de testá-las."""
    root = composition.build()
    try:
        name = typer.prompt(f"Gateway ({', '.join(registry.names())})").strip().lower()
        credentials = _ask_credentials(name)
        asyncio.run(_test_and_save(root, name, credentials))
    finally:
        asyncio.run(root.close())


def _ask_credentials(name: str) -> dict[str, str]:
    profiles = registry.profiles(name)
    profile = typer.prompt(f"Perfil ({', '.join(profiles)})", default=profiles[0]).strip() if profiles else None
    answers = {"profile": profile} if profile else {}
    for field in registry.fields(name, profile):
        if field.name != "profile":
            default = "" if field.optional else None
            answer = typer.prompt(field.label, default=default, hide_input=field.secret, show_default=False).strip()
            if answer:
                answers[field.name] = answer
    return answers


async def _test_and_save(root: App, name: str, credentials: dict[str, str]) -> None:
    registry.check(name, credentials)
    identity = await registry.build(name, credentials, root.http, root.sessions).check()
    await root.http.aclose()
    root.settings.put(
        COMPANY, "gateway", {"gateway": name, "credentials": credentials}, by=getpass.getuser(), at=root.now()
    )
    root.settings.remove(COMPANY, "payee")  # it was confirmed for the account before
    typer.echo(f"Salvo. {name} respondeu{f' como {identity.account}' if identity.account else ''}.")


@app.command("show")
def show() -> None:
    """Mostra o que está em vigor; dos segredos, só os quatro últimos caracteres."""
    root = composition.build()
    try:
        settings = root.gateway_settings(COMPANY)
        saved = root.settings.get(COMPANY, "gateway")
    except NotConfigured:
        typer.echo("Nenhum gateway configurado. Rode: segunda-via settings set")
        raise typer.Exit(1) from None
    finally:
        asyncio.run(root.close())
    typer.echo(f"gateway      {settings.name}{' (fixado pelo ambiente)' if settings.from_environment else ''}")
    for field in registry.fields(settings.name, settings.credentials.get("profile")):
        value = settings.credentials.get(field.name)
        if value:
            typer.echo(f"{field.name:<12} {'…' + value[-4:] if field.secret else value}")
    if saved:
        typer.echo(f"salvo em     {saved.saved_at:%d/%m/%Y %H:%M} UTC por {saved.saved_by}")


@app.command("confirm-payee")
def confirm_payee() -> None:
    """Confirma o recebedor visto no último `segunda-via lookup`; boletos de outro recebedor não serão enviados."""
    root = composition.build()
    try:
        proposed = root.settings.get(COMPANY, "proposed payee")
        if proposed is None or proposed.value["gateway"] != root.gateway_settings(COMPANY).name:
            raise ConfigurationError("nenhum recebedor a confirmar: rode `segunda-via lookup` primeiro")
        typer.echo(f"banco        {proposed.value['bank_code'] or '(sem boleto)'}")
        typer.echo(f"recebedor    {proposed.value['pix_receiver'] or '(sem Pix)'}")
        typer.echo(f"host do Pix  {proposed.value['psp_host'] or '(Pix estático ou ausente)'}")
        typer.confirm("É a sua empresa?", abort=True)
        root.settings.put(COMPANY, "payee", proposed.value, by=getpass.getuser(), at=root.now())
        root.settings.remove(COMPANY, "proposed payee")
        typer.echo("Recebedor confirmado.")
    finally:
        asyncio.run(root.close())
