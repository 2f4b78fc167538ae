"""Calls of SGA's API: signed in where that is needed, and its refusals told apart.

With `usuario` and `senha`, `token` is the API token, and what is used is the `token_usuario` that signing in gives.
Each sign-in ends the session before it, so the `token_usuario` is shared by all processes (see `api_sessions`). Alone,
`token` is used as it is: a `token_usuario` that somebody keeps, or an API token that is let in without a user.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

import httpx

from segunda_via.errors import ConfigurationError, GatewayError, GatewayProtocolError, TokenRejected
from segunda_via.gateways.sga import reading
from segunda_via.gateways.sga.description import DESCRIPTION, PRODUCTION
from segunda_via.gateways.sga.reading import SgaRefusal
from segunda_via.http.api_client import ApiClient, ApiResponse, Retries
from segunda_via.http.api_sessions import ApiSession, ApiSessions, SessionKeeper, session_key
from segunda_via.http.base_url import base_url, ca_file, host_of
from segunda_via.http.credentials import Credentials
from segunda_via.http.host_queue import HOSTED
from segunda_via.http.record import Record

GATEWAY = DESCRIPTION.name


class SgaApi:
    """One association's API. `host` is where it answers."""

    def __init__(
        self, credentials: Credentials, client: httpx.AsyncClient, sessions: ApiSessions, retries: Retries
    ) -> None:
        """ConfigurationError when a credential is missing or malformed."""
        self._token, self._user, self._password = (
            credentials.get(field, "").strip() for field in ("token", "usuario", "senha")
        )
        if not self._token:
            raise ConfigurationError("token deve ser o que o SGA mostra em Área do Cliente, APIs.")
        if bool(self._user) is not bool(self._password):
            raise ConfigurationError("usuario e senha devem ser preenchidos juntos, ou nenhum dos dois.")
        root = base_url(credentials, default=PRODUCTION)
        self.host = host_of(root)
        self._http = ApiClient(
            client,
            gateway=GATEWAY,
            base_url=root,
            headers={"Content-Type": "application/json"},  # wanted on every call, a GET too
            ca_file=ca_file(credentials),
            retries=retries,
            at_once=HOSTED,
            explain=self._explain,
        )
        key = session_key(GATEWAY, root, self._token, self._user, self._password)
        self._keeper: SessionKeeper | None = sessions.keeper(key, self._sign_in) if self._user else None

    async def get(self, path: str, label: str, accept: Collection[int] = (404, 406)) -> ApiResponse:
        return await self._signed_in(lambda headers: self._http.get(path, label=label, headers=headers, accept=accept))

    async def post(self, path: str, label: str, body: object) -> ApiResponse:
        """A listing that is asked for by POST."""
        return await self._signed_in(
            lambda headers: self._http.post(
                path, label=label, body=body, only_reads=True, headers=headers, accept=(404, 406)
            )
        )

    async def _signed_in(self, ask: Callable[[Mapping[str, str]], Awaitable[ApiResponse]]) -> ApiResponse:
        async def with_token(token: str) -> ApiResponse:
            answer = await ask({"Authorization": f"Bearer {token}"})
            if answer.status == 406 and refusal(answer) in {SgaRefusal.SESSION, SgaRefusal.HOURS}:
                raise TokenRejected(GATEWAY, f"{answer.label}: HTTP 406 ({refusal(answer).value})")
            return answer

        return await (with_token(self._token) if self._keeper is None else self._keeper.call(with_token))

    async def _sign_in(self) -> ApiSession:
        answer = await self._http.post(
            "/usuario/autenticar",
            label="sign-in",
            body={"usuario": self._user, "senha": self._password},
            only_reads=True,  # it may be repeated: the session of the last one counts
            headers={"Authorization": f"Bearer {self._token}"},
            accept=(400, 404, 406),
        )
        if answer.status in {400, 406}:
            raise TokenRejected(GATEWAY, f"sign-in: HTTP {answer.status} (usuario, senha or token is wrong)")
        if not answer.ok:
            raise GatewayProtocolError(GATEWAY, "sign-in: HTTP 404; is the base_url right?")
        return ApiSession(Record(GATEWAY, answer.json(), "sign-in").text("token_usuario"))

    def _explain(self, status: int, body: object) -> str | None:
        meaning = reading.meaning(body)
        if meaning in {SgaRefusal.HOURS, SgaRefusal.ROUTE}:
            return str(meaning.value)
        if status == 401 and self._keeper is None:
            return "an API token needs usuario and senha beside it"
        return None


def rows_of(answer: ApiResponse, where: str) -> list[Record]:
    """The rows of an answer, none when it says that nothing was found; any other refusal is raised."""
    if answer.ok:
        return reading.rows(answer.json(), where)
    if refusal(answer) is SgaRefusal.NOTHING:
        return []
    raise refused(answer)


def refused(answer: ApiResponse) -> GatewayError:
    """What to raise for a refusal."""
    meaning = refusal(answer)
    message = f"{answer.label}: HTTP {answer.status} ({meaning.value})"
    return TokenRejected(GATEWAY, message) if meaning is SgaRefusal.ROUTE else GatewayProtocolError(GATEWAY, message)


def refusal(answer: ApiResponse) -> SgaRefusal:
    try:
        return reading.meaning(answer.json())
    except GatewayProtocolError:
        return SgaRefusal.OTHER
