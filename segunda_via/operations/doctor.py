"""Whether everything the product needs is in place, one finding a line.

The same findings serve the terminal, monitoring (`--json`) and the settings screen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.boletos import payee_comparison as payees
from segunda_via.company import COMPANY
from segunda_via.conversation import domain_file
from segunda_via.conversation.responses import SavedResponses, left_out
from segunda_via.desks import registry as desks
from segunda_via.errors import SegundaViaError
from segunda_via.gateways import field_help
from segunda_via.operations import exposure
from segunda_via.storage import endpoints_file
from segunda_via.tickets import QUEUE
from segunda_via.tickets.ticket import KeepsQueues


class Level(str, Enum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """`subject` is a stable key for monitoring; `detail` is one line in Portuguese for the operator."""

    subject: str
    level: Level
    detail: str


SUBJECTS: Mapping[str, str] = {
    "variables": "Variáveis",
    "database": "Banco de dados",
    "gateway": "Gateway",
    "payee": "Recebedor",
    "ticket_desk": "Atendimento",
    "queue": "Fila",
    "public_url": "Endereço público",
    "exposure": "Portas",
    "texts": "Textos",
    "conversations": "Conversas",
    "model": "Modelo",
}
"""The subjects, as people read them."""

Check = Callable[[App], Awaitable[Finding]]


async def examine(app: App, models: Path = Path("models")) -> list[Finding]:
    """Run every check; one that fails does not keep the others from running."""
    findings = [Finding("variables", Level.OK, "as variáveis de ambiente estão bem formadas")]
    checks: list[tuple[str, Check]] = [
        ("database", _database),
        ("gateway", _gateway),
        ("payee", _payee),
        ("ticket_desk", _ticket_desk),
        ("queue", _queue),
        ("public_url", _public_url),
        ("exposure", _exposure),
        ("texts", _texts),
        ("conversations", _conversations),
    ]
    for subject, check in checks:
        try:
            findings.append(await check(app))
        except SegundaViaError as error:
            findings.append(Finding(subject, Level.FAILURE, str(error)))
    findings.append(_model(models))
    return findings


async def _database(app: App) -> Finding:
    app.settings.get(COMPANY, "gateway")
    return Finding("database", Level.OK, f"banco de dados {app.engine.dialect.name} migrado e legível")


async def _gateway(app: App) -> Finding:
    identity = await app.account(COMPANY).gateway.check()
    environments = {"production": "produção", "sandbox": "ambiente de testes", "self-hosted": "servidor próprio"}
    account = f" ({identity.account})" if identity.account else ""
    name = field_help.called(app.gateway_settings(COMPANY).name)
    return Finding("gateway", Level.OK, f"{name} respondeu{account}, {environments[identity.environment]}")


async def _payee(app: App) -> Finding:
    payee = app.gateway_settings(COMPANY).payee
    if not payee:
        advice = "nenhum recebedor confirmado: rode `segunda-via lookup` e depois `segunda-via settings confirm-payee`"
        return Finding("payee", Level.WARNING, advice)
    known = f"recebedor confirmado: {payees.summary(payee)}"
    if left_out := payees.unconfirmed(payee):
        advice = f"sem {left_out} confirmado, nenhum é enviado: rode `segunda-via lookup` com uma fatura que o tenha"
        return Finding("payee", Level.WARNING, f"{known}; {advice}")
    return Finding("payee", Level.OK, known)


async def _ticket_desk(app: App) -> Finding:
    settings = app.desk_settings(COMPANY)
    name = settings.name
    if name == desks.JOURNAL:
        app.journal.check()
        return Finding("ticket_desk", Level.OK, "os atendimentos ficam no diário próprio")
    label = desks.product(name).label.split(" (")[0]
    await app.desk(COMPANY).check()
    waiting, since = app.desk_queue.waiting()
    if since is not None and app.now() - since > timedelta(minutes=5):
        late = f"{label} respondeu, mas {waiting} avisos esperam há mais de 5 min"
        return Finding("ticket_desk", Level.WARNING, late)
    recent = app.journal.recent(COMPANY)
    if not all(desks.is_told(name, settings.credentials, entry.ticket) for entry in recent):
        advice = f"{label} respondeu, mas há atendimentos sem ticket_id da plataforma: ficam só no diário próprio"
        return Finding("ticket_desk", Level.WARNING, advice)
    return Finding("ticket_desk", Level.OK, f"{label} respondeu")


async def _queue(app: App) -> Finding:
    name = app.desk_settings(COMPANY).name
    label = desks.product(name).label.split(" (")[0]
    desk = None if name == desks.JOURNAL else app.desk(COMPANY)
    if desk is not None and not isinstance(desk, KeepsQueues):
        return Finding("queue", Level.OK, f"{label} recebe o nome da fila em cada evento")
    missing = await desk.missing(QUEUE) if desk else None
    if missing:
        return Finding("queue", Level.FAILURE, f"{missing}; `segunda-via queue create` a cria")
    return Finding("queue", Level.OK, f"a fila `{QUEUE}` existe em {label}")


async def _public_url(app: App) -> Finding:
    url = app.environment.public_url
    host = urlsplit(url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"}:
        advice = f"{url} só abre nesta máquina: celulares precisam de SEGUNDA_VIA_PUBLIC_URL"
        return Finding("public_url", Level.WARNING, advice)
    if not url.startswith("https://"):
        return Finding("public_url", Level.FAILURE, f"{url} deveria começar com https://")
    try:
        # A forged token: the media route answers it with its uniform 404, anything else is another server.
        answer = await app.http.get(f"{url}/media/doctor", timeout=5)
    except httpx.HTTPError as error:
        return Finding("public_url", Level.FAILURE, f"{url} não respondeu ({type(error).__name__})")
    if answer.status_code != 404 or "noindex" not in answer.headers.get("x-robots-tag", ""):
        return Finding(
            "public_url", Level.FAILURE, f"{url}/media não chega a este assistente (HTTP {answer.status_code})"
        )
    return Finding("public_url", Level.OK, f"{url} chega a este assistente")


async def _exposure(app: App) -> Finding:
    found = await exposure.reached(exposure.own_address())
    rule = f"da internet só podem chegar, por um proxy com TLS: {exposure.PUBLIC}"
    if found:
        return Finding("exposure", Level.WARNING, f"a rede alcança {' e '.join(found)}, e não deveria; {rule}")
    return Finding("exposure", Level.OK, f"a rede não alcança as portas 5005 e 5055; {rule}")


async def _texts(app: App) -> Finding:
    try:
        saved = app.saved_responses.in_force(COMPANY)
    except (SQLAlchemyError, SegundaViaError):
        lost = "os textos salvos não podem ser lidos: quem conversa agora lê os últimos conhecidos, ou os de domain.yml"
        return Finding("texts", Level.FAILURE, lost)
    unfit = left_out(domain_file.responses(), saved) if saved != SavedResponses() else []
    if unfit:
        advice = f"não cabe(m) mais em domain.yml, e o original é lido: {', '.join(unfit)}"
        return Finding("texts", Level.WARNING, f"texto(s) salvo(s) que {advice}")
    return Finding("texts", Level.OK, f"{len(saved.texts)} texto(s) alterado(s) pela empresa")


async def _conversations(app: App) -> Finding:
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


def _model(models: Path) -> Finding:
    newest = max(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        return Finding("model", Level.FAILURE, "nenhum modelo treinado: rode `make train`")
    return Finding("model", Level.OK, f"modelo {newest.name}")
