"""The WhatsApp number over Twilio; the environment's, when complete, stands in the place of the saved one.

None: WhatsApp is not configured, and its routes answer 503. What cannot be used is a ConfigurationError, one line in
Brazilian Portuguese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from segunda_via import urls
from segunda_via.errors import ConfigurationError
from segunda_via.settings.environment import Environment
from segunda_via.settings.setting import Setting
from segunda_via.settings.store import SettingsStore

_SID = re.compile(r"AC[0-9a-f]{32}")
_NUMBER = re.compile(r"whatsapp:\+[1-9]\d{7,14}")
_TEMPLATE = re.compile(r"HX[0-9a-f]{32}")
TEMPLATES = {"welcome": "Boas-vindas", "menu": "Menu"}
"""The responses with buttons, as operators know them."""

LABELS = {
    "account_sid": "Account SID",
    "auth_token": "Auth Token",
    "number": "número do WhatsApp",
    "webhook_url": "endereço do webhook",
    "status_callback_url": "endereço da situação",
}
WEBHOOK, STATUS = "/webhooks/whatsapp/webhook", "/webhooks/whatsapp/status"
"""Where this assistant is called by Twilio, whatever host and path a proxy puts before it."""

ADDRESSES = frozenset({"webhook_url", "status_callback_url"})
_HEADS = (WEBHOOK, STATUS, "/webhooks/whatsapp", "/webhooks")
_FIELDS = ("account_sid", "auth_token", "number", "webhook_url")


@dataclass(frozen=True)
class WhatsAppNumber:
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
        return self.status_callback_url or urljoin(self.webhook_url, "status")

    @property
    def public_url(self) -> str:
        """Where the media links are served when nothing else is said: beside the webhook."""
        return urljoin(self.webhook_url, ".").rstrip("/")


def _read(saved: Mapping[str, Any]) -> WhatsAppNumber | None:
    """None where the templates alone are saved."""
    return checked(saved) if any(saved.get(name) for name in _FIELDS) else None


def _write(number: WhatsAppNumber | None) -> Mapping[str, Any]:
    return asdict(checked(asdict(number))) if number else {}


def _fixed(environment: Environment, saved: Mapping[str, Any]) -> WhatsAppNumber | None:
    """The environment's number with the saved templates."""
    if environment.twilio is None:
        return None
    told = environment.twilio
    return WhatsAppNumber(
        account_sid=told["TWILIO_ACCOUNT_SID"],
        auth_token=told["TWILIO_AUTH_TOKEN"],
        number=address(told["TWILIO_WHATSAPP_NUMBER"]),
        webhook_url=told["TWILIO_WEBHOOK_URL"],
        status_callback_url=told.get("TWILIO_STATUS_CALLBACK_URL", ""),
        templates=dict(saved.get("templates") or {}),
    )


WHATSAPP_SETTING: Setting[WhatsAppNumber | None] = Setting("whatsapp", None, _read, _write, _fixed)


def checked(value: Mapping[str, object]) -> WhatsAppNumber:
    """What was written as a WhatsApp number; ConfigurationError says what is missing or malformed."""
    told = _told(value)
    if wrong := problems(value):
        raise ConfigurationError("WhatsApp: " + "; ".join(f"{LABELS[name]}: {why}" for name, why in wrong.items()))
    return WhatsAppNumber(**told, templates=_checked_templates(value.get("templates") or {}))


def problems(value: Mapping[str, object]) -> dict[str, str]:
    """What is missing or malformed, by field, in words."""
    told = _told(value)
    wrong = {name: "preencha este campo" for name in _FIELDS if not told[name]}
    if told["account_sid"] and not _SID.fullmatch(told["account_sid"]):
        wrong["account_sid"] = "começa com AC e tem 34 caracteres"
    if told["number"] and not _NUMBER.fullmatch(told["number"]):
        wrong["number"] = "escreva com DDD, como (47) 99999-0001, ou com o código do país, como +5547999990001"
    for name in ADDRESSES:
        if told[name] and not _is_url(told[name]):
            wrong[name] = "deve ser um endereço como https://bot.example.com/…"
    return wrong


