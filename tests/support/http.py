"""HTTP to servers of this machine."""

from typing import Any

import httpx

from segunda_via.http.client import public_authorities


def local_client(address: httpx.URL | str, **options: Any) -> httpx.AsyncClient:
    """A client of the server at `address`, whatever proxy the environment names."""
    return httpx.AsyncClient(base_url=address, trust_env=False, verify=public_authorities(), **options)
