"""How often a password may be tried. Counted in the database: by all processes together, and across restarts.

A try is counted before the password is looked at, so that a thousand at once count as a thousand. After so many tries
the next one waits, 30 seconds at first and twice as long each time, a quarter of an hour at most. Counted are

    a name from one address    TRIES
    an address, any name       TRIES_FROM_ANYWHERE
    a name from anywhere       TRIES_FROM_ANYWHERE, of which one address takes at most TRIES

so that no single address keeps an operator out elsewhere. A browser that the operator has signed in with before
(`segunda_via.operators.devices`) has TRIES of its own and is held up by nobody else's; and so has who changes the
password while signed in. Names count as the accounts know them; only keyed hashes are kept. A right password clears
what was counted for the name, but not for the address.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from segunda_via.operators.accounts import normal_name
from segunda_via.storage.database import Moment, insert_once, metadata
from segunda_via.storage.keys import fingerprint

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


class _Counted(NamedTuple):
    """How many tries were made so far, and the seconds to wait before the next counts."""

    tries: int
    wait: int


class Throttle:
    def __init__(self, engine: Engine, key: bytes, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._key = key
        self._now = now

    def admit(self, name: str, address: str, device: str | None = None) -> int:
        """Count one try to sign in; 0 when it may be made, else the seconds to wait first.

        `device` tells a browser that this operator has signed in with before.
        """
        if device:
            return self._admit_one(self._of_device(name, device))
        with self._begin() as connection:
            here = self._count(connection, self._of_both(name, address), TRIES)
            there = self._count(connection, self._hash("address", _neighbourhood(address)), TRIES_FROM_ANYWHERE)
            if here.wait or there.wait or here.tries > TRIES:
                return max(here.wait, there.wait)
            return self._count(connection, self._of_name(name), TRIES_FROM_ANYWHERE).wait

    def succeeded(self, name: str, address: str, device: str | None = None) -> None:
        self._clear(self._of_device(name, device) if device else self._of_both(name, address), self._of_name(name))

    def admit_change(self, name: str) -> int:
        """The same for an operator who is signed in and says the present password once more."""
        return self._admit_one(self._of_change(name))

    def changed(self, name: str) -> None:
        """The present password was right."""
        self._clear(self._of_change(name))

    def _of_both(self, name: str, address: str) -> str:
        return self._hash("both", normal_name(name), _neighbourhood(address))

    def _of_name(self, name: str) -> str:
        return self._hash("name", normal_name(name))

    def _of_device(self, name: str, device: str) -> str:
        return self._hash("device", normal_name(name), device)

    def _of_change(self, name: str) -> str:
        return self._hash("change", normal_name(name))

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(sign_in_tries).where(sign_in_tries.c.last_at < self._now() - _FORGOTTEN_AFTER))
            yield connection

    def _admit_one(self, key: str) -> int:
        with self._begin() as connection:
            return self._count(connection, key, TRIES).wait

    def _clear(self, *keys: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(sign_in_tries).where(sign_in_tries.c.key.in_(keys)))

    def _count(self, connection: Connection, key: str, allowed: int) -> _Counted:
        mine, now = sign_in_tries.c.key == key, self._now()
        connection.execute(insert_once(self._engine, sign_in_tries).values(key=key, tries=0, last_at=now))
        # The update locks the row, so that tries of many processes queue up here.
        free = sa.or_(sign_in_tries.c.blocked_until.is_(None), sign_in_tries.c.blocked_until <= now)
        counted = sa.update(sign_in_tries).where(mine, free).values(tries=sign_in_tries.c.tries + 1, last_at=now)
        connection.execute(counted)
        row = connection.execute(sa.select(sign_in_tries).where(mine)).one()
        if row.blocked_until is not None and row.blocked_until > now:
            left: float = (row.blocked_until - now).total_seconds()
            return _Counted(row.tries, max(1, math.ceil(left)))
        if row.tries >= allowed:
            wait = min(FIRST_WAIT * 2 ** min(row.tries - allowed, 10), LONGEST_WAIT)
            connection.execute(sa.update(sign_in_tries).where(mine).values(blocked_until=now + wait))
        return _Counted(row.tries, 0)

    def _hash(self, *parts: str) -> str:
        return fingerprint(self._key, "\0".join(parts))


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
