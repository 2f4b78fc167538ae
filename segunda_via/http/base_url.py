"""What the operator may write in `base_url`, and the fields that go with it: `allow_http`, `link_hosts`, `pdf_hosts`,
`ca_file`.

>>> base_url({"base_url": "https://erp.example.com/mk/"}, default=None)
'https://erp.example.com/mk'
>>> base_url({}, default="https://api.example.com/v1")
'https://api.example.com/v1'
>>> base_url({"base_url": "http://erp.example.com"}, default=None)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
segunda_via.errors.ConfigurationError: base_url deve começar com https:// (http, sem criptografia, ...
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from segunda_via import urls
from segunda_via.boletos import trusted_hosts
from segunda_via.errors import ConfigurationError
from segunda_via.http.credentials import Credentials

_TRUE = {"true", "1", "yes", "sim"}


def base_url(credentials: Credentials, default: str | None) -> str:
    """The base URL in force, without a trailing slash; ConfigurationError when it cannot be used.

    Plain http is for loopback, or for who sets `allow_http`.
    """
    value = credentials.get("base_url", "").strip() or (default or "")
    if not value:
        raise ConfigurationError("base_url deve ser o endereço da API.")
    if wrong := problem(value, allow_http=allows_http(credentials)):
        raise ConfigurationError(f"base_url {wrong}.")
    return value.rstrip("/")


def problem(value: str, *, allow_http: bool) -> str | None:
    """Why it cannot be a base URL, in words that continue the field's name; None when it can."""
    address = urls.parse(value)
    if address is None:
        return "deve ser um endereço, como https://api.exemplo.com.br"
    if not urls.is_bare(address):
        return "deve ser só o endereço, sem usuário, sem ? e sem #"
    if not urls.is_protected(address) and not allow_http:
        return "deve começar com https:// (http, sem criptografia, só se você o permitir: em Avançado, ou allow_http)"
    return None


def allows_http(credentials: Credentials) -> bool:
    """Whether the operator accepts plain http beyond loopback."""
    return credentials.get("allow_http", "").strip().lower() in _TRUE


def ca_file(credentials: Credentials) -> str | None:
    """The file of a private certificate authority, trusted beside nothing else; None for the public ones."""
    value = credentials.get("ca_file", "").strip()
    if value and not Path(value).is_file():
        raise ConfigurationError("ca_file deve ser o caminho de um arquivo PEM que se possa ler.")
    return value or None


def link_hosts(credentials: Credentials) -> frozenset[str]:
    """The hosts of payment links that the operator added, lower-case; ConfigurationError when one is no host.

    >>> sorted(link_hosts({"link_hosts": "Boleto.example.com, pay.example.com"}))
    ['boleto.example.com', 'pay.example.com']
    """
    return _hosts(credentials, "link_hosts")


def pdf_hosts(credentials: Credentials) -> frozenset[str]:
    """The hosts of PDFs that the operator added, in the same way."""
    return _hosts(credentials, "pdf_hosts")


def host_of(url: str) -> str:
    """The host of a URL that `base_url` accepted."""
    return urlsplit(url).hostname or ""


def _hosts(credentials: Credentials, field: str) -> frozenset[str]:
    try:
        return trusted_hosts.read_names(credentials.get(field, ""))
    except ValueError:
        raise ConfigurationError(
            f"{field} deve conter nomes de servidores como boleto.example.com, separados por vírgulas."
        ) from None
