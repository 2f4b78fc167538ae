"""The HTTP layer by itself, over an injected transport."""

from __future__ import annotations

import gzip
import logging
import ssl
import threading
import tracemalloc
import zlib
from decimal import Decimal

import httpx
import pytest

from segunda_via.errors import GatewayProtocolError, GatewayRateLimited, GatewayUnavailable, TokenRejected
from segunda_via.http.api_client import ApiClient, Retries
from segunda_via.http.bounded_transport import MAX_BODY, BoundedTransport
from segunda_via.http.client import TrustingTransport, new_client
from segunda_via.http.exact_json import UNCLEAR
from segunda_via.http.record import Record
from segunda_via.http.time_budget import time_budget

QUICK = Retries(attempts=3, attempt_timeout=0.5, wait_initial=0.001, wait_max=0.002, wait_jitter=0.001)
SECRET = "52998224725"


class Script:
    """A transport that gives these answers in turn (the last one again and again) and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def speak(script: Script, **options) -> ApiClient:
    client = new_client(httpx.MockTransport(script))
    options = {"retries": QUICK, "headers": {"access_token": "t"}, **options}
    return ApiClient(client, gateway="asaas", base_url="https://api.example.com/v3", **options)


async def get(script: Script, **options) -> object:
    answer = await speak(script, **options).get("/customers", label="customers", params={"cpfCnpj": SECRET})
    return answer.json()


def answer(content: str | bytes = "{}", status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=content, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError(SECRET), httpx.ReadError(SECRET), httpx.ReadTimeout(SECRET), httpx.PoolTimeout(SECRET)],
)
async def test_connection_failures_are_retried_then_told_without_what_was_asked(failure):
    assert await get(Script(failure, failure, answer("{}"))) == {}
    script = Script(failure)
    with pytest.raises(GatewayUnavailable) as caught:
        await get(script)
    assert len(script.requests) == 3
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
async def test_server_errors_are_retried(status):
    script = Script(answer(status=status), answer('{"a": 1}'))
    assert await get(script) == {"a": 1}
    assert len(script.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 422])
async def test_refusals_are_not_retried(status):
    script = Script(answer("{}", status))
    with pytest.raises(TokenRejected if status in {401, 403} else GatewayProtocolError, match=f"HTTP {status}"):
        await get(script)
    assert len(script.requests) == 1


async def test_a_status_that_the_adapter_accepts_is_handed_to_it():
    gateway = speak(Script(answer('{"mensagem": "x"}', 406)))
    response = await gateway.get("/x", label="x", accept=(406,))
    assert (response.status, response.ok, response.json()) == (406, False, {"mensagem": "x"})


async def test_a_post_is_retried_only_when_it_only_reads():
    failing = Script(answer(status=500))
    with pytest.raises(GatewayUnavailable):
        await speak(failing).post("/sign-in", label="sign-in", body={}, only_reads=False)
    assert len(failing.requests) == 1
    listing = Script(answer(status=500), answer("[]"))
    response = await speak(listing).post("/listar/boleto", label="listing", body={"a": "b"}, only_reads=True)
    assert response.json() == []
    assert listing.requests[1].content == b'{"a":"b"}'


async def test_a_get_has_no_body_and_says_who_asks():
    script = Script(answer())
    await get(script)
    request = script.requests[0]
    assert request.content == b""
    assert "content-length" not in request.headers
    assert request.headers["user-agent"].startswith("segunda-via/")
    assert request.headers["access_token"] == "t"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status):
    script = Script(answer(status=status, Location=f"https://elsewhere.example.com/?cpf={SECRET}"))
    with pytest.raises(GatewayProtocolError, match="redirect") as caught:
        await get(script)
    assert len(script.requests) == 1
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "<html></html>", '{"a": ', "Nan", "[" * 2000, "[" * 200_000, "[" + "{}," * 200_000 + "{}]",
        b"\xff\xfe\x00", b"\x80", SECRET + "x",
    ],
)  # fmt: skip
async def test_what_is_not_json_is_one_error_without_the_body(body):
    with pytest.raises(GatewayProtocolError) as caught:
        await get(Script(answer(body)))
    assert len(str(caught.value)) < 100
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_numbers_are_exact():
    read = await get(Script(answer('{"a": 129.9, "b": 350, "c": 0.30000000000000004, "d": 1e2}')))
    assert read == {"a": Decimal("129.9"), "b": 350, "c": Decimal("0.30000000000000004"), "d": Decimal("1E+2")}


async def test_bodies_are_bounded():
    assert await get(Script(answer(b'"' + b"x" * (MAX_BODY - 2) + b'"')))
    with pytest.raises(GatewayProtocolError, match="2 MB"):
        await get(Script(answer(b'"' + b"x" * MAX_BODY + b'"')))


async def test_compressed_bodies_are_bounded_as_they_are_unpacked():
    body = b'{"a": "' + b"x" * 1000 + b'"}'
    for pack in (gzip.compress, zlib.compress):
        encoding = "gzip" if pack is gzip.compress else "deflate"
        assert await get(Script(answer_packed(pack(body), encoding))) == {"a": "x" * 1000}
        bomb = answer_packed(pack(b" " * 50 * MAX_BODY), encoding)
        tracemalloc.start()
        with pytest.raises(GatewayProtocolError, match="2 MB"):
            await get(Script(bomb))
        assert tracemalloc.get_traced_memory()[1] < 10 * MAX_BODY
        tracemalloc.stop()
        with pytest.raises(GatewayProtocolError, match="decompressed"):
            await get(Script(answer_packed(b"no archive", encoding)))


def answer_packed(content: bytes, encoding: str) -> httpx.Response:
    """As it comes from the wire, before httpx has unpacked it."""
    return httpx.Response(200, stream=httpx.ByteStream(content), headers={"content-encoding": encoding})


async def test_six_hundred_thousand_records_are_refused_before_they_are_read():
    body = '{"data":[' + "{}," * 599_999 + "{}]}"
    with pytest.raises(GatewayProtocolError, match="too much of it"):
        await get(Script(answer(body)))


async def test_a_large_answer_is_parsed_beside_the_event_loop():
    threads = []

    def decode(content: bytes) -> bytes:
        threads.append(threading.current_thread())
        return content

    await get(Script(answer("{}")), decode=decode)
    await get(Script(answer('["' + "x" * 100_000 + '"]')), decode=decode)
    assert threads[0] is threading.main_thread()
    assert threads[1] is not threading.main_thread()


async def test_one_odd_value_keeps_no_other_from_being_read():
    body = '{"a": NaN, "b": -Infinity, "c": 1e99999999999999999999, "d": ' + "9" * 5000 + ', "e": 1, "f": 2, "f": 3}'
    read = await get(Script(answer(body)))
    assert read == {**dict.fromkeys("abcdf", UNCLEAR), "e": 1}
    record = Record("asaas", read, "payments")
    for name in "abcdf":
        for reader in (record.optional_text, record.optional_money, record.day, record.flag, record.record):
            with pytest.raises(GatewayProtocolError):
                reader(name)


async def test_a_key_that_is_there_twice_with_one_value_is_that_value():
    assert await get(Script(answer('{"a": {"b": 1}, "a": {"b": 1}}'))) == {"a": {"b": 1}}


async def test_a_refusal_keeps_its_meaning_whatever_its_body():
    for body in (b"x" * (MAX_BODY + 1), b"", b"<html>", b"\xff"):
        with pytest.raises(TokenRejected):
            await get(Script(answer(body, 401)))


async def test_a_rate_limit_is_honoured_within_the_budget():
    script = Script(answer(status=429, RateLimit_Reset="0.05"), answer())
    async with time_budget(2, gateway="asaas"):
        assert await get(script) == {}
    script = Script(answer(status=429, RateLimit_Reset="2"), answer())
    with pytest.raises(GatewayRateLimited) as caught:
        async with time_budget(1, gateway="asaas"):
            await get(script)
    assert (caught.value.retry_after, len(script.requests)) == (2.0, 1)


@pytest.mark.parametrize("written", ["soon", "nan", "-5", ""])
async def test_a_senseless_rate_limit_header_does_no_harm(written):
    assert await get(Script(answer(status=429, Retry_After=written), answer())) == {}


async def test_no_retry_when_the_budget_is_spent():
    script = Script(answer(status=500))
    with pytest.raises(GatewayUnavailable):
        async with time_budget(0.05, gateway="asaas"):
            await get(script)
    assert len(script.requests) == 1


async def test_a_token_that_cannot_be_a_header_is_a_rejected_token():
    with pytest.raises(TokenRejected) as caught:
        await get(Script(answer()), headers={"access_token": "se\u0144ha"})
    assert "se\u0144ha" not in str(caught.value)


async def test_cookies_of_one_account_do_not_reach_another():
    script = Script(answer(Set_Cookie="session=secret"), answer())
    client = new_client(httpx.MockTransport(script))
    for name in ("one", "two"):
        gateway = ApiClient(client, gateway=name, base_url="https://api.example.com", headers={}, retries=QUICK)
        await gateway.get("/", label="x")
    assert "cookie" not in script.requests[1].headers


async def test_the_explanation_of_a_refusal_is_told():
    with pytest.raises(TokenRejected, match=r"asaas: customers: HTTP 401 \(because {'a': 1}\)"):
        await get(Script(answer('{"a": 1}', 401)), explain=lambda status, body: f"because {body}")


async def test_the_libraries_stay_silent(caplog):
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    await get(Script(answer()))
    logging.getLogger("httpcore.http11").debug("receive_response_headers.complete Set-Cookie: %s", SECRET)
    assert not [record for record in caplog.records if record.name.startswith("http")]


async def test_a_private_authority_is_trusted_for_its_own_gateway_alone(tmp_path):
    not_a_certificate = tmp_path / "ca.pem"
    not_a_certificate.write_text("not a certificate")
    async with new_client() as client:
        gateway = ApiClient(
            client,
            gateway="mkc",
            base_url="https://127.0.0.1:9",
            headers={},
            ca_file=str(not_a_certificate),
            retries=QUICK,
        )
        with pytest.raises(GatewayUnavailable, match="could not be made"):
            await gateway.get("/", label="x")
        public = ApiClient(client, gateway="mkc", base_url="https://127.0.0.1:9", headers={}, retries=QUICK)
        with pytest.raises(GatewayUnavailable, match="ConnectError"):
            await public.get("/", label="x")


def test_certificates_are_always_verified():
    assert httpx.create_ssl_context().verify_mode is ssl.CERT_REQUIRED
    transport = new_client()._transport
    assert isinstance(transport, BoundedTransport)
    assert isinstance(transport.inner, TrustingTransport)
