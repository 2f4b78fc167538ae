"""`segunda-via settings`: choose the gateway, paste its credentials, confirm who receives the money."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.fernet import Fernet

from segunda_via.app import App
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.formatting import last_four, moment
from segunda_via.cli.terminal import confirmed, opened, whoever, yes
from segunda_via.company import COMPANY
from segunda_via.errors import ConfigurationError, NotConfigured, SecretKeyError
from segunda_via.gateways import registry
from segunda_via.http.credentials import Field
from segunda_via.operations import key_rotation, pasted_gateway
from segunda_via.settings import gateway as saving
from segunda_via.settings.fields import Read
from segunda_via.storage import endpoints_file, key_lock
from segunda_via.storage.health_record import subject_of
from segunda_via.storage.keys import KeyRing

app = typer.Typer(help="O que está salvo: gateway, credenciais e recebedor.", no_args_is_help=True)


@app.command("set")
def set_gateway() -> None:
    """Escolhe o gateway e salva suas credenciais, depois de testá-las."""
    with opened() as root:
        saving.refuse_if_fixed(root.environment)
        _ask_to_replace(root)
        name = typer.prompt(f"Gateway ({', '.join(registry.names())})").strip().lower()
        if name not in registry.names():
            raise ConfigurationError(f"o gateway deve ser um destes: {', '.join(registry.names())}")
        _warn_of_lost_payee(root, name)
        read = _ask_credentials(name)
        for note in read.notes:
            typer.echo(f"{note}.")
        if read.problems:
            labels = {each.name: each.label for each in registry.fields(name, read.credentials.get("profile"))}
            raise ConfigurationError("; ".join(f"{labels[each]}: {why}" for each, why in read.problems.items()))
        answered = asyncio.run(_ask_gateway(root, name, read.credentials))
        saving.save(root.settings, COMPANY, name, read.credentials, None, by=whoever(), at=root.now())
        root.health.worked(COMPANY, subject_of(answered["adapter"]), answered["mark"])
        typer.echo(f"Salvo. {_answer(registry.label(name), answered)}")
        for warning in answered["warnings"]:
            typer.echo(f"Atenção: {warning}.")
        _tell_payee(root)


def _warn_of_lost_payee(root: App, name: str) -> None:
    try:
        saved = root.settings.get(COMPANY, saving.PAYEE)
    except SecretKeyError:
        return
    if saved is not None and saved.value["gateway"] != name:
        payee, other = payees.summary(payees.read(saved.value)), registry.label(saved.value["gateway"])
        typer.echo(f"Atenção: o recebedor confirmado ({payee}) vale só para {other}, e deixa de valer ao salvar.")


def _tell_payee(root: App) -> None:
    payee = root.gateway_settings(COMPANY).payee
    if payee:
        typer.echo(f"Recebedor confirmado: {payees.summary(payee)}.")
    else:
        typer.echo(
            "Atenção: nenhum recebedor está confirmado. Rode `segunda-via lookup` e depois "
            "`segunda-via settings confirm-payee`."
        )


def _ask_to_replace(root: App) -> None:
    try:
        saved = root.settings.get(COMPANY, saving.GATEWAY_SETTING.name)
    except SecretKeyError as error:
        confirmed(f"Atenção: {error}. Salvar por cima?")
        return
    if saved is not None:
        old = f"{registry.label(saved.value['gateway'])}, salvo em {moment(saved.saved_at)} por {saved.saved_by}"
        typer.echo(f"Em uso: {old}. O novo token o substitui; o anterior pode ser restaurado por 24 horas.")
        confirmed("Substituir?")


def _ask_credentials(name: str) -> Read:
    profiles = registry.profiles(name)
    profile = typer.prompt(f"Perfil ({', '.join(profiles)})", default=profiles[0]).strip() if profiles else None
    if profile and profile not in profiles:
        raise ConfigurationError(f"o perfil deve ser um destes: {', '.join(profiles)}")
    answers = {field.name: _asked(field) for field in registry.fields(name, profile)}
    return pasted_gateway.read(name, profile, lambda field: answers.get(field, ""), {})


def _asked(field: Field) -> str:
    if field.name == "allow_http":
        return "true" if yes(f"{field.label}? [s/N]") else ""
    default = "" if field.optional else None
    return str(typer.prompt(field.label, default=default, hide_input=field.secret, show_default=False))


async def _ask_gateway(root: App, name: str, credentials: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        return await pasted_gateway.ask(root, name, credentials)
    finally:
        await root.http.aclose()


@app.command("show")
def show() -> None:
    """Mostra o que está em vigor; dos segredos, só os quatro últimos caracteres."""
    with opened() as root:
        try:
            settings = root.gateway_settings(COMPANY)
        except NotConfigured:
            typer.echo("Nenhum gateway configurado. Rode: segunda-via settings set")
            raise typer.Exit(1) from None
        saved = root.settings.get(COMPANY, saving.GATEWAY_SETTING.name)
        old = saving.previous(root.settings, COMPANY, root.now())
    typer.echo(f"gateway      {settings.name}{' (fixado pelo ambiente)' if settings.from_environment else ''}")
    for field in (registry.PROFILE, *registry.fields(settings.name, settings.credentials.get("profile"))):
        value = settings.credentials.get(field.name)
        if value:
            typer.echo(f"{field.name:<12} {last_four(value) if field.secret else value}")
    if saved and not settings.from_environment:
        typer.echo(f"salvo em     {moment(saved.saved_at)} por {saved.saved_by}")
    if old:
        typer.echo(f"o anterior   {registry.label(old.gateway)}, pode ser restaurado até {moment(old.until)}")


@app.command("test")
def test() -> None:
    """Pergunta ao gateway em vigor se ele aceita o token e deixa consultar; nenhum cliente é consultado."""
    with opened() as root:
        settings = root.gateway_settings(COMPANY)
        answered = asyncio.run(_ask_gateway(root, settings.name, settings.credentials))
    typer.echo(_answer(registry.label(settings.name), answered))
    for warning in answered["warnings"]:
        typer.echo(f"Atenção: {warning}.")


def _answer(gateway: str, answered: Mapping[str, Any]) -> str:
    account = f" como {answered['account']}" if answered["account"] else ""
    return f"{gateway} respondeu{account}. {answered['environment']}."


@app.command("restore")
def restore() -> None:
    """Traz de volta o gateway que foi substituído nas últimas 24 horas."""
    with opened() as root:
        saving.refuse_if_fixed(root.environment)
        old = saving.previous(root.settings, COMPANY, root.now())
        if old is None:
            raise ConfigurationError("não há gateway anterior a restaurar (ele é guardado por 24 horas)")
        name = registry.label(old.gateway)
        confirmed(f"Restaurar {name}, salvo em {moment(old.saved_at)} por {old.saved_by}?")
        saving.restore(root.settings, COMPANY, by=whoever(), at=root.now())
        typer.echo("Restaurado.")
        _tell_payee(root)


@app.command("rotate-key")
def rotate_key(
    endpoints: Annotated[
        Path, typer.Option("--endpoints", help="O arquivo que diz onde o Rasa guarda as conversas.")
    ] = endpoints_file.ENDPOINTS,
    stopped: Annotated[bool, typer.Option("--stopped", help="Não pergunta se o assistente está parado.")] = False,
) -> None:
    """Troca a chave secreta e cifra de novo o que está salvo. Pare o assistente antes e inicie-o depois."""
    with opened() as root, key_lock.alone(root.home), endpoints_file.conversations(root.keys, endpoints) as kept:
        if not stopped:
            confirmed("O assistente está parado?")
        target = root.home / ("secret.key" if root.environment.secret_key is None else "secret.key.new")
        draft = target.with_name(f".{target.name}.draft")
        old = root.keys
        if draft.exists() and key_rotation.opens(root.engine, KeyRing(draft.read_text("ascii", "replace"))):
            done = "A troca que tinha sido interrompida foi concluída: a chave nova está em"  # all was sealed with it
        else:
            try:
                count = key_rotation.rotate(root.engine, old, KeyRing(_new_key(draft)))
            except SecretKeyError:
                draft.unlink()  # nothing was sealed with it
                raise
            sealed = "1 valor cifrado" if count == 1 else f"{count} valores cifrados"
            done = f"{sealed} com a chave nova, que está em"
        if kept is not None:
            kept.reseal(old, KeyRing(draft.read_text("ascii")))
        draft.replace(target)
    typer.echo(f"{done} {target}.")
    if target.name.endswith(".new"):
        typer.echo("Ponha-a em SEGUNDA_VIA_SECRET_KEY, apague esse arquivo e inicie o assistente.")


def _new_key(path: Path) -> str:
    """A new key, on the disk before anything is sealed with it: whatever happens next, it is not lost."""
    key = Fernet.generate_key().decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


@app.command("confirm-payee")
def confirm_payee() -> None:
    """Confirma o recebedor visto no último `segunda-via lookup`; boletos de outro recebedor não serão enviados."""
    with opened() as root:
        proposed = root.settings.get(COMPANY, saving.PROPOSED)
        settings = root.gateway_settings(COMPANY)
        if proposed is None or proposed.value["gateway"] != settings.name:
            raise ConfigurationError("nenhum recebedor a confirmar: rode `segunda-via lookup` primeiro")
        seen = payees.read(proposed.value)
        if payees.differs(settings.payee, seen):
            _ask_for_the_name(settings.payee, seen)
        else:
            for label, value in payees.facts(seen):
                typer.echo(f"{label:<18} {value}")
            confirmed("É a sua empresa?")
        payee = payees.joined(settings.payee, seen)
        saving.confirm_payee(root.settings, COMPANY, settings.name, payee, by=whoever(), at=root.now())
    typer.echo(f"Recebedor confirmado: {payees.summary(payee)}.")


def _ask_for_the_name(known: Payee, seen: Payee) -> None:
    """Another payee than the confirmed one, shown beside it: taken only by its name."""
    for line in payees.beside(known, seen):
        mark = "!" if line.differs else " "
        typer.echo(f"{mark} {line.label:<18} confirmado: {line.confirmed or '—'}; lido agora: {line.seen or '—'}")
    typer.echo("Quem foi lido agora não é quem está confirmado. Só troque se for a sua empresa.")
    typed = typer.prompt(f"Para trocar, digite {payees.name_of(seen)}", default="", show_default=False)
    if not payees.is_named(seen, typed):
        typer.echo("Nada foi mudado.")
        raise typer.Exit(1)
