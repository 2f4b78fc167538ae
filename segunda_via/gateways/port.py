"""What the use case asks of a gateway, in three calls that only read. No charge is ever created or altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Invoice, Listing
from segunda_via.boletos.plain_text import plain


@dataclass(frozen=True)
class GatewayIdentity:
    """Who answered a cheap authenticated call: what an operator recognises their account by."""

    account: str | None
    environment: Literal["production", "sandbox", "self-hosted"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "account", plain(self.account or "") or None)


class Gateway(Protocol):
    """A payment gateway, signed in.

    Every method raises only the `GatewayError` family. Each bounds itself by the budget it was built with.
    """

    name: str
    link_hosts: frozenset[str]
    """Hosts that its payment links may lead to: its own, and those that the operator added. `*.example.com` stands for
    all below it. The host of the operator's `base_url` is trusted without being named."""
    pdf_hosts: frozenset[str]
    """Hosts that its PDFs may come from, in the same way."""

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """Every open invoice of that document, of all its customer records, in any order; codes not yet fetched.

        An entry that cannot be read, and may be theirs and open, is noted and keeps no other from being listed; see
        `listing`. Empty when the document is unknown or up to date, after the same number of calls: what a stranger
        could measure tells nothing.
        """

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """The same invoice with its payment codes and links, taken fresh. A code that does not exist stays None."""

    async def check(self) -> GatewayIdentity:
        """One cheap authenticated call."""
