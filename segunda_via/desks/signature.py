"""The signature of webhooks, in both directions: `X-Segunda-Via-Signature: t=<unix seconds>,v1=<hex>`.

HMAC-SHA256 over `t`, a dot and the body's bytes.

>>> header = sign(b"{}", "segredo", at=1764000000)
>>> verify(b"{}", header, "segredo", now=1764000100), verify(b"[]", header, "segredo", now=1764000100)
(True, False)
>>> verify(b"{}", header, "segredo", now=1764009999)
False
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Segunda-Via-Signature"
TOLERANCE = 300
"""Seconds that a signature may be old, or ahead of this clock."""


def sign(body: bytes, secret: str, *, at: int) -> str:
    return f"t={at},v1={digest(body, secret, str(at))}"


def verify(body: bytes, header: str, secret: str, *, now: float) -> bool:
    """Whether whoever knows `secret` signed `body`, not long ago."""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    return fresh(parts.get("t", ""), now) and hmac.compare_digest(
        digest(body, secret, parts.get("t", "")).encode(), parts.get("v1", "").encode()
    )


def digest(body: bytes, secret: str, moment: str) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def fresh(moment: str, now: float) -> bool:
    return moment.isascii() and moment.isdecimal() and len(moment) < 13 and abs(now - int(moment)) <= TOLERANCE
