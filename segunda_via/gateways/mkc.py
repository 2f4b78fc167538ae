"""MKC: what its two gateways share, MK-AUTH and MK Solutions, both on the company's own server.

Operators paste what their browser shows them: the server's root, or the address of its API. Both are understood.

>>> server_root({"base_url": "https://mk.example.com/api/"}, api="/api")
'https://mk.example.com'
>>> server_root({"base_url": "https://mk.example.com:8443"}, api="/api")
'https://mk.example.com:8443'
>>> server_root({"base_url": "https://api"}, api="/api")
'https://api'
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit

from segunda_via.gateways.description import BASE_URL, COMMON, Choice
from segunda_via.http.base_url import base_url, host_of
from segunda_via.http.credentials import Credentials
from segunda_via.urls import is_loopback

MKC = Choice("mkc", "MKC", "MK-AUTH ou MK Solutions, no seu servidor")

SELF_HOSTED = (
    replace(
        BASE_URL,
        label="Endereço do seu servidor",
        where="O endereço que você abre no navegador para entrar no sistema.",
        example="https://mk.suaempresa.com.br",
        optional=False,
        advanced=False,
    ),
    *COMMON[1:],
)
"""The common fields, of which the address is asked for."""

logger = logging.getLogger(__name__)


def server_root(credentials: Credentials, *, api: str) -> str:
    """`base_url` without its trailing `api` and without a trailing slash; ConfigurationError when it cannot be used.

    Plain http, where `base_url` lets it pass, is warned about in the log, once for each server.
    """
    root = base_url(credentials, default=None)
    if urlsplit(root).scheme == "http" and not is_loopback(host_of(root)):
        _warn(host_of(root))
    if urlsplit(root).path.lower().endswith(api):
        root = root[: -len(api)].rstrip("/")
    return root


@lru_cache(maxsize=256)  # an adapter is built for every delivery, and one line is enough
def _warn(host: str) -> None:
    logger.warning(
        "base_url of %s is plain http (allow_http): whoever stands between can read and change it all",
        host,
    )
