"""`segunda-via serve`: the public server, in the foreground."""

from __future__ import annotations

import logging
import os
from typing import Annotated

import typer

from segunda_via import app as composition
from segunda_via.server import listener, serve
from segunda_via.urls import is_loopback

logger = logging.getLogger(__name__)


def command(
    host: Annotated[str, typer.Option(help="Onde escutar; só esta máquina, se nada for dito.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="A porta.")] = 8000,
) -> None:
    """Inicia o servidor público: WhatsApp, links, tela de configurações."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "httpcore", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    root = composition.build()
    root.start_serving()
    with listener.inherited(os.environ) or listener.own(host, port) as opened:
        if not is_loopback(opened.getsockname()[0]):
            logger.info("listening on %s: a proxy with TLS belongs before it", host)
        serve.serve(root, opened)
