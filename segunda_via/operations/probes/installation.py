"""What has to be in order where the servers run: variables, database, addresses, ports, texts, conversations, model."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.conversation import domain_file
from segunda_via.conversation.responses import SavedResponses, left_out
from segunda_via.errors import SegundaViaError
from segunda_via.intents import training_job
from segunda_via.operations import disk_space, exposure
from segunda_via.operations.probes import reach
from segunda_via.operations.probes.probe import Finding, Level
from segunda_via.settings.gateway import GATEWAY_SETTING
from segunda_via.storage import endpoints_file
from segunda_via.urls import is_loopback

MODELS = Path("models")
"""Relative to the folder in which the servers run, as `endpoints.yml` is."""


async def variables(app: App, company: str) -> Finding:
    """Whoever has an App has read them: a malformed one is told in its place."""
    return Finding("variables", Level.OK, "as variáveis de ambiente estão bem formadas")


async def database(app: App, company: str) -> Finding:
    app.settings.get(company, GATEWAY_SETTING.name)
    return Finding("database", Level.OK, f"banco de dados {app.engine.dialect.name} migrado e legível")


async def disk(app: App, company: str) -> Finding:
    """Where the database and what Rasa keeps are written: a full disk loses nobody, but nobody is answered."""
    free = await asyncio.to_thread(disk_space.least_free, app.environment.database_url, app.home)
    words = f"{free / 1e9:.1f} GB livres".replace(".", ",")
    if free < disk_space.TOO_LITTLE:
        return Finding("disk", Level.FAILURE, f"só {words}", "libere espaço antes que nada mais possa ser salvo")
    if free < disk_space.LITTLE:
        return Finding("disk", Level.WARNING, f"só {words}", "libere espaço")
    return Finding("disk", Level.OK, words)


async def public_url(app: App, company: str) -> Finding:
    url = await asyncio.to_thread(app.public_url, company)
    if is_loopback(urlsplit(url).hostname or ""):
        why = f"{url} só abre nesta máquina, e os celulares precisam chegar a ele"
        advice, command = "cadastre o endereço público em WhatsApp", "SEGUNDA_VIA_PUBLIC_URL"
        return Finding("public_url", Level.WARNING, why, advice, "/whatsapp", command)
    if not url.startswith("https://"):
        return Finding("public_url", Level.FAILURE, f"{url} deveria começar com https://")
    if missed := await reach.missed(app.http, url):
        return Finding("public_url", Level.FAILURE, missed)
    return Finding("public_url", Level.OK, f"{url} chega a este assistente")


async def exposed_ports(app: App, company: str) -> Finding:
    found = await exposure.reached(exposure.own_address())
    if found:
        public = "da internet só pode chegar, por um proxy com TLS, o servidor público (`segunda-via serve`)"
        return Finding("exposure", Level.WARNING, f"a rede alcança {' e '.join(found)}, e não deveria; {public}")
    return Finding("exposure", Level.OK, "a rede não alcança o servidor do Rasa nem o de ações (portas 5005 e 5055)")


async def texts(app: App, company: str) -> Finding:
    try:
        saved = app.saved_responses.in_force(company)
    except (SQLAlchemyError, SegundaViaError):
        lost = "os textos salvos não podem ser lidos: quem conversa agora lê os últimos conhecidos, ou os de domain.yml"
        return Finding("texts", Level.FAILURE, lost)
    unfit = left_out(domain_file.responses(), saved) if saved != SavedResponses() else []
    if unfit:
        advice = f"não cabe(m) mais em domain.yml, e o original é lido: {', '.join(unfit)}"
        return Finding("texts", Level.WARNING, f"texto(s) salvo(s) que {advice}")
    return Finding("texts", Level.OK, f"{len(saved.texts)} texto(s) alterado(s) pela empresa")


async def conversations(app: App, company: str) -> Finding:
    """What `endpoints.yml` says, and whether it can be read; that Rasa uses it, Rasa makes sure of when it starts."""
    store = endpoints_file.tracker_store()
    if not store.is_encrypted:
        where = f"pelo tracker_store `{store.type}`, em claro" if store.type else "só na memória do Rasa"
        advice = f"as conversas ficam {where}; em endpoints.yml, use type: {endpoints_file.ENCRYPTED}"
        return Finding("conversations", Level.WARNING, advice)
    with endpoints_file.conversations(app.keys, encrypt=False) as kept:
        plain = kept.count_plain() if kept else 0
    if plain:
        advice = f"{plain} eventos de conversas ainda em claro: o Rasa os cifra quando inicia"
        return Finding("conversations", Level.WARNING, advice)
    return Finding("conversations", Level.OK, "as conversas ficam cifradas")


async def model(app: App, company: str) -> Finding:
    newest = await asyncio.to_thread(_newest)
    if newest is None:
        by = "`make train`" if training_job.trains_itself(app.project) else "`rasa train`"
        return Finding("model", Level.FAILURE, "nenhum modelo treinado", "treine um", terminal=by)
    if not os.access(newest, os.R_OK):
        return Finding("model", Level.FAILURE, f"o modelo {newest.name} não pode ser lido por quem roda os servidores")
    return Finding("model", Level.OK, f"modelo {newest.name}")


def _newest() -> Path | None:
    return max(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)
