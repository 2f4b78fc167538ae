"""A new secret key: everything that is kept encrypted is opened with the old one and sealed with the new one, at once.

What lives for minutes or a week, or is got again by itself, is erased instead: gateway sessions, tokens that nobody
confirmed, offers of the next invoice, messages that were not understood. Links, screen sessions and first-access links
made with the old key stop working. Every process must be restarted with the new key afterwards.

Rasa's conversations may stand in a database of their own: `ConversationEvents.reseal` follows, and can be done again.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.engine import Connection, Engine

from segunda_via.delivery import late_delivery
from segunda_via.delivery.next_invoice import offers
from segunda_via.errors import SecretKeyError
from segunda_via.http.api_session_store import gateway_sessions
from segunda_via.intents.misunderstood_store import not_understood
from segunda_via.job_queue import sealing as job_sealing
from segunda_via.operators.tables import operator_sessions
from segunda_via.settings.store import DRAFT
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets import resealing
from segunda_via.whatsapp import shown_choices, ticket_completion

SEALED: Mapping[str, tuple[tuple[str, str], ...]] = {
    # purpose of the cipher -> tables and columns
    "settings": ((database.settings.name, "value"),),
}
RESEALED = (
    resealing.reseal,
    ticket_completion.reseal,
    job_sealing.reseal,
    shown_choices.reseal,
    late_delivery.reseal,
)
"""Where hashes go with what is sealed."""
ELSEWHERE = frozenset({"conversations", "tickets", "lanes", "turns", "late deliveries"})
"""The purposes of those, and of Rasa's conversations."""
ERASED: Mapping[str, str] = {
    "gateway sessions": gateway_sessions.name,
    "offers": offers.name,
    "not understood": not_understood.name,
}


def rotate(engine: Engine, old: KeyRing, new: KeyRing) -> int:
    """How many values were sealed anew. SecretKeyError, and nothing changed, when one cannot be opened."""
    with engine.begin() as connection:
        for table in ERASED.values():
            connection.execute(sa.delete(database.metadata.tables[table]))
        connection.execute(sa.delete(database.settings).where(database.settings.c.name.startswith(DRAFT)))
        connection.execute(sa.delete(operator_sessions))
        count = 0
        for purpose, places in SEALED.items():
            for table, column in places:
                count += _seal_anew(connection, table, column, old.cipher(purpose), new.cipher(purpose))
        try:
            count += sum(reseal(connection, old, new) for reseal in RESEALED)
        except InvalidToken:
            raise _of_another_key() from None
    return count


def opens(engine: Engine, keys: KeyRing) -> bool:
    """Whether that key opens every saved setting, and there is one."""
    query = sa.select(database.settings.c.value)
    with engine.connect() as connection:
        values = connection.execute(query).scalars().all()
    try:
        for value in values:
            keys.cipher("settings").decrypt(value.encode())
    except InvalidToken:
        return False
    return bool(values)


def _seal_anew(connection: Connection, name: str, column: str, old: Fernet, new: Fernet) -> int:
    table = database.metadata.tables[name]
    keys, count = list(table.primary_key.columns), 0
    filled = table.c[column].isnot(None)
    for row in connection.execute(sa.select(*keys, table.c[column]).where(filled)).all():
        try:
            sealed = new.encrypt(old.decrypt(row[column].encode())).decode()
        except InvalidToken:
            raise _of_another_key() from None
        mine = [key == row[key.name] for key in keys]
        connection.execute(sa.update(table).where(*mine).values({column: sealed}))
        count += 1
    return count


def _of_another_key() -> SecretKeyError:
    return SecretKeyError("algo foi cifrado ainda com outra chave: nada foi mudado")
