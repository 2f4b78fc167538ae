"""What tickets keep of customers: encrypted, and found by a keyed hash.

The ids of conversations bear phones, and those of our own tickets begin with the conversation's. In the tables stand
their hashes (`key`, `conversation`, `ticket`, `desk_key`), and beside them, encrypted, what they were.
"""

from __future__ import annotations

from typing import Any

from segunda_via.storage.keys import KeyRing


class TicketSealing:
    """With another key, `open` raises `InvalidToken`, and hashes find nothing."""

    def __init__(self, keys: KeyRing) -> None:
        self._box = keys.box("tickets")
        self.hashed = keys.fingerprint("tickets")

    def seal(self, **content: str | None) -> str:
        return self._box.seal(content)

    def open(self, sealed: str) -> dict[str, Any]:
        content: dict[str, Any] = self._box.open(sealed)
        return content
