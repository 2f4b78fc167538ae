"""Web addresses, read in one way wherever somebody writes one. What each may be beside that, its own place says.

>>> address = parse("https://erp.example.com:8443/mk?page=1")
>>> address.hostname, address.port, is_bare(address), is_protected(address)
('erp.example.com', 8443, False, True)
>>> [parse(text) for text in ("erp.example.com", "ftp://erp.example.com", "https://erp.example.com:x", "https://a b")]
[None, None, None, None]
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def parse(text: str) -> SplitResult | None:
    """An http or https address in its parts; None when it is none."""
    if not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port  # a malformed port raises here
    except ValueError:
        return None
    return parts if host and port != 0 and parts.scheme in {"http", "https"} else None


def is_bare(address: SplitResult) -> bool:
    """Whether something may be appended to it: no user before the host, no query, no fragment."""
    return address.username is None and not address.query and not address.fragment


def is_protected(address: SplitResult) -> bool:
    """Whether nobody reads on the way what is sent there: https, or this very machine."""
    return address.scheme == "https" or is_loopback(address.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether that host is this very machine, by its name or its address.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1", "::1%lo")]
    [True, True, True, True, True]
    >>> [is_loopback(host) for host in ("localhost.example.com", "10.0.0.1", "")]
    [False, False, False]
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
