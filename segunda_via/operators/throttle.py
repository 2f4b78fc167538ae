"""How often a password may be tried. Counted in the database: by all processes together, and across restarts.

A try is counted before the password is looked at, so that a thousand at once count as a thousand. After so many tries
the next one waits, 30 seconds at first and twice as long each time, a quarter of an hour at most. Counted for a name
from one address, for a name from anywhere, and for an address whatever the name; only keyed hashes of them are kept.
A right password clears the first two. Whoever is signed in already is never kept out.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.database import Moment, insert_once, metadata

TRIES = 5
TRIES_FROM_ANYWHERE = 30
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)

sign_in_tries = sa.Table(
    "segunda_via_sign_in_tries",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("blocked_until", Moment),
)


class Throttle:
    def __init__(self, engine: Engine, key: bytes, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._key = key
        self._now = now

    def admit(self, name: str, address: str) -> int:
        """Count one try; 0 when it may be made, else the seconds to wait first."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(sign_in_tries).where(sign_in_tries.c.last_at < self._now() - _FORGOTTEN_AFTER))
            waits = [self._count(connection, key, allowed) for key, allowed in self._keys(name, address)]
        return max(waits)

    def succeeded(self, name: str, address: str) -> None:
        mine = [key for key, _ in self._keys(name, address)][:2]
        with self._engine.begin() as connection:
            connection.execute(sa.delete(sign_in_tries).where(sign_in_tries.c.key.in_(mine)))

    def _keys(self, name: str, address: str) -> tuple[tuple[str, int], ...]:
        name, address = " ".join(name.split()).lower(), _neighbourhood(address)
        return (
            (self._hash("both", name, address), TRIES),
            (self._hash("name", name), TRIES_FROM_ANYWHERE),
            (self._hash("address", address), TRIES_FROM_ANYWHERE),
        )

    def _count(self, connection: Connection, key: str, allowed: int) -> int:
        mine, now = sign_in_tries.c.key == key, self._now()
        connection.execute(insert_once(self._engine, sign_in_tries).values(key=key, tries=0, last_at=now))
        # The update locks the row, so that tries of many processes queue up here.
        free = sa.or_(sign_in_tries.c.blocked_until.is_(None), sign_in_tries.c.blocked_until <= now)
        counted = sa.update(sign_in_tries).where(mine, free).values(tries=sign_in_tries.c.tries + 1, last_at=now)
        connection.execute(counted)
        row = connection.execute(sa.select(sign_in_tries).where(mine)).one()
        if row.blocked_until is not None and row.blocked_until > now:
            left: float = (row.blocked_until - now).total_seconds()
            return max(1, math.ceil(left))
        if row.tries >= allowed:
            wait = min(FIRST_WAIT * 2 ** min(row.tries - allowed, 10), LONGEST_WAIT)
            connection.execute(sa.update(sign_in_tries).where(mine).values(blocked_until=now + wait))
        return 0

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 the /64, since whoever has one address of it has them all.

    >>> _neighbourhood("2001:db8:1:2:aaaa::1"), _neighbourhood("203.0.113.7")
    ('2001:db8:1:2::/64', '203.0.113.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
