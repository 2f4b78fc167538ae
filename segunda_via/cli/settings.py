"""`segunda-via settings`: choose the gateway, paste its credentials, confirm who receives the money."""

from __future__ import annotations

import asyncio
import getpass
import os

import typer
from cryptography.fernet import Fernet

from segunda_via import app as composition
from segunda_via import rotation
from segunda_via.app import App
from segunda_via.errors import ConfigurationError, NotConfigured
from segunda_via.gateways import registry
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.keys import KeyRing
from segunda_via.settings import gateway as saving

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
    saving.save(root.settings, COMPANY, name, credentials, None, by=getpass.getuser(), at=root.now())
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


@app.command("test")
def test() -> None:
    """Pergunta ao gateway em vigor se ele aceita o token; não consulta nenhum cliente."""
    root = composition.build()
    try:
        identity = asyncio.run(_check(root))
    finally:
        asyncio.run(root.close())
    typer.echo(f"O gateway respondeu{f' como {identity.account}' if identity.account else ''}.")


async def _check(root: App) -> GatewayIdentity:
    try:
        return await root.account(COMPANY).gateway.check()
    finally:
        await root.http.aclose()


@app.command("restore")
def restore() -> None:
    """Traz de volta o gateway que foi substituído nas últimas 24 horas."""
    root = composition.build()
    try:
        old = saving.previous(root.settings, COMPANY, root.now())
        if old is None:
            raise ConfigurationError("não há gateway anterior a restaurar (ele é guardado por 24 horas)")
        typer.confirm(f"Restaurar {old.gateway}, salvo em {old.saved_at:%d/%m/%Y} por {old.saved_by}?", abort=True)
        saving.restore(root.settings, COMPANY, by=getpass.getuser(), at=root.now())
        typer.echo("Restaurado.")
    finally:
        asyncio.run(root.close())


@app.command("rotate-key")
def rotate_key() -> None:
    """Troca a chave secreta e cifra de novo o que está salvo. Pare o assistente antes e inicie-o depois."""
    root = composition.build()
    typer.confirm("O assistente está parado?", abort=True)
    new = Fernet.generate_key().decode()
    target = root.home / ("secret.key" if root.environment.secret_key is None else "secret.key.new")
    draft = target.with_name(f".{target.name}.draft")
    try:
        old = root.keys
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new)  # first to the disk: whatever happens next, the new key is not lost
        count = rotation.rotate(root.engine, old, KeyRing(new))
        draft.replace(target)
    finally:
        asyncio.run(root.close())
    typer.echo(f"{count} valores cifrados com a chave nova, que está em {target}.")
    if target.name.endswith(".new"):
        typer.echo("Ponha-a em SEGUNDA_VIA_SECRET_KEY, apague esse arquivo e inicie o assistente.")


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
