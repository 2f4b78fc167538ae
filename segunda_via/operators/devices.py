"""Which browsers an operator has signed in with before: they keep a signed cookie that says so.

Strangers who try an operator's name from many addresses make everybody wait who tries it, except such a browser. The
cookie is worth nothing else: it lets nobody in, and counts for that one name alone.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, TimestampSigner

from segunda_via.operators.accounts import normal_name

LIFETIME = timedelta(days=180)


class KnownDevices:
    """`key` signs the cookies."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, name: str) -> str:
        """The cookie for a browser in which that operator has just signed in."""
        return self._signer(name).sign(secrets.token_urlsafe(16)).decode()

    def known(self, cookie: str | None, name: str) -> str | None:
        """What tells that browser from others; None when that operator never signed in with it."""
        if not cookie or len(cookie) > 200:
            return None
        try:
            return self._signer(name).unsign(cookie, max_age=int(LIFETIME.total_seconds())).decode()
        except (BadSignature, UnicodeError):
            return None

    def _signer(self, name: str) -> TimestampSigner:
        return TimestampSigner(self._key, salt=f"device of {normal_name(name)}", digest_method=hashlib.sha256)
