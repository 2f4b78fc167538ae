"""Estado: what an operator sees at a glance, and what to do about it. From the database alone: nobody is asked.

Used by the head of every page and by `segunda-via doctor`'s reader alike; each light is told by its sign and its words,
never by its colour alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from segunda_via.app import App
from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.formatting import ago, moment, phone
from segunda_via.desks import registry as desks
from segunda_via.errors import ConfigurationError, NotConfigured, SecretKeyError
from segunda_via.gateways import field_help
from segunda_via.operations.doctor import Level
from segunda_via.operations.twilio_probe import mark_of
from segunda_via.settings import contacts, whatsapp
from segunda_via.settings import gateway as saved_gateway
from segunda_via.storage.health_record import DESK, WHATSAPP, Trouble, mark, subject_of
from segunda_via.storage.health_record import QUEUE as QUEUE_ROW
from segunda_via.tickets.ticket import QUEUE, KeepsQueues


@dataclass(frozen=True)
class StatusLight:
    """`detail` is what is so, `advice` what to do; `page` is where."""

    title: str
    level: Level
    detail: str
    advice: str | None = None
    page: str | None = None


def lights(app: App, company: str) -> tuple[StatusLight, ...]:
    """All of them, in order. One that cannot be told is red and says why."""
    return tuple(_safely(title, light, app, company) for title, light in LIGHTS)


def support(app: App, company: str) -> str:
    try:
        return contacts.support(app.settings, company)
    except (SecretKeyError, ConfigurationError, SQLAlchemyError):
        return contacts.DEFAULT_SUPPORT


def _safely(title: str, light: Callable[[App, str], StatusLight], app: App, company: str) -> StatusLight:
    try:
        return light(app, company)
    except SecretKeyError:
        return StatusLight(
            title, Level.FAILURE, "a chave não abre o que está salvo", "restaure a chave, ou salve de novo"
        )
    except ConfigurationError as error:
        return StatusLight(title, Level.FAILURE, str(error))
    except SQLAlchemyError:
        return StatusLight(title, Level.FAILURE, "o banco de dados não responde", "confira se ele está no ar")


def gateway(app: App, company: str) -> StatusLight:
    page = "/integracao"
    try:
        settings = app.gateway_settings(company)
    except NotConfigured:
        return StatusLight("Gateway", Level.FAILURE, "nenhum escolhido", "escolha o gateway e cole o token", page)
    name, account = field_help.called(settings.name), app.account(company)
    known = app.health.of(company, subject_of(account.gateway.name), account.mark)
    if known.trouble is Trouble.REJECTED:
        since = moment(known.failing_since)
        access = field_help.access(account.gateway.name, settings.credentials)
        return StatusLight("Gateway", Level.FAILURE, f"{name} recusa {access} desde {since}", "confira e troque", page)
    if known.circuit_open:
        since = moment(known.failing_since)
        return StatusLight(
            "Gateway", Level.FAILURE, f"{name} fora do ar desde {since}", "clientes vão para atendentes", page
        )
    if known.trouble is not None:
        words = "não respondeu" if known.trouble is Trouble.UNAVAILABLE else "deu uma resposta que não entendo"
        return StatusLight("Gateway", Level.WARNING, f"{name} {words} em {moment(known.failed_at)}", "acompanhe", page)
    if known.succeeded_at is None:
        return StatusLight("Gateway", Level.WARNING, f"{name}, ainda sem consulta", "faça um teste", "/testar")
    words = f"{name} respondeu {ago(app.now() - known.succeeded_at)}"
    age = token_age(app, company)
    return StatusLight("Gateway", Level.OK, f"{words} · token salvo {age}" if age else words, None, page)


def payee(app: App, company: str) -> StatusLight:
    try:
        confirmed = app.gateway_settings(company).payee
    except NotConfigured:
        return StatusLight("Recebedor", Level.WARNING, "nenhum gateway ainda", None, "/integracao")
    if not confirmed:
        return StatusLight("Recebedor", Level.WARNING, "não confirmado", "teste com um boleto e confirme", "/testar")
    known = confirmed.pix_receiver or f"banco {confirmed.bank_code}"
    if left_out := payees.unconfirmed(confirmed):
        words = f"{known}, sem {left_out} confirmado: nenhum é enviado"
        return StatusLight("Recebedor", Level.WARNING, words, "teste com uma fatura que o tenha e confirme", "/testar")
    return StatusLight("Recebedor", Level.OK, known, None, "/integracao")


def desk(app: App, company: str) -> StatusLight:
    settings = app.desk_settings(company)
    label = desks.product(settings.name).label.split(" (")[0]
    if settings.name == desks.JOURNAL:
        return StatusLight("Atendimento", Level.OK, "no diário próprio", None, "/atendimento")
    known = app.health.of(company, DESK, mark(settings.credentials))
    page = "/atendimento"
    if known.trouble is Trouble.REJECTED:
        since = moment(known.failing_since)
        return StatusLight("Atendimento", Level.FAILURE, f"{label} recusa o acesso desde {since}", "confira", page)
    if known.trouble is not None:
        words = "não respondeu" if known.trouble is Trouble.UNAVAILABLE else "deu uma resposta que não entendo"
        return StatusLight(
            "Atendimento", Level.WARNING, f"{label} {words} em {moment(known.failed_at)}", "os avisos esperam", page
        )
    if known.succeeded_at is None:
        return StatusLight("Atendimento", Level.WARNING, f"{label}, ainda sem contato", "confira", page)
    return StatusLight("Atendimento", Level.OK, f"{label} respondeu {ago(app.now() - known.succeeded_at)}", None, page)


def channel(app: App, company: str) -> StatusLight:
    number = whatsapp.in_force(app.environment, app.settings, company)
    if number is None:
        return StatusLight("WhatsApp", Level.WARNING, "sem número", "cadastre o número da Twilio", "/whatsapp")
    shown, page = phone(number.number), "/whatsapp"
    known = app.health.of(company, WHATSAPP, mark_of(number))
    if known.trouble is Trouble.REJECTED:
        words = f"a Twilio recusa o acesso desde {moment(known.failing_since)}"
        return StatusLight("WhatsApp", Level.FAILURE, words, "confira o Account SID e o Auth Token", page)
    if known.trouble is not None:
        words = f"a Twilio não respondeu em {moment(known.failed_at)}"
        return StatusLight("WhatsApp", Level.WARNING, words, "acompanhe", page)
    if known.succeeded_at is None:
        return StatusLight("WhatsApp", Level.WARNING, f"{shown}, ainda sem contato com a Twilio", "aguarde", page)
    return StatusLight("WhatsApp", Level.OK, shown, None, page)


def queue(app: App, company: str) -> StatusLight:
    """Of a desk that keeps queues it is said what it answered last, not what was saved here."""
    settings, page = app.desk_settings(company), "/fila"
    if settings.name == desks.JOURNAL or not isinstance(app.desk(company), KeepsQueues):
        return StatusLight("Fila", Level.OK, QUEUE, None, page)
    known = app.health.of(company, QUEUE_ROW, mark(settings.credentials))
    if known.trouble is not None:
        return StatusLight("Fila", Level.FAILURE, "não existe com o nome exato", "crie-a ou corrija o nome", page)
    if known.succeeded_at is None:
        return StatusLight("Fila", Level.WARNING, "ainda não conferida", "confira o nome", page)
    return StatusLight("Fila", Level.OK, QUEUE, None, page)


LIGHTS: tuple[tuple[str, Callable[[App, str], StatusLight]], ...] = (
    ("Gateway", gateway),
    ("Recebedor", payee),
    ("Atendimento", desk),
    ("WhatsApp", channel),
    ("Fila", queue),
)


def token_age(app: App, company: str) -> str | None:
    """How long ago the token in force was saved; None when the environment holds it."""
    saved = app.settings.get(company, saved_gateway.NAME)
    if saved is None or app.environment.credentials is not None:
        return None
    return ago(app.now() - saved.saved_at)