def misdirected(value: Mapping[str, object]) -> dict[str, str]:
    """Addresses at which Twilio would not reach this assistant, by field, each with the one that it should be."""
    told, wrong = _told(value), {}
    for name, path in (("webhook_url", WEBHOOK), ("status_callback_url", STATUS)):
        right = told[name] and right_address(told[name], path)
        if right != told[name]:
            wrong[name] = f"assim a Twilio não chega a este assistente. O certo é {right}"
    return wrong


def right_address(written: str, path: str = WEBHOOK) -> str:
    """The address that was meant: `path` at its end, and no more.

    >>> right_address("https://bot.empresa.com.br"), right_address("https://empresa.com.br/bot/webhooks/whatsapp/")
    ('https://bot.empresa.com.br/webhooks/whatsapp/webhook', 'https://empresa.com.br/bot/webhooks/whatsapp/webhook')
    """
    parts = urlsplit(written)
    before = parts.path.rstrip("/")
    there = next((head for head in _HEADS if before.endswith(head)), "")
    return f"{parts.scheme}://{parts.netloc}{before.removesuffix(there)}{path}"


def with_scheme(address: str) -> str:
    """
    >>> with_scheme(" bot.empresa.com.br/x "), with_scheme("http://localhost:5005"), with_scheme("")
    ('https://bot.empresa.com.br/x', 'http://localhost:5005', '')
    """
    text = address.strip()
    return text if not text or "://" in text else f"https://{text}"


def save_templates(store: SettingsStore, company: str, templates: Mapping[str, str], *, by: str, at: datetime) -> None:
    """Keep the Content SIDs, whether or not the number is saved here, too."""
    name = WHATSAPP_SETTING.name
    saved = store.get(company, name)
    value = {**(saved.value if saved else {}), "templates": dict(_checked_templates(templates))}
    store.put(company, name, value, by=by, at=at)


def address(number: str) -> str:
    """A number as Twilio writes it. Without a country's code it is a Brazilian one.

    >>> address("+55 (11) 99999-8888"), address("whatsapp:+14155238886"), address("(47) 99999-0001")
    ('whatsapp:+5511999998888', 'whatsapp:+14155238886', 'whatsapp:+5547999990001')
    """
    compact = re.sub(r"[\s().\-\u2010-\u2015]", "", number.strip().removeprefix("whatsapp:"))
    return f"whatsapp:{_with_country(compact)}" if compact else ""


def _with_country(compact: str) -> str:
    if compact.startswith("+") or not compact.isdecimal():
        return compact
    import phonenumbers  # only for what somebody has typed

    try:
        found = phonenumbers.parse(compact, "BR")
    except phonenumbers.NumberParseException:
        return compact
    if not phonenumbers.is_valid_number(found):
        return compact
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _told(value: Mapping[str, object]) -> dict[str, str]:
    told = {name: str(value.get(name) or "").strip() for name in (*_FIELDS, "status_callback_url")}
    return {**told, "number": address(told["number"])}


def _checked_templates(templates: object) -> Mapping[str, str]:
    if not isinstance(templates, Mapping):
        raise ConfigurationError("WhatsApp: os modelos devem ser um objeto, de resposta para Content SID")
    told = {str(name): str(sid).strip() for name, sid in templates.items() if str(sid or "").strip()}
    for name, sid in told.items():
        if not _TEMPLATE.fullmatch(sid):
            shown = TEMPLATES.get(name, name)
            raise ConfigurationError(f"WhatsApp: o Content SID de {shown} começa com HX e tem 34 caracteres")
    return told


def _is_url(text: str) -> bool:
    parts = urls.parse(text)
    return parts is not None and not parts.fragment
