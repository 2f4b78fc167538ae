"""Where a server listens: on this machine alone, unless told otherwise; and then the log says what that means."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping

from segunda_via.urls import is_loopback

logger = logging.getLogger(__name__)

VARIABLE = "SANIC_HOST"
"""What rasa_sdk reads, after its plugins, to know where the action server listens; without it, on every address."""
LOOPBACK = "127.0.0.1"


def prefer_loopback(environ: MutableMapping[str, str]) -> str:
    """Where the action server is going to listen."""
    return environ.setdefault(VARIABLE, LOOPBACK)


def warn(server: str, address: str | None, advice: str) -> None:
    """Say in the log that others than this machine reach that server, if they do."""
    if address and not is_loopback(address):
        logger.warning(
            "%s listens on %s: it must not be reachable from the internet, only from a private network. %s",
            server,
            address,
            advice,
        )
