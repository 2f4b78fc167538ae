"""`segunda-via serve`: the public server, in the foreground."""

from __future__ import annotations

import logging
import socket
from typing import Annotated

import typer

from segunda_via import app as composition
from segunda_via.errors import ConfigurationError
from segunda_via.log_redaction import json_lines
from segunda_via.server import serve
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
    json_lines.begin(root.environment.log_format)
    with _listener(host, port) as listener:
        if not is_loopback(host):
            logger.info("listening on %s: a proxy with TLS belongs before it", host)
        serve.serve(root, listener)


def _listener(host: str, port: int) -> socket.socket:
    """The socket, bound; ConfigurationError, in words, when that cannot be."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        why = f"a porta {port} está em uso ou o endereço não é desta máquina ({error.strerror or error})"
        raise ConfigurationError(f"não foi possível escutar em {host}:{port}: {why}.") from None
