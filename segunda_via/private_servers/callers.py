"""Who may call what is not for everybody: whoever shows the secret; where there is none, this very machine.

The action server asks it of `/webhook` and `/actions`, and the public server of `/metrics`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from segunda_via.urls import is_loopback

_FORWARDING = ("forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip")


@dataclass(frozen=True)
class AccessRefusal:
    """Why a call is not served: an HTTP status and one line for whoever operates the caller."""

    status: int
    reason: str

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}


def refusal(peer: str, headers: Mapping[str, str], secret: str | None) -> AccessRefusal | None:
    """None when that call may be served. `peer` is the address that holds the connection."""
    if secret:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), secret.encode()):
            return None
        return AccessRefusal(401, "SEGUNDA_VIA_ACTION_SECRET is demanded as a bearer token")
    if not is_loopback(peer) or any(name.lower().startswith(_FORWARDING) for name in headers):
        return AccessRefusal(403, "without SEGUNDA_VIA_ACTION_SECRET only this machine itself is answered")
    if "origin" in headers:  # a web page opened on this machine is not whom this is for
        return AccessRefusal(403, "browsers are not answered")
    return None
