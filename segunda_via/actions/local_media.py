"""The media links of an action server that stands alone, as beside `rasa shell`.

The public server serves them. Where SEGUNDA_VIA_PUBLIC_URL is unset and none answers on this machine, the action server
serves them itself, and them alone: on loopback, at a port of the system's choice, for as long as it runs.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from segunda_via.app import App
from segunda_via.company import COMPANY
from segunda_via.errors import SegundaViaError
from segunda_via.http.client import silence
from segunda_via.settings import public_address

if TYPE_CHECKING:
    from segunda_via.actions.media_server import MediaServer

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a public server has to answer."""


class LocalMedia:
    def __init__(self, app: App, default_url: str = public_address.DEFAULT) -> None:
        """`default_url` is where links lead when nothing was set."""
        self._app = app
        self._default_url = default_url
        self._server: MediaServer | None = None
        self._running: asyncio.Task[None] | None = None

    async def start_if_needed(self) -> None:
        """Before the first link is made: from here on links name the address at which they open."""
        if self._app.environment.public_url is not None or await self._opens_elsewhere():
            return
        listener = socket.create_server(("127.0.0.1", 0))
        from segunda_via.actions.media_server import MediaServer  # with all of uvicorn

        self._server = MediaServer(self._app)
        self._running = asyncio.create_task(self._server.serve([listener]))
        self._app.local_media_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        logger.info("no public server answers here: %s serves the QR codes and PDFs", self._app.local_media_url)

    async def stop(self) -> None:
        if self._server is not None and self._running is not None:
            self._server.should_exit = True
            await self._running

    async def _opens_elsewhere(self) -> bool:
        """Whether a public server is known, or a link of ours opens by default, as it would not at another's."""
        if await asyncio.to_thread(self._app.public_url, COMPANY) != public_address.DEFAULT:
            return True
        try:
            link = await asyncio.to_thread(self._app.media_links.qr, "segunda-via")
        except (SegundaViaError, OSError):  # no key, hence no links
            return True
        silence()  # httpx would log the link
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
            try:
                answer = await http.head(self._default_url + urlsplit(link).path)
            except httpx.HTTPError:
                return False
        return answer.status_code == httpx.codes.OK
