"""Who is told when something breaks, and whom an operator asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from segunda_via.boletos.trusted_hosts import is_loopback
from segunda_via.errors import ConfigurationError
from segunda_via.settings.setting import Setting

DEFAULT_SUPPORT = "Suporte da Logyca Tecnologia"


def _read_url(saved: Mapping[str, Any]) -> str:
    return saved.get("url") or ""


def _write_url(url: str) -> Mapping[str, Any]:
    return {"url": checked_url(url)}


def _read_contact(saved: Mapping[str, Any]) -> str:
    return saved.get("contact") or DEFAULT_SUPPORT


def _write_contact(contact: str) -> Mapping[str, Any]:
    text = " ".join(contact.split())
    if len(text) > 200:
        raise ConfigurationError("o contato deve ter até 200 caracteres")
    return {"contact": text}


ALERTS_SETTING = Setting("alerts", "", _read_url, _write_url)
"""Where alerts are posted; empty: nobody is told."""

SUPPORT_SETTING = Setting("support", DEFAULT_SUPPORT, _read_contact, _write_contact)
"""Saved empty: the default stands again."""


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
