"""What jobs keep of customers: encrypted, and found by a keyed hash.

An ordering key may be the id of a conversation, which bears a phone. In its column stands its hash; what it was stands
encrypted beside the payload, and is erased with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from segunda_via.job_queue.job import jobs
from segunda_via.storage.keys import KeyRing


class JobSealing:
    """With another key, `open` raises `InvalidToken`, and hashes find nothing."""

    def __init__(self, keys: KeyRing) -> None:
        self._box = keys.box("lanes")  # the jobs' older name: with another, what waits could not be read
        self.hashed = keys.fingerprint("jobs")

    def seal(self, ordering_key: str, payload: Mapping[str, Any]) -> str:
        return self._box.seal([ordering_key, payload])

    def open(self, sealed: str) -> tuple[str, Mapping[str, Any]]:
        """The ordering key and the payload."""
        ordering_key, payload = self._box.open(sealed)
        return ordering_key, payload


def reseal(connection: Connection, old: KeyRing, new: KeyRing) -> int:
    """A new secret key, in the caller's transaction; how many jobs had content. `InvalidToken` for another key's.

    A job whose content was erased keeps a hash that leads to nobody any more.
    """
    before, after = JobSealing(old), JobSealing(new)
    kept = connection.execute(sa.select(jobs.c.id, jobs.c.payload).where(jobs.c.payload.is_not(None))).all()
    for row in kept:
        ordering_key, payload = before.open(row.payload)
        values = {"ordering_key": after.hashed(ordering_key), "payload": after.seal(ordering_key, payload)}
        connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(values))
    return len(kept)
