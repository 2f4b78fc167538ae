"""Who is told when something breaks, and whom an operator asks: saved as `alerts` `{url}` and `support` `{contact}`."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from segunda_via.boletos.trusted_hosts import is_loopback
from segunda_via.errors import ConfigurationError
from segunda_via.settings.store import SettingsStore

ALERTS, SUPPORT = "alerts", "support"
DEFAULT_SUPPORT = "Suporte da Logyca Tecnologia"


def alert_url(store: SettingsStore, company: str) -> str | None:
    """Where alerts are posted; None when nobody is told."""
    saved = store.get(company, ALERTS)
    return (saved.value.get("url") or None) if saved else None


def save_alert_url(store: SettingsStore, company: str, url: str, *, by: str, at: datetime) -> None:
    """Save it; empty: nobody is told."""
    store.put(company, ALERTS, {"url": checked_url(url)}, by=by, at=at)


def support(store: SettingsStore, company: str) -> str:
    saved = store.get(company, SUPPORT)
    return (saved.value.get("contact") if saved else None) or DEFAULT_SUPPORT


def save_support(store: SettingsStore, company: str, contact: str, *, by: str, at: datetime) -> None:
    """Save it; empty: the default stands again."""
    text = " ".join(contact.split())
    if len(text) > 200:
        raise ConfigurationError("o contato deve ter até 200 caracteres")
    store.put(company, SUPPORT, {"contact": text}, by=by, at=at)


def checked_url(url: str) -> str:
    """
    >>> checked_url(" https://hooks.example.com/abc ")
    'https://hooks.example.com/abc'
    """
    text = url.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    plain = host and parts.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or plain) or any(c.isspace() for c in text) or len(text) > 500:
        raise ConfigurationError("o endereço dos alertas deve ser como https://exemplo.com.br/alertas")
    return text
