"""Who is told when something breaks, and whom an operator asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segunda_via import urls
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
    address = urls.parse(text)
    if address is None or not urls.is_protected(address) or len(text) > 500:
        raise ConfigurationError("o endereço dos alertas deve ser como https://exemplo.com.br/alertas")
    return text
