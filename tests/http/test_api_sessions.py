"""One sign-in at a time, its token shared, and no more of them than it takes."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from segunda_via.errors import GatewayUnavailable, TokenRejected
from segunda_via.http.api_sessions import (
    CLAIMED_FOR,
    EARLY,
    REFUSED_FOR,
    ApiSession,
    ApiSessions,
    MemorySessionStore,
    session_key,
)

KEY = "account"


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.moment

    def pass_by(self, time: timedelta) -> None:
        self.moment += time


class Account:
    """A gateway at which each sign-in ends the session before it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.current: str | None = None
        self.sign_ins = 0
        self.lifetime: timedelta | None = None
        self.refuses_sign_in = False
        self.refuses_calls = False

    async def sign_in(self) -> ApiSession:
        await asyncio.sleep(0.01)
        self.sign_ins += 1
        if self.refuses_sign_in:
            raise TokenRejected("sga", "sign-in: HTTP 401")
        self.current = f"token {self.sign_ins}"
        return ApiSession(self.current, self.clock() + self.lifetime if self.lifetime else None)

    async def ask(self, token: str) -> str:
        await asyncio.sleep(0.001)
        if token != self.current or self.refuses_calls:
            raise TokenRejected("sga", "associate: HTTP 401")
        return "answer"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(clock: Clock) -> Account:
    return Account(clock)


@pytest.fixture
def store() -> MemorySessionStore:
    return MemorySessionStore()


@pytest.fixture
def sessions(store: MemorySessionStore, clock: Clock) -> ApiSessions:
    return ApiSessions(store, clock)


async def test_many_calls_at_once_sign_in_once(sessions, account):
    keepers = [sessions.keeper(KEY, account.sign_in) for _ in range(10)]
    assert await asyncio.gather(*(keeper.call(account.ask) for keeper in keepers)) == ["answer"] * 10
    assert account.sign_ins == 1


async def test_a_session_that_ended_is_renewed_once_for_all_that_meet_it(sessions, account):
    keeper = sessions.keeper(KEY, account.sign_in)
    await keeper.call(account.ask)
    account.current = None
    assert await asyncio.gather(*(keeper.call(account.ask) for _ in range(10))) == ["answer"] * 10
    assert account.sign_ins == 2


