"""A new secret key: everything that is kept encrypted is opened with the old one and sealed with the new one, at once.

What lives for minutes or is got again by itself is erased instead: gateway sessions, drafts, offers of the next
invoice. Links, screen sessions and first-access links made with the old key stop working. Every process must be
restarted with the new key afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.engine import Engine

from segunda_via import database
from segunda_via.errors import SecretKeyError
from segunda_via.gateways.session_store import gateway_sessions
from segunda_via.keys import KeyRing
from segunda_via.operators.tables import operator_sessions

SEALED: Mapping[str, tuple[str, str]] = {
    # purpose of the cipher -> table and column
    "settings": ("segunda_via_settings", "value"),
    "lanes": ("segunda_via_lanes", "payload"),
}
ERASED: Mapping[str, str] = {
    "gateway sessions": gateway_sessions.name,
    "offers": "segunda_via_offers",
}


def rotate(engine: Engine, old: KeyRing, new: KeyRing) -> int:
    """How many values were sealed anew. SecretKeyError, and nothing changed, when one cannot be opened."""
    from segunda_via import offers  # noqa: F401  their tables
    from segunda_via.outbox import lanes  # noqa: F401

    count = 0
    with engine.begin() as connection:
        for purpose, (table_name, column_name) in SEALED.items():
            table = database.metadata.tables[table_name]
            column = table.c[column_name]
            was, will = old.cipher(purpose), new.cipher(purpose)
            for row in connection.execute(sa.select(*table.primary_key.columns, column)).all():
                sealed = row[column_name]
                if not sealed:
                    continue
                try:
                    opened = was.decrypt(sealed.encode() if isinstance(sealed, str) else sealed)
                except InvalidToken:
                    raise SecretKeyError("something is encrypted with a key that is neither: nothing changed") from None
                anew = will.encrypt(opened)
                mine = [key == row[key.name] for key in table.primary_key.columns]
                value = anew.decode() if isinstance(sealed, str) else anew
                connection.execute(sa.update(table).where(*mine).values({column_name: value}))
                count += 1
        for table_name in ERASED.values():
            connection.execute(sa.delete(database.metadata.tables[table_name]))
        connection.execute(sa.delete(operator_sessions))
    return count
