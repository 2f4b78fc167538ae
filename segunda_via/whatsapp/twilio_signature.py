"""Twilio's signature: HMAC-SHA1, keyed with the auth token, over the URL as configured and the form's sorted fields.

Blank fields are signed too, so the form is parsed here and not by Sanic, which drops them. As in Twilio's own
validator, a field's equal values count once, and the URL counts with its port or without.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlsplit

Pairs = Sequence[tuple[str, str]]
MOST_FIELDS = 200


def parse(body: bytes) -> Pairs | None:
    """The form's fields in order, blank ones too; None when it is no form.

    >>> parse(b"Body=&From=whatsapp%3A%2B55&Body=a+b")
    [('Body', ''), ('From', 'whatsapp:+55'), ('Body', 'a b')]
    """
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
        )
    except ValueError:
        return None


def sign(token: str, url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The signature of that call."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_valid(token: str, url: str, pairs: Pairs, signature: str) -> bool:
    """Whether Twilio signed it. Every spelling of the URL is compared, in constant time each."""
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(token, each, pairs).encode(), given) for each in spellings(url)]
    return any(matches)


def spellings(url: str) -> tuple[str, str]:
    """The URL without its default port, and with it: Twilio's servers do not agree on which they sign.

    >>> spellings("https://bot.example.com/x?y=1")
    ('https://bot.example.com/x?y=1', 'https://bot.example.com:443/x?y=1')
    """
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or (443 if parts.scheme == "https" else 80)
    bare, full = parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()
    return bare, full
