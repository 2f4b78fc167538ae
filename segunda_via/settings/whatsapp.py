"""The WhatsApp number over Twilio, saved under `whatsapp`; the environment's, when complete, stands in its place.

None: WhatsApp is not configured, and its routes answer 503. What cannot be used is a ConfigurationError, one line in
Brazilian Portuguese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from segunda_via.errors import ConfigurationError
from segunda_via.settings.environment import Environment
from segunda_via.settings.store import SettingsStore

NAME = "whatsapp"
_SID = re.compile(r"AC[0-9a-f]{32}")
_NUMBER = re.compile(r"whatsapp:\+[1-9]\d{7,14}")
_TEMPLATE = re.compile(r"HX[0-9a-f]{32}")
TEMPLATES = {"welcome": "Boas-vindas", "menu": "Menu"}
"""The responses with buttons, as operators know them."""

_FIELDS = ("account_sid", "auth_token", "number", "webhook_url")


@dataclass(frozen=True)
class WhatsApp:
    """One number. `webhook_url` is as configured at Twilio, since signatures are computed over it.

    `templates` are Content SIDs of quick replies by the response they stand for, without `utter_segunda_via_`.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    webhook_url: str
    status_callback_url: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def status_url(self) -> str:
        """Where Twilio tells what became of each message: the webhook's sibling, unless said otherwise."""
        return self.status_callback_url or self.webhook_url.rsplit("/", 1)[0] + "/status"

    @property
    def public_url(self) -> str:
        """Where the media links are served when nothing else is said: beside the webhook."""
        return self.webhook_url.rsplit("/", 1)[0]


def in_force(environment: Environment, store: SettingsStore, company: str) -> WhatsApp | None:
    """The number that counts; None when there is none."""
    if environment.twilio is not None:
        told = environment.twilio
        return WhatsApp(
            account_sid=told["TWILIO_ACCOUNT_SID"],
            auth_token=told["TWILIO_AUTH_TOKEN"],
            number=address(told["TWILIO_WHATSAPP_NUMBER"]),
            webhook_url=told["TWILIO_WEBHOOK_URL"],
            status_callback_url=told.get("TWILIO_STATUS_CALLBACK_URL", ""),
            templates=_templates(store, company),
        )
    saved = store.get(company, NAME)
    if saved is None or not any(saved.value.get(name) for name in _FIELDS):
        return None
    return checked(saved.value)


def save(store: SettingsStore, company: str, number: WhatsApp, *, by: str, at: datetime) -> None:
    """Keep it, once it is whole and well formed."""
    store.put(company, NAME, asdict(checked(asdict(number))), by=by, at=at)


def checked(value: Mapping[str, object]) -> WhatsApp:
    """What was written as a WhatsApp number; ConfigurationError says what is missing or malformed."""
    told = {name: str(value.get(name) or "").strip() for name in (*_FIELDS, "status_callback_url")}
    told["number"] = address(told["number"])
    if missing := [name for name in _FIELDS if not told[name]]:
        raise ConfigurationError(f"WhatsApp incompleto: falta {', '.join(missing)}")
    if not _SID.fullmatch(told["account_sid"]):
        raise ConfigurationError("WhatsApp: o Account SID começa com AC e tem 34 caracteres")
    if not _NUMBER.fullmatch(told["number"]):
        raise ConfigurationError("WhatsApp: o número deve ter o formato +5511999998888")
    for name in ("webhook_url", "status_callback_url"):
        if told[name] and not _is_url(told[name]):
            raise ConfigurationError(f"WhatsApp: {name} deve ser um endereço como https://bot.example.com/…")
    return WhatsApp(**told, templates=_checked_templates(value.get("templates") or {}))


def save_templates(
    store: SettingsStore, company: str, templates: Mapping[str, str], *, by: str, at: datetime
) -> None:
    """Keep the Content SIDs, whether or not the number is saved here, too."""
    saved = store.get(company, NAME)
    value = {**(saved.value if saved else {}), "templates": dict(_checked_templates(templates))}
    store.put(company, NAME, value, by=by, at=at)


def address(number: str) -> str:
    """A number as Twilio writes it.

    >>> address("+55 (11) 99999-8888"), address("whatsapp:+14155238886")
    ('whatsapp:+5511999998888', 'whatsapp:+14155238886')
    """
    compact = re.sub(r"[ ().-]", "", number.strip())
    return compact if not compact or compact.startswith("whatsapp:") else f"whatsapp:{compact}"


def _checked_templates(templates: object) -> Mapping[str, str]:
    if not isinstance(templates, Mapping):
        raise ConfigurationError("WhatsApp: os modelos devem ser um objeto, de resposta para Content SID")
    told = {str(name): str(sid).strip() for name, sid in templates.items() if str(sid or "").strip()}
    for name, sid in told.items():
        if not _TEMPLATE.fullmatch(sid):
            shown = TEMPLATES.get(name, name)
            raise ConfigurationError(f"WhatsApp: o Content SID de {shown} começa com HX e tem 34 caracteres")
    return told


def _templates(store: SettingsStore, company: str) -> Mapping[str, str]:
    saved = store.get(company, NAME)
    return dict(saved.value.get("templates") or {}) if saved else {}


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.fragment and parts.port != 0
    except ValueError:
        return False
