"""The public server's address: one is told, and the others derive from it.

>>> DEFAULT + WEBHOOK, DEFAULT + STATUS, desk(DEFAULT, "chatwoot")  # doctest: +NORMALIZE_WHITESPACE
('http://localhost:8000/webhooks/whatsapp/webhook', 'http://localhost:8000/webhooks/whatsapp/status',
 'http://localhost:8000/desk/chatwoot')
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

DEFAULT = "http://localhost:8000"
"""Where nothing else was said: `segunda-via serve` on this machine."""

WEBHOOK, STATUS = "/webhooks/whatsapp/webhook", "/webhooks/whatsapp/status"
"""Where Twilio calls."""

_OURS = re.compile(r"/(webhooks|configuracoes)(/|$)")


def desk(public_url: str, name: str) -> str:
    """Where a ticket desk gives conversations back."""
    return f"{public_url}/desk/{name}"


def behind(webhook: str) -> str:
    """The public address of a webhook as configured at Twilio. One at a path of its own has the media links beside it.

    >>> behind("https://bot.example.com/webhooks/whatsapp/webhook"), behind("https://example.com/bot/entrada")
    ('https://bot.example.com', 'https://example.com/bot')
    """
    return webhook.removesuffix(WEBHOOK) if webhook.endswith(WEBHOOK) else urljoin(webhook, ".").rstrip("/")


def meant(written: str) -> str:
    """The address that somebody meant, who may have written a page's or the webhook's, or the host alone.

    >>> meant(" bot.example.com/ "), meant("https://example.com/bot/webhooks/whatsapp/status?a=b"), meant("")
    ('https://bot.example.com', 'https://example.com/bot', '')
    """
    text = written.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return text
    ours = _OURS.search(parts.path)
    path = parts.path[: ours.start()] if ours else parts.path
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}"
