"""Which web addresses of a gateway may stand in a message, or be fetched: those at a host that is trusted.

An address is read as a browser reads it, so what could be read in two ways is refused: anything but printable ASCII
(look-alike letters, right-to-left marks, line breaks), a backslash, a user before the host.

>>> asaas = TrustedHosts(frozenset({"www.asaas.com"}))
>>> asaas.accepts("https://www.asaas.com/i/1")
True
>>> any(map(asaas.accepts, ("https://golpe.example/www.asaas.com", "https://www.asaas.com@golpe.example/i/1")))
False
>>> TrustedHosts(frozenset({"*.hinova.com.br"})).trusts("boleto.hinova.com.br")
True
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult

from segunda_via import urls

MAX_LENGTH = 2000
"""Characters of an address; a longer one would leave no room in a message."""

_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_UNSAFE = re.compile(r"[^!-~]|[\\\"<>^`]")


@dataclass(frozen=True)
class TrustedHosts:
    """The hosts of one gateway's links, or of its PDFs, in lower case; `*.example.com` stands for all below it.

    `base_host` is the host of a `base_url` of the operator's own, which may also be asked by plain http when it is
    this machine, or when the operator permits that (`allow_http`).
    """

    names: frozenset[str] = frozenset()
    base_host: str | None = None
    allow_http: bool = False

    def accepts(self, url: str | None) -> bool:
        """Whether a customer may be sent there."""
        address = parse(url)
        if address is None or not self.trusts(address.hostname or ""):
            return False
        return address.scheme == "https" or self._by_plain_http(address.hostname or "")

    def trusts(self, host: str) -> bool:
        """Whether it is one of these hosts."""
        host = host.lower().rstrip(".")
        return self.is_base(host) or host in self.names or any(map(self.names.__contains__, _wildcards(host)))

    def refused_host(self, url: str | None) -> str | None:
        """The host of a web address, where it is none of these; None too when the address is malformed."""
        address = parse(url)
        host = address.hostname if address else None
        return host if host and not self.trusts(host) else None

    def is_base(self, host: str) -> bool:
        """Whether it is the host of the operator's own `base_url`."""
        return self.base_host is not None and host.lower().rstrip(".") == self.base_host.lower().rstrip(".")

    def _by_plain_http(self, host: str) -> bool:
        return self.is_base(host) and (self.allow_http or urls.is_loopback(host))


def parse(url: str | None) -> SplitResult | None:
    """A web address in its parts; None when it is none, or could be read in two ways."""
    if not url or len(url) > MAX_LENGTH or _UNSAFE.search(url):
        return None
    address = urls.parse(url)
    return address if address and "@" not in address.netloc else None


def read_names(written: str) -> frozenset[str]:
    """The hosts that an operator wrote, by their names or as whole addresses; ValueError when one is no host.

    >>> sorted(read_names("Cdn.example.com; https://pdf.example.com/boleto/1"))
    ['cdn.example.com', 'pdf.example.com']
    """
    entries = filter(None, re.split(r"[,;\s]+", written))
    return frozenset(map(_read_name, entries))


def _read_name(entry: str) -> str:
    address = parse(entry) if "://" in entry else parse(f"https://{entry}")
    host = (address.hostname or "") if address else ""
    if not _NAME.fullmatch(host) and not _is_address(host):
        raise ValueError("not a host")
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _wildcards(host: str) -> Collection[str]:
    """
    >>> _wildcards("a.b.example.com")
    ['*.b.example.com', '*.example.com', '*.com']
    """
    labels = host.split(".")
    return [f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels))]
