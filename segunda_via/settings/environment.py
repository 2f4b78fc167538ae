"""The environment variables, read once and refused with one clear line when malformed.

`VARIABLES` is the whole list: the docs are tested against it.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Union
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from segunda_via import urls
from segunda_via.boletos.checks import Bounds
from segunda_via.errors import ConfigurationError
from segunda_via.settings import public_address

VARIABLES: Mapping[str, str] = {
    "SEGUNDA_VIA_GATEWAY": "which gateway to ask",
    "SEGUNDA_VIA_CREDENTIALS": "JSON of that gateway's fields",
    "SEGUNDA_VIA_TICKET_DESK": "where tickets live",
    "SEGUNDA_VIA_TICKET_DESK_CREDENTIALS": "JSON of that desk's fields",
    "SEGUNDA_VIA_DATABASE_URL": "SQLAlchemy URL of settings, journal and limits",
    "SEGUNDA_VIA_SECRET_KEY": "urlsafe base64 of 32 bytes; encrypts what is saved and the links",
    "SEGUNDA_VIA_ACTION_SECRET": "bearer token that the action server and /metrics demand",
    "SEGUNDA_VIA_RASA_URL": "where the public server finds Rasa",
    "SEGUNDA_VIA_TURN_SECRET": "bearer token that Rasa's turn channel demands",
    "SEGUNDA_VIA_PUBLIC_URL": "where phones, Twilio and desks reach the public server",
    "SEGUNDA_VIA_TRUSTED_PROXIES": "reverse proxies whose forwarding headers the settings screen believes",
    "SEGUNDA_VIA_DOCUMENTS_PER_SENDER": "different documents one sender may ask for in a day",
    "SEGUNDA_VIA_SENDERS_PER_DOCUMENT": "different senders that may ask for one document in a day",
    "SEGUNDA_VIA_LATE_TRIES": "minutes after which a delivery is tried again while the gateway cannot be asked",
    "SEGUNDA_VIA_MAX_FINE": "percentage that an overdue amount may have grown at once",
    "SEGUNDA_VIA_MAX_MONTHLY_INTEREST": "percentage that an overdue amount may grow in a month",
    "SEGUNDA_VIA_MAX_DISCOUNT": "percentage by which a code may ask for less without a discount that was stated",
    "SEGUNDA_VIA_RETENTION_DAYS": "days after which conversations, tickets and queues are erased",
    "SEGUNDA_VIA_MESSAGES_PER_MINUTE": "messages of one sender that are answered in a minute",
    "SEGUNDA_VIA_LOG_FORMAT": "how the servers write their logs: text or json",
    "TWILIO_ACCOUNT_SID": "the account of the WhatsApp number",
    "TWILIO_AUTH_TOKEN": "its token: signs what Twilio sends, and lets us send",
    "TWILIO_WHATSAPP_NUMBER": "the company's number",
    "TWILIO_WEBHOOK_URL": "the webhook as configured at Twilio, when it is not the public server's own address",
    "TWILIO_STATUS_CALLBACK_URL": "where Twilio tells what became of each message, when it is not beside the webhook",
    "TWILIO_API_URL": "the base before /2010-04-01/",
}

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]  # noqa: UP007  a runtime alias

DEFAULT_RASA_URL = "http://127.0.0.1:5005"
DEFAULT_DATABASE_URL = "sqlite:///var/segunda_via.db"
TWILIO_API_URL = "https://api.twilio.com"
LOG_FORMATS = ("text", "json")
LATE_TRIES = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 5, 10, 20, 30))
LATEST_TRY = timedelta(hours=23)
"""WhatsApp lets nothing be said unasked 24 hours after the customer wrote."""
_TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER")


@dataclass(frozen=True)
class Environment:
    """What the environment says. None means that it says nothing, and what was saved counts."""

    gateway: str | None = None
    credentials: Mapping[str, str] | None = field(default=None, repr=False)
    ticket_desk: str | None = None
    ticket_desk_credentials: Mapping[str, str] | None = field(default=None, repr=False)
    database_url: str = field(default=DEFAULT_DATABASE_URL, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    action_secret: str | None = field(default=None, repr=False)
    rasa_url: str = DEFAULT_RASA_URL
    turn_secret: str | None = field(default=None, repr=False)
    public_url: str | None = None
    """Without a slash at its end. None: what was saved with the WhatsApp number, else `public_address.DEFAULT`."""
    trusted_proxies: tuple[Network, ...] = ()
    documents_per_sender: int = 5
    senders_per_document: int = 10
    late_tries: tuple[timedelta, ...] = LATE_TRIES
    bounds: Bounds = field(default=Bounds())
    retention_days: int = 90
    messages_per_minute: int = 20
    log_format: str = "text"
    twilio: Mapping[str, str] | None = field(default=None, repr=False)
    """The three variables that make a WhatsApp number."""
    twilio_webhook_url: str | None = None
    twilio_status_callback_url: str | None = None
    twilio_api_url: str = TWILIO_API_URL

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Environment:
        """Parse `environ`; ConfigurationError names the first malformed variable and what it should hold.

        A variable that is set but empty counts as not set, as compose files make it.
        """
        values = {name: environ[name].strip() for name in VARIABLES if environ.get(name, "").strip()}
        return cls(
            gateway=values.get("SEGUNDA_VIA_GATEWAY"),
            credentials=_fields(values, "SEGUNDA_VIA_CREDENTIALS", '{"token": "…"}'),
            ticket_desk=values.get("SEGUNDA_VIA_TICKET_DESK"),
            ticket_desk_credentials=_fields(values, "SEGUNDA_VIA_TICKET_DESK_CREDENTIALS", '{"base_url": "…"}'),
            database_url=_database_url(values),
            secret_key=_secret_key(values),
            action_secret=values.get("SEGUNDA_VIA_ACTION_SECRET"),
            rasa_url=_rasa_url(values),
            turn_secret=values.get("SEGUNDA_VIA_TURN_SECRET"),
            public_url=_public_url(values),
            twilio_webhook_url=_webhook_url(values),
            twilio_status_callback_url=_url(values, "TWILIO_STATUS_CALLBACK_URL"),
            trusted_proxies=_trusted_proxies(values),
            documents_per_sender=_count(values, "SEGUNDA_VIA_DOCUMENTS_PER_SENDER", cls.documents_per_sender),
            senders_per_document=_count(values, "SEGUNDA_VIA_SENDERS_PER_DOCUMENT", cls.senders_per_document),
            late_tries=_late_tries(values),
            bounds=Bounds(
                fine=_percentage(values, "SEGUNDA_VIA_MAX_FINE", Bounds.fine),
                monthly_interest=_percentage(values, "SEGUNDA_VIA_MAX_MONTHLY_INTEREST", Bounds.monthly_interest),
                max_discount=_percentage(values, "SEGUNDA_VIA_MAX_DISCOUNT", Bounds.max_discount, highest=99),
            ),
            retention_days=_count(values, "SEGUNDA_VIA_RETENTION_DAYS", cls.retention_days),
            messages_per_minute=_count(values, "SEGUNDA_VIA_MESSAGES_PER_MINUTE", cls.messages_per_minute),
            log_format=_log_format(values),
            twilio=_twilio(values),
            twilio_api_url=_api_url(values),
        )


def _fields(values: Mapping[str, str], name: str, example: str) -> Mapping[str, str] | None:
    if name not in values:
        return None
    complaint = ConfigurationError(f"{name} deve ser um objeto JSON de textos, como {example}.")
    try:
        fields = json.loads(values[name])
    except ValueError:
        raise complaint from None  # the text of a JSON error quotes the secret
    if not isinstance(fields, dict):
        raise complaint
    return {str(key): _text(value) for key, value in fields.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _database_url(values: Mapping[str, str]) -> str:
    url = values.get("SEGUNDA_VIA_DATABASE_URL", DEFAULT_DATABASE_URL)
    if not url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg2:")):
        raise ConfigurationError(
            "SEGUNDA_VIA_DATABASE_URL deve ser uma URL do SQLAlchemy que comece com sqlite:/// ou postgresql://."
        )
    return url


def _secret_key(values: Mapping[str, str]) -> str | None:
    key = values.get("SEGUNDA_VIA_SECRET_KEY")
    if key is not None:
        try:
            Fernet(key)
        except ValueError:
            raise ConfigurationError(
                "SEGUNDA_VIA_SECRET_KEY deve ser base64 (urlsafe) de 32 bytes, como faz Fernet.generate_key()."
            ) from None
    return key


def _public_url(values: Mapping[str, str]) -> str | None:
    """As said, else as the webhook's URL tells it."""
    told, webhook = _url(values, "SEGUNDA_VIA_PUBLIC_URL"), _webhook_url(values)
    if told is not None:
        return told.rstrip("/")
    return public_address.behind(webhook) if webhook is not None else None


