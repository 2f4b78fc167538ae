"""The fields of a gateway or a ticket desk as an operator pasted them: mended, completed, or explained.

Shared by the screen and the terminal. What is wrong is told for each field, in Brazilian Portuguese, without repeating
what was pasted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segunda_via.boletos import trusted_hosts
from segunda_via.gateways.foreign_codes import complaint
from segunda_via.http import base_url
from segunda_via.http.credentials import Field
from segunda_via.settings import pasted

_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?")


@dataclass(frozen=True)
class Read:
    """The credentials as they are to be used; what is wrong, by field; and what was mended."""

    credentials: Mapping[str, str] = field(repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read(
    fields: Sequence[Field], typed: Callable[[str], str], kept: Mapping[str, str], together: Collection[str] = ()
) -> Read:
    """What `typed` gives for each field. An empty secret is the one that is saved (`kept`), unless it would be sent to
    another address. The fields that `together` names are filled all or not at all."""
    if typed("base_url").strip() != kept.get("base_url", ""):
        kept = {}
    credentials: dict[str, str] = {}
    problems: dict[str, str] = {}
    notes: list[str] = []
    for each in fields:
        mended = pasted.clean(typed(each.name), keep_spaces=each.made_up)
        value = mended.value or (kept.get(each.name, "") if each.secret else "")
        notes += [f"{each.label}: {note}" for note in mended.notes]
        if each.name == "base_url" and _HOST.fullmatch(value):
            value = f"https://{value}"
            notes.append(f"{each.label}: faltava https://, que foi acrescentado")
        if value:
            credentials[each.name] = value
        elif not each.optional:
            problems[each.name] = "preencha este campo"
    for each in fields:
        if each.name in credentials:
            wrong = complaint(each, credentials[each.name]) or malformed(each.name, credentials)
            if wrong:
                problems[each.name] = wrong
    for name, why in _left_out(fields, credentials, together).items():
        problems.setdefault(name, why)
    return Read(credentials, problems, tuple(dict.fromkeys(notes)))


def _left_out(fields: Iterable[Field], credentials: Mapping[str, str], together: Collection[str]) -> dict[str, str]:
    if len({name in credentials for name in together}) < 2:
        return {}
    called = " e ".join(each.history or each.name for each in fields if each.name in together)
    return {name: f"preencha os dois, {called}, ou nenhum" for name in together if name not in credentials}


def malformed(name: str, credentials: Mapping[str, str]) -> str | None:
    """Why a field that means the same everywhere cannot be used; None when it can.

    >>> malformed("base_url", {"base_url": "http://erp.example.com"})
    'deve começar com https:// (http, sem criptografia, só se você o permitir: em Avançado, ou allow_http)'
    >>> malformed("account_id", {"account_id": "3"})
    """
    value = credentials[name]
    if name == "base_url":
        return base_url.problem(value, allow_http=base_url.allows_http(credentials))
    if name in {"link_hosts", "pdf_hosts"}:
        return _malformed_hosts(value)
    if name == "ca_file" and not Path(value).is_file():
        return "não há esse arquivo no servidor"
    return None


def _malformed_hosts(value: str) -> str | None:
    try:
        trusted_hosts.read_names(value)
    except ValueError:
        return "deve ter só endereços, separados por vírgula, como boleto.exemplo.com.br"
    return None
