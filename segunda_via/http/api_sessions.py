"""Signing in to gateways whose tokens are a session: one sign-in at a time, its token shared by all processes.

    sessions = ApiSessions(store)                                   # one a process, made by the composition root
    keeper = sessions.keeper("cobre_facil", session_key("cobre_facil", base_url, app_id, secret), sign_in)
    answer = await keeper.call(lambda token: http.get("/customers", label="customers", headers=bearer(token)))

`sign_in` asks the gateway for a new `ApiSession`. Every call looks into the store first, since another process may have
signed in meanwhile, which at some gateways ends the session that this one was using. At those, processes that signed in
side by side would end each other's sessions in turn, so whoever signs in claims that in the store, and the others wait
for the token.

A call refused with TokenRejected is made again after one sign-in. What another process has signed in is tried before
that, and costs no sign-in. A second refusal is final. So is a refused sign-in, which is also not tried again for
`REFUSED_FOR`: a dozen waiting customers must not lock an account out. Adapters judge what must not be answered by a
new sign-in (a route that the token may not use, say) outside of `call`.

Waiting for another's sign-in counts against the waiter's own time budget, and a sign-in that its budget cuts short is
taken over by who waits next. Meant for one event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from segunda_via import clock
from segunda_via.errors import TokenRejected

T = TypeVar("T")

EARLY = timedelta(seconds=30)
"""A token this near to its end is renewed, so that it lasts for a whole delivery."""

REFUSED_FOR = timedelta(seconds=10)
"""How long a refused sign-in is not tried again."""

CLAIMED_FOR = timedelta(seconds=10)
"""How long a process that died while it signed in keeps the others from it; longer than any sign-in takes."""

_PAUSE = 0.05  # seconds between two looks for what another process signs in
_MOST_CALLS = 3  # with the token at hand, with another process's newer one, with one's own


@dataclass(frozen=True)
class ApiSession:
    """What a sign-in gave. `expires_at` is aware; None when the gateway does not say: until it is refused."""

    token: str = field(repr=False)
    expires_at: datetime | None = None


SignIn = Callable[[], Awaitable[ApiSession]]


class SessionStore(Protocol):
    """Where tokens live between calls. Called in worker threads, from any of them; failing is not its callers' matter:
    a store that cannot be reached gives None and forgets."""

    def get(self, key: str) -> ApiSession | None: ...

    def put(self, key: str, token: str, expires_at: datetime | None) -> None:
        """Keep that token in the place of any other."""

    def drop(self, key: str, token: str) -> None:
        """Forget that token; a newer one stays."""

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Whether `holder` may sign in: nobody else's claim stands at `now`. Its own claim stands `until` then."""

    def release(self, key: str, holder: str) -> None:
        """End the holder's claim, if it is still that holder's."""


class MemorySessionStore:
    """Within this process, for as long as it runs."""

    def __init__(self) -> None:
        self._sessions: dict[str, ApiSession] = {}
        self._claims: dict[str, tuple[str, datetime]] = {}

    def get(self, key: str) -> ApiSession | None:
        return self._sessions.get(key)

    def put(self, key: str, token: str, expires_at: datetime | None) -> None:
        self._sessions[key] = ApiSession(token, expires_at)

    def drop(self, key: str, token: str) -> None:
        session = self._sessions.get(key)
        if session is not None and session.token == token:
            self._sessions.pop(key, None)

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        standing = self._claims.get(key)
        if standing is not None and standing[0] != holder and standing[1] > now:
            return False
        self._claims[key] = (holder, until)
        return True

    def release(self, key: str, holder: str) -> None:
        if key in self._claims and self._claims[key][0] == holder:
            self._claims.pop(key, None)


def session_key(gateway: str, base_url: str, *credentials: str) -> str:
    """What one account's session is kept under; other credentials are another session. Tells nothing of them."""
    return hashlib.sha256(json.dumps([gateway, base_url, *credentials]).encode()).hexdigest()


class ApiSessions:
    """The sessions of this process, over the store that all processes share."""

    def __init__(self, store: SessionStore | None = None, now: Callable[[], datetime] = clock.now) -> None:
        self.store = store or MemorySessionStore()
        self.now = now
        self.holder = secrets.token_hex(8)
        self.flights: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.refusals: dict[str, tuple[datetime, TokenRejected]] = {}
        self.signed_in: dict[str, str] = {}
        """The last token that this process itself signed in, by key."""

    def keeper(self, key: str, sign_in: SignIn) -> SessionKeeper:
        """Keepers of one key share its sign-ins, whichever adapter object they were made for."""
        return SessionKeeper(self, key, sign_in)


class SessionKeeper:
    """One account's session. Get it from `ApiSessions.keeper`."""

    def __init__(self, sessions: ApiSessions, key: str, sign_in: SignIn) -> None:
        self._sessions = sessions
        self._key = key
        self._sign_in = sign_in

    async def call(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """`ask(token)`, and again with a newer token when it raises TokenRejected."""
        token = await self.token()
        may_sign_in = True
        for _ in range(_MOST_CALLS - 1):
            try:
                return await ask(token)
            except TokenRejected:
                newer = await self._newer(token, may_sign_in=may_sign_in)
                if newer is None:
                    raise
            token = newer
            may_sign_in = token != self._sessions.signed_in.get(self._key)
        return await ask(token)

    async def token(self) -> str:
        """The token in force, signing in when there is none."""
        stored = await self._stored()
        if stored is None:
            async with self._sessions.flights[self._key]:
                stored = await self._stored()
                if stored is None:
                    return await self._signed_in(rejected=None)
        return stored.token

    async def _newer(self, rejected: str, *, may_sign_in: bool) -> str | None:
        async with self._sessions.flights[self._key]:
            stored = await self._stored(but=rejected)
            if stored is not None:
                return stored.token
            await asyncio.to_thread(self._sessions.store.drop, self._key, rejected)
            return await self._signed_in(rejected) if may_sign_in else None

    async def _stored(self, but: str | None = None) -> ApiSession | None:
        session = await asyncio.to_thread(self._sessions.store.get, self._key)
        if session is None or session.token == but:
            return None
        lasts = session.expires_at is None or session.expires_at > self._sessions.now() + EARLY
        return session if lasts else None

    async def _signed_in(self, rejected: str | None) -> str:
        """A new session's token, this process's or another's. To be called by the one who holds the key's flight."""
        sessions = self._sessions
        refusal = sessions.refusals.get(self._key)
        if refusal is not None and sessions.now() < refusal[0] + REFUSED_FOR:
            raise refusal[1].with_traceback(None)
        while not await self._claimed():  # noqa: ASYNC110  whoever releases it may be another process
            await asyncio.sleep(_PAUSE)
        try:
            stored = await self._stored(but=rejected)  # what the one whose claim stood has signed in
            if stored is not None:
                return stored.token
            session = await self._sign_in()
            sessions.refusals.pop(self._key, None)
            sessions.signed_in[self._key] = session.token
            await asyncio.to_thread(sessions.store.put, self._key, session.token, session.expires_at)
        except TokenRejected as error:
            sessions.refusals[self._key] = (sessions.now(), error)
            raise
        finally:
            await asyncio.to_thread(sessions.store.release, self._key, sessions.holder)
        return session.token

    async def _claimed(self) -> bool:
        now = self._sessions.now()
        return await asyncio.to_thread(
            self._sessions.store.claim, self._key, self._sessions.holder, now, now + CLAIMED_FOR
        )