def _webhook_url(values: Mapping[str, str]) -> str | None:
    url = _url(values, "TWILIO_WEBHOOK_URL")
    if url is not None and not urlsplit(url).path.strip("/"):  # the addresses beside it could not be told from its host
        raise ConfigurationError(
            "TWILIO_WEBHOOK_URL deve terminar no caminho do webhook, como "
            "https://bot.example.com/webhooks/whatsapp/webhook."
        )
    return url


def _rasa_url(values: Mapping[str, str]) -> str:
    """Plain http is allowed: Rasa stands on loopback or on a private network."""
    url = values.get("SEGUNDA_VIA_RASA_URL", DEFAULT_RASA_URL)
    parts = urls.parse(url)
    if parts is None or parts.query or parts.fragment:
        raise ConfigurationError("SEGUNDA_VIA_RASA_URL deve ser uma URL como http://127.0.0.1:5005.")
    return url.rstrip("/")


def _trusted_proxies(values: Mapping[str, str]) -> tuple[Network, ...]:
    """None by default: then nobody's forwarding headers are believed."""
    written = values.get("SEGUNDA_VIA_TRUSTED_PROXIES", "")
    try:
        found = [ipaddress.ip_network(each.strip(), strict=False) for each in written.split(",") if each.strip()]
    except ValueError:
        found = []
    if written and (not found or any(each.prefixlen == 0 for each in found)):
        raise ConfigurationError(
            "SEGUNDA_VIA_TRUSTED_PROXIES deve conter endereços ou redes, como 10.0.0.5, 172.18.0.0/16."
        )
    return tuple(found)


