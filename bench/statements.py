"""What kind of statement it is: its verb and its table, without what is in it."""

from __future__ import annotations

import re

_VERB = re.compile(r"\s*(?:--[^\n]*\n\s*)*(\w+)(?:\s+(IMMEDIATE|SAVEPOINT))?", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+\"?(?!\()(\w+)", re.IGNORECASE)
_TRANSACTIONS = frozenset({"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})
PING, TRANSACTION, SETTING, READ, WRITE = "ping", "transaction", "setting", "read", "write"
GROUPS = (READ, WRITE, TRANSACTION, SETTING, PING)


def kind(statement: str) -> str:
    """Verb and table.

    >>> kind("SELECT a FROM segunda_via_jobs WHERE b"), kind("UPDATE segunda_via_jobs SET a"), kind("COMMIT")
    ('SELECT jobs', 'UPDATE jobs', 'COMMIT')
    >>> kind("SELECT 1"), kind("BEGIN IMMEDIATE"), kind("PRAGMA synchronous=FULL")
    ('SELECT', 'BEGIN', 'PRAGMA')
    """
    verb = _VERB.match(statement)
    name = verb[1].upper() if verb else "?"
    table = _TABLE.search(statement) if name not in _TRANSACTIONS else None
    return f"{name} {table[1].removeprefix('segunda_via_')}" if table else name


def group(kind: str) -> str:
    """One of `GROUPS`.

    >>> [group(each) for each in ("SELECT", "SELECT jobs", "DELETE jobs", "ROLLBACK", "PRAGMA", "WITH jobs")]
    ['ping', 'read', 'write', 'transaction', 'setting', 'write']
    """
    verb = kind.split()[0]
    if verb in _TRANSACTIONS:
        return TRANSACTION
    if verb in ("PRAGMA", "SET"):
        return SETTING
    if verb == "SELECT":
        return READ if " " in kind else PING
    return WRITE
