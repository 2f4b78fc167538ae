"""MK-AUTH, on the provider's own server. Credentials: `{client_id, client_secret, base_url}`; see
`segunda_via.gateways.mkc`.

From a document to all codes in one round trip: the overdue titles, the open ones, and the customer's logins are asked
for together, and the codes come with the titles. What was listed a few seconds ago is still fresh; `with_codes` lists
again when it was not.

Some versions answer for one of the logins that a CPF may have, others for all. So logins that no title was listed of
are asked for by name, in a second round; and whenever nothing was listed there is a second round, for one login just
as for none: who asks with a stranger's document learns nothing from the time it takes.

Servers too old for the title routes (404) are asked by `cliente/show`. There is no PDF: the payment page is HTML.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import httpx

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Codes, Invoice, Listing, Status, Unreadable
from segunda_via.errors import ConfigurationError, GatewayError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.listing import listing, sort_out
from segunda_via.gateways.mk_auth.description import DESCRIPTION
from segunda_via.gateways.mk_auth.reading import (
    MkAuthSays,
    Title,
    as_listed,
    expires_at,
    read_clients,
    read_jwt,
    read_logins,
    read_title,
    read_titles,
    says,
    surely_of,
)
from segunda_via.gateways.mkc import server_root
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.http.api_client import PATIENCE, ApiClient, ApiResponse, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, session_key
from segunda_via.http.base_url import ca_file, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget

FRESH_FOR = 8.0
"""Seconds for which the codes that came with a listing are fresh: as long as a delivery may take."""

_TITLES = ("titulo/vencido", "titulo/aberto")
_OLDER = ("cliente/show",)
_NOBODY = "00000000000"
_MOST_LOGINS = 20
_FOR_THE_LOGINS = 3.0
"""Seconds. A delivery is as good without them, for everybody who has one login."""

Rows = list[Record] | None


class MkAuth:
    """One MK-AUTH server, as a `Gateway`."""

    name = DESCRIPTION.name

    def __init__(
        self,
        credentials: Credentials,
        client: httpx.AsyncClient,
        *,
        sessions: ApiSessions | None = None,
        budget: float = 8.0,
        retries: Retries = PATIENCE,
    ) -> None:
        """ConfigurationError when a credential is missing or malformed. `budget` bounds each method, in seconds."""
        identity, secret = (credentials.get(name, "").strip() for name in ("client_id", "client_secret"))
        if not identity or not secret:
            raise ConfigurationError(
                "client_id e client_secret devem ser os que o MK-AUTH mostra em Controle de usuários, API."
            )
        self._root = server_root(credentials, api="/api")
        self._basic = "Basic " + base64.b64encode(f"{identity}:{secret}".encode()).decode()
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=f"{self._root}/api",
            headers={},
            ca_file=ca_file(credentials),
            retries=retries,
        )
        self.link_hosts = DESCRIPTION.hosts | link_hosts(credentials)
        self.pdf_hosts = DESCRIPTION.hosts | pdf_hosts(credentials)
        self._sessions = sessions or ApiSessions()
        self._session = self._sessions.keeper(session_key(self.name, self._root, identity, secret), self._sign_in)

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """See `Gateway`. The titles of all logins of that document; whatever bears another document is left out."""
        async with time_budget(self._budget, gateway=self.name):
            titles, unreadable = await self._titles(document)
        # Each once: one that falls due while it is listed may be in both listings.
        return listing(titles, unreadable)

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. An invoice that is not listed any more comes back closed, without a way to pay it."""
        now = asyncio.get_running_loop().time()
        if isinstance(invoice, Title) and now - invoice.listed_at < FRESH_FOR:
            return as_listed(invoice)
        async with time_budget(self._budget, gateway=self.name):
            listed = listing(*await self._titles(document))
        title = next((title for title in listed.invoices if title.gateway_id == invoice.gateway_id), None)
        if isinstance(title, Title):
            return as_listed(title)
        for entry in listed.unreadable:
            if entry.gateway_id in {None, invoice.gateway_id}:
                raise GatewayProtocolError(self.name, "cannot be read any more", entry.field)
        return replace(invoice, codes=Codes(), status=Status.CLOSED, payment_url=None)

    async def check(self) -> GatewayIdentity:
        """See `Gateway`. MK-AUTH does not say whose server it is."""
        async with time_budget(self._budget, gateway=self.name):
            await self._session.call(lambda token: self._rows(token, "titulo/vencido", _NOBODY))
        return GatewayIdentity(None, "self-hosted")

    async def _titles(self, document: Document) -> tuple[list[Title], list[Unreadable]]:
        """The open titles of that document, some of them twice, and what cannot be read."""
        (overdue, due), logins = await self._session.call(lambda token: self._first_round(token, document))
        found = [*(overdue or ()), *(due or ())]
        listed = {record.any_text("login") for record in found}
        # Where there is one login, or none, the document alone has told everything.
        asked = [login for login in logins if login not in listed] if len(logins) > 1 else []
        if not any(surely_of(record, document) for record in found):
            asked = asked or [document.value]
        if asked:
            routes = _OLDER if overdue is None and due is None else _TITLES
            for rows in await self._session.call(lambda token: self._listings(token, routes, asked[:_MOST_LOGINS])):
                found += rows or ()
        now = asyncio.get_running_loop().time()
        titles, unreadable = await sort_out(
            found,
            lambda record: read_title(record, document, self._root, now),
            key=lambda record: record.any_identifier("titulo"),
            due="datavenc",
        )
        if len(asked) > _MOST_LOGINS:
            unreadable.append(Unreadable("more logins than are asked for"))
        return titles, unreadable

    async def _first_round(self, token: str, document: Document) -> tuple[list[Rows], list[str]]:
        clients = asyncio.ensure_future(self._logins(token, document))
        try:
            listings = await self._listings(token, _TITLES, [document.value])
            try:
                return listings, await clients
            except GatewayError:
                if not any(surely_of(record, document) for rows in listings for record in rows or ()):
                    raise  # nobody is told that there is nothing before all of their logins were asked
                return listings, []
        finally:
            clients.cancel()
            await asyncio.gather(clients, return_exceptions=True)

    async def _listings(self, token: str, routes: Sequence[str], keys: Sequence[str]) -> list[Rows]:
        return await gather(*(self._rows(token, route, key) for key in keys for route in routes))

    async def _rows(self, token: str, route: str, key: str) -> Rows:
        """The titles under a document or a login; None when the server has no such route."""
        answer = await self._get(token, route, key, accept=(404,))
        if not answer.ok:
            return None
        meaning = says(answer.content, answer.body)
        if meaning in {MkAuthSays.SESSION_OVER, MkAuthSays.NOT_ALLOWED}:
            raise TokenRejected(self.name, f"{route}: {meaning.value}")
        return [] if meaning is MkAuthSays.NOTHING_FOUND else read_titles(answer)

    async def _logins(self, token: str, document: Document) -> list[str]:
        """The logins that have that document; none when the API user may not ask, which costs no delivery."""
        async with time_budget(_FOR_THE_LOGINS, gateway=self.name):
            answer = await self._get(token, "cliente/listar", f"cpf_cnpj={document.value}", accept=(401, 403, 404))
        if not answer.ok or says(answer.content, answer.body) is not None:
            return []
        return read_logins(read_clients(answer), document)

    async def _get(self, token: str, route: str, key: str, *, accept: Collection[int]) -> ApiResponse:
        return await self._http.get(
            f"/{route}/{quote(key, safe='=')}",
            label=route,
            headers={"Authorization": f"Bearer {token}"},
            accept=accept,
        )

    async def _sign_in(self) -> ApiSession:
        answer = await self._http.get("/", label="sign-in", headers={"Authorization": self._basic})
        jwt = read_jwt(answer.content)
        if jwt is None:
            meaning = says(answer.content, answer.body)
            if meaning in {MkAuthSays.SESSION_OVER, MkAuthSays.NOT_ALLOWED}:
                raise TokenRejected(self.name, "sign-in: client_id and client_secret are refused")
            raise GatewayProtocolError(self.name, "sign-in: the body should be a token, and nothing else")
        return ApiSession(jwt, expires_at(jwt, self._sessions.now()))
