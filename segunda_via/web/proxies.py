"""Who asks, and how, when reverse proxies stand between: told by forwarding headers, of trusted proxies alone.

Anybody can write `X-Forwarded-For`. It is believed from the right, for as long as who wrote the entry is one of
`SEGUNDA_VIA_TRUSTED_PROXIES`: the first address that is none of them is the visitor's, and what stands left of it is
what that visitor claims. By default no proxy is trusted, and the connection's own address counts.

>>> trusted = [ipaddress.ip_network("10.0.0.0/8")]
>>> visitor("10.0.0.2", ["6.6.6.6, 203.0.113.7, 10.0.0.9"], trusted)
'203.0.113.7'
>>> visitor("198.51.100.1", ["203.0.113.7"], trusted)
'198.51.100.1'
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from starlette.requests import HTTPConnection

from segunda_via.settings.environment import Network

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]  # noqa: UP007  a runtime alias

_FORWARDING = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded")


@dataclass(frozen=True)
class Asked:
    """How a page was asked for. `unknown_proxy`: somebody whom we do not trust says that it only passes it on.

    `visitor` is the address; behind an unknown proxy it has beside it what that one says, which need not be true.
    """

    address: str
    scheme: str
    host: str
    unknown_proxy: bool = False
    visitor: str = ""


def asked(request: HTTPConnection, trusted: Sequence[Network]) -> Asked:
    """By the connection, and by what trusted proxies say of it."""
    headers = request.headers
    peer = request.client.host if request.client else ""
    scheme, host = str(request.scope["scheme"]), headers.get("host", "")
    if not _is_trusted(peer, trusted):
        passed_on = any(name in headers for name in _FORWARDING)
        said = _last(headers.getlist("x-forwarded-for"))[:64]
        return Asked(peer, scheme, host, unknown_proxy=passed_on, visitor=f"{peer} {said}")
    proto = _last(headers.getlist("x-forwarded-proto")).lower()
    address = visitor(peer, headers.getlist("x-forwarded-for"), trusted)
    return Asked(
        address=address,
        visitor=address,
        scheme=proto if proto in {"http", "https"} else scheme,
        host=_last(headers.getlist("x-forwarded-host")) or host,
    )


def visitor(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address of who asks. `forwarded_for` are the header's lines, `peer` holds the connection."""
    address = peer
    for entry in reversed([part for line in forwarded_for for part in line.split(",")]):
        if not _is_trusted(address, trusted):
            break
        written = _parsed(entry)
        if written is None:  # whoever wrote that is the last one we know of
            break
        address = str(written)
    return address


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parsed(text: str) -> Address | None:
    """An address as proxies write it: with a port, in brackets, or as IPv4 inside IPv6."""
    text = text.strip().partition("%")[0]
    with_port = re.fullmatch(r"\[([^\]]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+", text)
    try:
        address = ipaddress.ip_address((with_port[1] or with_port[2]) if with_port else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _last(lines: Sequence[str]) -> str:
    return lines[-1].rpartition(",")[2].strip() if lines else ""
