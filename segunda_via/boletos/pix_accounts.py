"""The accounts that a Pix code names: the one that is paid, and those that a composite code has beside it.

Whoever reads a code may act on any of them, so all are read, and what cannot be read is an account of nobody known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum.exceptions import InvalidComponent, InvalidFormat

from segunda_via.boletos.emv import Fields, row

GUI = "br.gov.bcb.pix"
"""What a template of Pix's begins with."""

# No user name before the host and nothing but printable ASCII: what is compared is what the payer's bank will open.
_URL = re.compile(r"(?:https://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?/[!-~]+", re.IGNORECASE)
_NAMED_HOST = re.compile(r".*\.[a-z]{2,}", re.IGNORECASE)
"""What tells a host from `10/2026` where a URL is only guessed."""


@dataclass(frozen=True, repr=False)
class Account:
    """What a composite code names beside its payment: a key or a URL; neither where only its own arrangement knows."""

    key: str | None = None
    url: str | None = None

    @property
    def host(self) -> str | None:
        return host_of(self.url)


def read_accounts(fields: Fields) -> tuple[Account, list[Account]]:
    """The account that is paid, empty in a recurrence alone, and all others.

    Of the account templates (02 to 51) at most one is Pix's. What the unreserved ones (80 to 99) hold is anybody's
    choice; those that name a key or a URL, or are Pix's and cannot be read, are accounts.
    """
    paid: list[Account] = []
    beside: list[Account] = []
    for identifier, template in fields.items():
        if "02" <= identifier <= "51":
            named = _pix_account(template)
            (beside if named is None else paid).append(named or Account())
        elif "80" <= identifier <= "99":
            named = _pix_account(template)
            urls = dict.fromkeys([*([named.url] if named and named.url else []), *_urls_in(template)])
            beside += [Account(key=named.key)] if named and named.key else []
            beside += [Account(url=each) for each in urls]
            beside += [Account()] if named is None and GUI in template.lower() else []
    if len(paid) > 1:
        raise InvalidComponent
    return (paid[0] if paid else Account()), beside


def _pix_account(template: str) -> Account | None:
    """What a template of Pix's names; None when it is not Pix's, or cannot be read."""
    try:
        account = row(template)
    except InvalidFormat:
        return None
    if account.get("00", "").lower() != GUI:
        return None
    key, url = account.get("01"), account.get("25")
    if (url is not None and not _URL.fullmatch(url)) or (key is not None and not key.strip()):
        raise InvalidComponent
    return Account(key, url)


def _urls_in(template: str) -> Iterator[str]:
    """What looks like a URL in a template of whatever meaning, at whatever depth."""
    try:
        values = row(template).values()
    except InvalidFormat:
        if _NAMED_HOST.fullmatch(host_of(template) or ""):
            yield template
        return
    for value in values:
        yield from _urls_in(value)


def host_of(url: str | None) -> str | None:
    match = _URL.fullmatch(url or "")
    return match[1].lower() if match else None
