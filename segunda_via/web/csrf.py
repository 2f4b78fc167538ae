"""A form is accepted from our own pages alone: by a token bound to the session, and by where the browser says it was.

Before there is a session, the sign-in form is bound to a random cookie of its own.

The libraries for it (starlette-csrf, asgi-csrf) compare a form's token with a cookie: whoever can set a cookie knows
both. Here the token follows from the session, so that it ends with it; and they do not look at where a form came from.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from segunda_via.storage.keys import fingerprint

FIELD = "csrf"


def token(key: bytes, secret: str) -> str:
    """What a form must carry, for whoever holds that secret."""
    return fingerprint(key, f"csrf:{secret}")


def is_ours(headers: Mapping[str, str], host: str, sent: str, key: bytes, secret: str | None) -> bool:
    """Whether a post comes from a page that was served to this very browser."""
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is not None and _host(origin) != host:
        return False
    return bool(secret) and hmac.compare_digest(sent.encode(), token(key, secret or "").encode())


def _host(origin: str) -> str:
    """
    >>> _host("https://bot.example.com"), _host("null"), _host("http://[")
    ('bot.example.com', 'null', 'null')
    """
    try:
        return urlsplit(origin).netloc or "null"
    except ValueError:
        return "null"
