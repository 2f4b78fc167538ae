"""Where the public server listens: on a socket of its own, or on one that systemd holds.

systemd's stays open while the server is started anew: who connects meanwhile waits, and nobody is refused. The protocol
is that of sd_listen_fds(3), without its library.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from segunda_via.errors import ConfigurationError

_FIRST = 3
"""The number of the first descriptor that systemd passes."""


def inherited(environ: Mapping[str, str]) -> socket.socket | None:
    """The socket that was passed to this very process."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if environ.get("LISTEN_FDS") != "1":
        raise ConfigurationError("a unidade .socket deve ter uma só linha ListenStream")
    return socket.socket(fileno=_FIRST)


def own(host: str, port: int) -> socket.socket:
    """A new one, bound; ConfigurationError, in words, when that cannot be."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        why = f"a porta {port} está em uso ou o endereço não é desta máquina ({error.strerror or error})"
        raise ConfigurationError(f"não foi possível escutar em {host}:{port}: {why}.") from None