async def test_a_second_refusal_is_final(sessions, account):
    account.refuses_calls = True
    keeper = sessions.keeper(KEY, account.sign_in)
    await keeper.token()
    results = await asyncio.gather(*(keeper.call(account.ask) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [TokenRejected] * 5
    assert account.sign_ins == 2


async def test_the_session_of_another_process_is_used_without_signing_in(store, clock, account):
    one, other = (ApiSessions(store, clock).keeper(KEY, account.sign_in) for _ in range(2))
    await one.call(account.ask)
    await other.call(account.ask)
    assert account.sign_ins == 1
    account.current = None
    await one.call(account.ask)  # signs in, which ends the session that the other one knows
    await other.call(account.ask)
    assert account.sign_ins == 2


async def test_a_newer_session_of_another_process_that_ended_too_is_renewed(store, clock, account):
    keeper = ApiSessions(store, clock).keeper(KEY, account.sign_in)
    await keeper.call(account.ask)
    account.current = None

    async def ask(token: str) -> str:
        if token == "token 1":
            store.put(KEY, "of another process", None)
        return await account.ask(token)

    assert await keeper.call(ask) == "answer"
    assert account.sign_ins == 2


async def test_processes_whose_session_was_ended_do_not_end_each_others(store, clock, account):
    processes = [ApiSessions(store, clock) for _ in range(4)]

    async def work(process: ApiSessions) -> None:
        for turn in range(20):
            if process is processes[0] and turn in {5, 15}:
                account.current = None  # somebody signed in elsewhere
            assert await process.keeper(KEY, account.sign_in).call(account.ask) == "answer"

    await asyncio.gather(*(work(process) for process in processes))
    assert account.sign_ins == 3


async def test_a_process_that_died_while_it_signed_in_is_waited_for_no_longer_than_its_claim(store, clock, account):
    store.claim(KEY, "a dead process", clock(), clock() + CLAIMED_FOR)
    call = asyncio.ensure_future(ApiSessions(store, clock).keeper(KEY, account.sign_in).call(account.ask))
    await asyncio.sleep(0.1)
    assert not call.done()
    clock.pass_by(CLAIMED_FOR)
    assert await call == "answer"


async def test_a_sign_in_that_failed_lets_the_next_process_try(store, clock, account):
    account.refuses_sign_in = True
    with pytest.raises(TokenRejected):
        await ApiSessions(store, clock).keeper(KEY, account.sign_in).token()
    account.refuses_sign_in = False
    assert await ApiSessions(store, clock).keeper(KEY, account.sign_in).token() == "token 2"


async def test_a_token_is_renewed_before_it_ends(sessions, clock, account):
    account.lifetime = timedelta(hours=1)
    keeper = sessions.keeper(KEY, account.sign_in)
    await keeper.token()
    clock.pass_by(account.lifetime - EARLY - timedelta(seconds=1))
    assert await keeper.token() == "token 1"
    clock.pass_by(timedelta(seconds=1))
    assert await keeper.token() == "token 2"


async def test_a_token_without_an_end_lasts(sessions, clock, account):
    keeper = sessions.keeper(KEY, account.sign_in)
    await keeper.token()
    clock.pass_by(timedelta(days=400))
    assert await keeper.token() == "token 1"


async def test_a_refused_sign_in_is_not_tried_again_at_once(sessions, clock, account):
    account.refuses_sign_in = True
    keeper = sessions.keeper(KEY, account.sign_in)
    results = await asyncio.gather(*(keeper.call(account.ask) for _ in range(10)), return_exceptions=True)
    assert {str(result) for result in results} == {"sga: sign-in: HTTP 401"}
    assert account.sign_ins == 1
    account.refuses_sign_in = False
    clock.pass_by(REFUSED_FOR)
    assert await keeper.call(account.ask) == "answer"


async def test_another_accounts_refusal_is_its_own(sessions, account):
    account.refuses_sign_in = True
    with pytest.raises(TokenRejected):
        await sessions.keeper(KEY, account.sign_in).token()
    account.refuses_sign_in = False
    assert await sessions.keeper("another account", account.sign_in).call(account.ask) == "answer"


async def test_a_sign_in_that_was_cut_short_is_taken_over(sessions, account):
    keeper = sessions.keeper(KEY, account.sign_in)
    first = asyncio.ensure_future(keeper.call(account.ask))
    second = asyncio.ensure_future(keeper.call(account.ask))
    await asyncio.sleep(0.005)
    first.cancel()
    assert await second == "answer"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_gateway_that_cannot_be_reached_is_no_refusal(sessions, account):
    async def down() -> ApiSession:
        raise GatewayUnavailable("sga", "sign-in: HTTP 503")

    with pytest.raises(GatewayUnavailable):
        await sessions.keeper(KEY, down).token()
    assert await sessions.keeper(KEY, account.sign_in).token() == "token 1"


def test_dropping_an_old_token_leaves_the_newer_one(store):
    store.put(KEY, "newer", None)
    store.drop(KEY, "older")
    assert store.get(KEY) == ApiSession("newer")
    store.drop(KEY, "newer")
    assert store.get(KEY) is None


def test_nothing_secret_in_a_repr_or_a_key():
    assert "secret" not in repr(ApiSession("secret"))
    assert "secret" not in session_key("sga", "https://sga.example.com", "secret")


def test_other_credentials_are_another_session():
    keys = {session_key("sga", "https://a", *credentials) for credentials in [("a", "b"), ("ab",), ("a", "c"), ("a",)]}
    assert len(keys) == 4
