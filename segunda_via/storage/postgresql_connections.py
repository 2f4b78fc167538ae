"""PostgreSQL is asked for what is wanted, and for nothing beside it: no ping, and no transaction around one statement.

A connection commits each statement by itself, unless a transaction was begun (`engine.begin()`); psycopg2 then sends
BEGIN with the first statement. When it is given back, it is as it was.

Before a connection is used again, its socket tells whether the server has closed it, as it does when it ends or is
started anew: then another one is opened, and nobody notices. What was silent for long is asked, since a firewall may
have forgotten it.
"""

from __future__ import annotations

import select
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError

SILENT = 60.0
"""Seconds after which a connection is asked whether it still stands."""

_ALONE = "segunda_via_alone"
ALONE = {_ALONE: True}
"""Told to a transaction of one statement: none is begun, since the statement is one by itself."""

_USED_AT = "segunda_via_used_at"


def keep_simple(engine: Engine, silent: float = SILENT) -> None:
    """Have the connections of this engine do so from now on."""

    def connect(connection: Any, record: Any) -> None:
        connection.autocommit = True

    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_ALONE):
            connection.connection.dbapi_connection.autocommit = False

    def checkin(connection: Any, record: Any) -> None:
        if connection is not None:  # else it broke
            connection.autocommit = True
            record.info[_USED_AT] = time.monotonic()

    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None:
            return
        asks = time.monotonic() - used_at >= silent
        if _is_closed(connection) or (asks and not _answers(connection)):
            raise DisconnectionError  # the pool opens another one

    for listener in (connect, begin, checkin, checkout):
        sa.event.listen(engine, listener.__name__, listener)


def _is_closed(connection: Any) -> bool:
    """Nothing comes over an idle connection but its end, or news of the server's settings, which a new one has too."""
    idle = select.poll()
    if not connection.closed:
        idle.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    return bool(connection.closed or idle.poll(0))


def _answers(connection: Any) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except connection.Error:
        return False
    return True
