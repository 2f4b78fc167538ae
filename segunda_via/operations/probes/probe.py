"""What a probe is, and how probes are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.errors import SecretKeyError, SegundaViaError

TITLES: Mapping[str, str] = {
    "variables": "Variáveis",
    "database": "Banco de dados",
    "disk": "Disco",
    "gateway": "Gateway",
    "payee": "Recebedor",
    "ticket_desk": "Atendimento",
    "whatsapp": "WhatsApp",
    "queue": "Fila",
    "public_url": "Endereço público",
    "exposure": "Portas",
    "texts": "Textos",
    "conversations": "Conversas",
    "model": "Modelo",
    "configuration": "Configuração",
    "credentials": "Conta",
    "number": "Número",
    "sender": "No WhatsApp",
    "webhook": "Webhook",
    "status_callback": "Situação",
    "signature": "Assinatura",
    "importers": "Importadores",
    "pipeline": "Pipeline",
    "policies": "Políticas",
    "endpoints": "Endpoints",
    "actions": "Ações",
    "skill": "Habilidade",
}
"""What findings are about -> as people read it."""


class Level(str, Enum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    UNKNOWN = "unknown"
    """It could not be told."""


@dataclass(frozen=True)
class Finding:
    """`detail` says how it is, `advice` what to do about it: Portuguese, on one line, without a full stop.

    `subject` is a stable key for monitoring. `page` is where on the settings screen to do it, `terminal` what to do or
    to look at where the servers run.
    """

    subject: str
    level: Level
    detail: str
    advice: str | None = None
    page: str | None = None
    terminal: str | None = None

    @property
    def title(self) -> str:
        return TITLES[self.subject]

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to look at it before boletos can be relied on."""
        return self.level in {Level.FAILURE, Level.UNKNOWN}


@dataclass(frozen=True)
class Row:
    """A row of the health record: `mark` says which credentials it speaks of."""

    subject: str
    mark: str


@dataclass(frozen=True)
class Probe:
    """`check(app, company)` looks now, and may ask others over the network; it may raise.

    `known` tells what was found last, from the database alone; what has it is shown on Estado. `row` names the row of
    the health record that `check` writes, None while there is nobody to ask; what has it is asked regularly.
    """

    subject: str
    check: Callable[[App, str], Awaitable[Finding]]
    known: Callable[[App, str], Finding] | None = None
    row: Callable[[App, str], Row | None] | None = None
    seconds: float = 30.0
    """How long `check` may take."""
    gate: bool = False
    """Whether no customer can be served while it is bad, whatever gateway and desk do: `segunda-via doctor --gate`."""


async def run(probes: Iterable[Probe], app: App, company: str) -> list[Finding]:
    """Ask all of them now, side by side. One that fails, or takes too long, keeps no other from being told."""
    return list(await asyncio.gather(*(_asked(probe, app, company) for probe in probes)))


def known(probes: Iterable[Probe], app: App, company: str) -> list[Finding]:
    """What is known of those that can be told without asking anybody."""
    return [_told(probe.subject, probe.known, app, company) for probe in probes if probe.known]


async def _asked(probe: Probe, app: App, company: str) -> Finding:
    try:
        return await asyncio.wait_for(probe.check(app, company), probe.seconds)
    except asyncio.TimeoutError:
        return Finding(probe.subject, Level.UNKNOWN, f"sem resposta em {probe.seconds:g} segundos", "tente de novo")
    except (SegundaViaError, SQLAlchemyError) as error:
        return failed(probe.subject, error)
    except Exception as error:  # its text may quote anything
        return Finding(probe.subject, Level.UNKNOWN, f"não pôde ser conferido ({type(error).__name__})")


def _told(subject: str, tell: Callable[[App, str], Finding], app: App, company: str) -> Finding:
    try:
        return tell(app, company)
    except (SegundaViaError, SQLAlchemyError) as error:
        return failed(subject, error)


def failed(subject: str, error: SegundaViaError | SQLAlchemyError) -> Finding:
    """What kept a probe from telling."""
    if isinstance(error, SQLAlchemyError):
        return Finding(subject, Level.FAILURE, "o banco de dados não responde", "confira se ele está no ar")
    if isinstance(error, SecretKeyError):
        words, advice = "a chave não abre o que está salvo", "restaure a chave, ou salve de novo"
        return Finding(subject, Level.FAILURE, words, advice, terminal="SEGUNDA_VIA_SECRET_KEY ou var/secret.key")
    return Finding(subject, Level.FAILURE, str(error))