def _log_format(values: Mapping[str, str]) -> str:
    told = values.get("SEGUNDA_VIA_LOG_FORMAT", "text")
    if told not in LOG_FORMATS:
        raise ConfigurationError(f"SEGUNDA_VIA_LOG_FORMAT deve ser {' ou '.join(LOG_FORMATS)}.")
    return told


def _twilio(values: Mapping[str, str]) -> Mapping[str, str] | None:
    """All that makes a number, or None."""
    given = [name for name in _TWILIO if name in values]
    if not given:
        return None
    for name in _TWILIO:
        if name not in values:
            raise ConfigurationError(f"{name} deve ser definida também, pois {given[0]} está definida.")
    if not re.fullmatch(r"AC[0-9a-f]{32}", values["TWILIO_ACCOUNT_SID"]):
        raise ConfigurationError("TWILIO_ACCOUNT_SID deve ser AC seguido de 32 dígitos hexadecimais.")
    if not re.fullmatch(r"(whatsapp:)?\+[1-9]\d{7,14}", values["TWILIO_WHATSAPP_NUMBER"]):
        raise ConfigurationError("TWILIO_WHATSAPP_NUMBER deve ser um número como +5511999998888.")
    return {name: values[name] for name in _TWILIO}


def _api_url(values: Mapping[str, str]) -> str:
    url = _url(values, "TWILIO_API_URL") or TWILIO_API_URL
    if not urls.is_protected(urlsplit(url)):
        raise ConfigurationError("TWILIO_API_URL deve começar com https://, pois o token vai para lá.")
    return url.rstrip("/")


def _url(values: Mapping[str, str], name: str) -> str | None:
    url = values.get(name)
    if url is None:
        return None
    parts = urls.parse(url)
    if parts is None or parts.query or parts.fragment:
        raise ConfigurationError(f"{name} deve ser uma URL como https://bot.example.com.")
    return url


def _count(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= 1_000_000:
        raise ConfigurationError(f"{name} deve ser um número inteiro de 1 a 1000000.")
    return int(text)


def _late_tries(values: Mapping[str, str]) -> tuple[timedelta, ...]:
    text = values.get("SEGUNDA_VIA_LATE_TRIES")
    if text is None:
        return LATE_TRIES
    try:
        tries = tuple(timedelta(minutes=float(each)) for each in text.split())
    except (ValueError, OverflowError):
        tries = ()
    if (
        not tries
        or any(later <= earlier for earlier, later in pairwise((timedelta(), *tries)))
        or tries[-1] > LATEST_TRY
    ):
        raise ConfigurationError(
            "SEGUNDA_VIA_LATE_TRIES deve conter minutos em ordem crescente, separados por espaços e até 1380, como "
            "0.5 2 5 10 20 30."
        )
    return tries


def _percentage(values: Mapping[str, str], name: str, default: Decimal, highest: int = 1000) -> Decimal:
    text = values.get(name)
    if text is None:
        return default
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and 0 <= value <= highest):
        raise ConfigurationError(f"{name} deve ser uma porcentagem de 0 a {highest}, como 30.")
    return value / 100
