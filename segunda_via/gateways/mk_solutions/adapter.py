"""MK Solutions, on the provider's own server. Credentials: `{token, password, base_url}` and `cd_servico` (9999, all
services, when left out); see `segunda_via.gateways.mkc`.

From a document to all codes in three dependent round trips: the customer records with that document, then the pending
invoices of each, then the slip, the linha digitável and the Pix of one invoice, together. These take one invoice a
call: a list of them is answered by a 500.

Everything travels in the query string, the session token and the document included, and sessions end by a refusal with
status 200 (ERRO 999, or 001). The link is the PDF's: there is no page.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import httpx

from segunda_via.boletos.documents import Document
from segunda_via.boletos.invoice import Invoice, Listing, Unreadable
from segunda_via.errors import ConfigurationError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.listing import listing
from segunda_via.gateways.mk_solutions.description import ALL_SERVICES, DESCRIPTION
from segunda_via.gateways.mk_solutions.reading import (
    MkSolutionsRefused,
    MkSolutionsSays,
    Registration,
    complete,
    expires_at,
    read,
    read_invoices,
    read_registrations,
    read_token,
    to_utf8,
)
from segunda_via.gateways.mkc import server_root
from segunda_via.gateways.port import GatewayIdentity
from segunda_via.http.api_client import PATIENCE, ApiClient, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, session_key
from segunda_via.http.base_url import ca_file, link_hosts, pdf_hosts
from segunda_via.http.credentials import Credentials
from segunda_via.http.gather import gather
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget

_NOBODY = Registration("999999999")
"""Whose pending invoices are asked for when a document has no record."""

_NOBODYS_DOCUMENT = "00000000000"
_MOST_REGISTRATIONS = 20
_FEWEST_USES = 10
"""Calls that a session must be good for; one delivery makes five."""


class MkSolutions:
    """One MK Solutions server, as a `Gateway`."""

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
        self._token, self._password = (credentials.get(name, "").strip() for name in ("token", "password"))
        if not self._token or not self._password:
            raise ConfigurationError("token e password devem ser o token e a contrassenha do usuário do MK.")
        self._services = credentials.get("cd_servico", "").strip() or ALL_SERVICES
        if not (self._services.isascii() and self._services.isdigit()):
            raise ConfigurationError("cd_servico deve ser um número, como 9999 para todos os serviços.")
        root = server_root(credentials, api="/mk")
        self._budget = budget
        self._http = ApiClient(
            client,
            gateway=self.name,
            base_url=f"{root}/mk",
            headers={},
            ca_file=ca_file(credentials),
            retries=retries,
            decode=to_utf8,
        )
        self._sessions = sessions or ApiSessions()
        self._session = self._sessions.keeper(
            session_key(self.name, root, self._token, self._password, self._services), self._sign_in
        )
        self.link_hosts = DESCRIPTION.hosts | link_hosts(credentials)
        self.pdf_hosts = DESCRIPTION.hosts | pdf_hosts(credentials)

    async def open_invoices(self, document: Document, today: date) -> Listing:
        """See `Gateway`. Of every customer record with that document."""
        async with time_budget(self._budget, gateway=self.name):
            registrations, odd = await self._registrations(document)
            # Somebody unknown is asked after just the same, so that neither the calls nor the time tell them from
            # somebody who owes nothing. What the server says to a code that does not exist is not documented.
            listings = await gather(
                *(self._pending(registration, accept=()) for registration in registrations[:_MOST_REGISTRATIONS])
                if registrations
                else (self._pending(_NOBODY, accept=(400, 404, 500)),)
            )
        if len(registrations) > _MOST_REGISTRATIONS:
            odd.append(Unreadable("more registrations than are asked for"))
        invoices = [invoice for found, _ in listings for invoice in found]
        return listing(invoices, [*odd, *(note for _, unreadable in listings for note in unreadable)])

    async def with_codes(self, invoice: Invoice, document: Document, today: date) -> Invoice:
        """See `Gateway`. `GatewayProtocolError` when what comes back is somebody else's."""
        number = invoice.gateway_id.partition(":")[2]
        async with time_budget(self._budget, gateway=self.name):
            slip, line, pix = await gather(
                self._call("WSMKSegundaViaCobranca", {"cd_fatura": number}),
                self._call("WSMKLDViaSMS", {"cd_fatura": number}),
                # Versions from before Pix do not have this rule.
                self._call("WSMKRetornarCopieColaPix", {"CodigoFatura": number}, accept=(400, 404)),
            )
        return complete(invoice, today, slip, line, pix)

    async def check(self) -> GatewayIdentity:
        """See `Gateway`. MK Solutions does not say whose server it is."""
        async with time_budget(self._budget, gateway=self.name):
            await self._call("WSMKConsultaDoc", {"doc": _NOBODYS_DOCUMENT})
        return GatewayIdentity(None, "self-hosted")

    async def _registrations(self, document: Document) -> tuple[list[Registration], list[Unreadable]]:
        answer = await self._call("WSMKConsultaDoc", {"doc": document.value})
        if isinstance(answer, MkSolutionsRefused):
            self._require_nothing_found("WSMKConsultaDoc", answer)
            return [], []
        return await read_registrations(answer, document)

    async def _pending(
        self, registration: Registration, *, accept: Collection[int]
    ) -> tuple[list[Invoice], list[Unreadable]]:
        answer = await self._call("WSMKFaturasPendentes", {"cd_cliente": registration.code}, accept=accept)
        if registration is _NOBODY:
            return [], []
        if isinstance(answer, MkSolutionsRefused):
            self._require_nothing_found("WSMKFaturasPendentes", answer)
            return [], []
        return await read_invoices(answer, registration)

    def _require_nothing_found(self, rule: str, refused: MkSolutionsRefused) -> None:
        if refused.meaning is not MkSolutionsSays.NOTHING_FOUND:
            raise GatewayProtocolError(self.name, f"{rule}: {refused}")

    async def _call(
        self, rule: str, parameters: dict[str, str], *, accept: Collection[int] = ()
    ) -> Record | MkSolutionsRefused:
        return await self._session.call(lambda token: self._ask(rule, {"token": token, **parameters}, accept))

    async def _ask(
        self, rule: str, parameters: dict[str, str], accept: Collection[int] = ()
    ) -> Record | MkSolutionsRefused:
        answer = await self._http.get(f"/{rule}.rule", label=rule, params={"sys": "MK0", **parameters}, accept=accept)
        if not answer.ok:
            return MkSolutionsRefused(MkSolutionsSays.OTHER, None)
        result = read(answer)
        if isinstance(result, MkSolutionsRefused) and result.meaning is MkSolutionsSays.SESSION_OVER:
            raise TokenRejected(self.name, f"{rule}: {result}")
        return result

    async def _sign_in(self) -> ApiSession:
        answer = await self._ask(
            "WSAutenticacao", {"token": self._token, "password": self._password, "cd_servico": self._services}
        )
        if isinstance(answer, MkSolutionsRefused):
            raise TokenRejected(self.name, f"WSAutenticacao: {answer}")
        if 0 < (answer.count("LimiteUso") or 0) < _FEWEST_USES:
            raise TokenRejected(
                self.name, "WSAutenticacao: the profile lets a session be used too few times; its LimiteUso should be 0"
            )
        return ApiSession(read_token(answer), expires_at(answer, self._sessions.now()))
