"""The WhatsApp number over Twilio, and where Twilio reaches us; what the environment says counts before what is saved.

None: WhatsApp is not configured, and its routes answer 503. What cannot be used is a ConfigurationError, one line in
Brazilian Portuguese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from segunda_via import urls
from segunda_via.errors import ConfigurationError
from segunda_via.settings import public_address
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
    "public_url": "endereço público",
    "webhook_url": "endereço do webhook",
    "status_callback_url": "endereço da situação",
}
_ACCOUNT = ("account_sid", "auth_token", "number")
_ADDRESSES = ("public_url", "webhook_url", "status_callback_url")
_REQUIRED = (*_ACCOUNT, "public_url")


@dataclass(frozen=True)
class WhatsAppNumber:
    """One number. `webhook_url` and `status_url` are as Twilio has them, since signatures are computed over them.

    `templates` are Content SIDs of quick replies by the response they stand for, without `utter_segunda_via_`.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    number: str
    public_url: str
    webhook_url: str
    status_url: str
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def addresses_of_its_own(self) -> Mapping[str, str]:
        """Those that do not derive from the public one, under the names by which they are saved."""
        own = {}
        if self.webhook_url != self.public_url + public_address.WEBHOOK:
            own["webhook_url"] = self.webhook_url
        if self.status_url != _beside(self.webhook_url):
            own["status_callback_url"] = self.status_url
        return own


def _read(saved: Mapping[str, Any]) -> WhatsAppNumber | None:
    """None where the templates alone are saved."""
    return checked(saved) if any(saved.get(name) for name in _ACCOUNT) else None


def _write(number: WhatsAppNumber | None) -> Mapping[str, Any]:
    if number is None:
        return {}
    value = {
        "account_sid": number.account_sid,
        "auth_token": number.auth_token,
        "number": number.number,
        "public_url": number.public_url,
        **number.addresses_of_its_own,
        "templates": dict(number.templates),
    }
    checked(value)
    return value


def _fixed(environment: Environment, saved: Mapping[str, Any]) -> WhatsAppNumber | None:
    """The environment's number and addresses, as far as it says them, over what is saved."""
    twilio = environment.twilio or {}
    said = {
        "account_sid": twilio.get("TWILIO_ACCOUNT_SID"),
        "auth_token": twilio.get("TWILIO_AUTH_TOKEN"),
        "number": twilio.get("TWILIO_WHATSAPP_NUMBER"),
        "public_url": environment.public_url,
        "webhook_url": environment.twilio_webhook_url,
        "status_callback_url": environment.twilio_status_callback_url,
    }
    said = {name: value for name, value in said.items() if value}
    if not said:
        return None
    if twilio and not any(each.get(name) for each in (said, saved) for name in _ADDRESSES):
        said["public_url"] = public_address.DEFAULT
    return _read({**saved, **said})


WHATSAPP_SETTING: Setting[WhatsAppNumber | None] = Setting("whatsapp", None, _read, _write, _fixed)


def checked(value: Mapping[str, object]) -> WhatsAppNumber:
    """What was written as a WhatsApp number; ConfigurationError says what is missing or malformed."""
    if wrong := problems(value):
        raise ConfigurationError("WhatsApp: " + "; ".join(f"{LABELS[name]}: {why}" for name, why in wrong.items()))
    told = _told(value)
    webhook = told["webhook_url"] or told["public_url"] + public_address.WEBHOOK
    return WhatsAppNumber(
        account_sid=told["account_sid"],
        auth_token=told["auth_token"],
        number=told["number"],
        public_url=told["public_url"],
        webhook_url=webhook,
        status_url=told["status_callback_url"] or _beside(webhook),
        templates=_checked_templates(value.get("templates") or {}),
    )


def problems(value: Mapping[str, object]) -> dict[str, str]:
    """What is missing or malformed, by field, in words."""
    told = _told(value)
    wrong = {name: "preencha este campo" for name in _REQUIRED if not told[name]}
    if told["account_sid"] and not _SID.fullmatch(told["account_sid"]):
        wrong["account_sid"] = "começa com AC e tem 34 caracteres"
    if told["number"] and not _NUMBER.fullmatch(told["number"]):
        wrong["number"] = "escreva com DDD, como (47) 99999-0001, ou com o código do país, como +5547999990001"
    for name in _ADDRESSES:
        if told[name] and not _is_address(name, told[name]):
            wrong[name] = "deve ser um endereço como https://bot.suaempresa.com.br"
    return wrong


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
    """What is written, cleaned. Older versions saved the webhook alone: then the public address is read from it."""
    told = {name: str(value.get(name) or "").strip() for name in (*_ACCOUNT, *_ADDRESSES)}
    told["number"] = address(told["number"])
    webhook = urls.parse(told["webhook_url"])
    if not told["public_url"] and webhook is not None:
        told["public_url"] = public_address.behind(told["webhook_url"])
    if webhook is not None and not webhook.path.strip("/"):  # nothing of ours was ever called there
        told["webhook_url"] = ""
    return {**told, "public_url": told["public_url"].rstrip("/")}


def _beside(webhook: str) -> str:
    """Where Twilio tells what became of each message, unless it is said."""
    return urljoin(webhook, "status")


def _checked_templates(templates: object) -> Mapping[str, str]:
    if not isinstance(templates, Mapping):
        raise ConfigurationError("WhatsApp: os modelos devem ser um objeto, de resposta para Content SID")
    told = {str(name): str(sid).strip() for name, sid in templates.items() if str(sid or "").strip()}
    for name, sid in told.items():
        if not _TEMPLATE.fullmatch(sid):
            shown = TEMPLATES.get(name, name)
            raise ConfigurationError(f"WhatsApp: o Content SID de {shown} começa com HX e tem 34 caracteres")
    return told


def _is_address(name: str, text: str) -> bool:
    parts = urls.parse(text)
    return parts is not None and (urls.is_bare(parts) if name == "public_url" else not parts.fragment)
