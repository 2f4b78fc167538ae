"""Whether an address leads to our public server, as whoever is outside sees it."""

from __future__ import annotations

import httpx


async def missed(client: httpx.AsyncClient, public_url: str) -> str | None:
    """Why a link below that address would not open; None when it would.

    A forged link is asked for: our media route answers it as it answers all that it does not know.
    """
    try:
        answer = await client.get(f"{public_url}/media/doctor", timeout=5)
    except httpx.HTTPError:
        return f"{public_url} não respondeu"
    if answer.status_code != 404 or "noindex" not in answer.headers.get("x-robots-tag", ""):
        return f"{public_url}/media não chega a este assistente (HTTP {answer.status_code})"
    return None
