"""The gateway's PDF: where it may come from, what it must be, and what happens when it is not.

A real TLS server on loopback stands for the gateway; the resolver says which name leads to it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.errors import MediaError, MediaRefused, MediaUnavailable
from segunda_via.media.fetch import PdfFetcher, is_public
from segunda_via.media.slip import Slip

PDF = b"%PDF-1.4\n" + b"boleto " * 400 + b"\n%%EOF\n"
PUBLIC = "93.184.215.14"
HOSTS = TrustedHosts(frozenset({"pdf.example.com"}), base_host="api.example.com")
SLIP = Slip("asaas", "15924715", date(2026, 12, 10), Decimal("10"), Decimal("10"), pdf_hosts=HOSTS)

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = PDF, status: str = "200 OK", headers: str = "", length: int | None = None) -> Answer:
    async def write(writer: asyncio.StreamWriter) -> None:
        size = len(body) if length is None else length
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body)
        await writer.drain()

    return write


def redirect(to: str) -> Answer:
    return answer(b"", "302 Found", f"Location: {to}\r\n")


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%PDF-1.4\n")
    while True:
        writer.write(b"0" * 65536)
        await writer.drain()


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%PDF-1.4\n")
    while True:
        writer.write(b"0")
        await writer.drain()
        await asyncio.sleep(0.05)


@dataclass
class Server:
    """Answers each path as told, and remembers what it was asked."""

    port: int
    trusted: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def url(self, path: str = "/boleto", host: str = "pdf.example.com", scheme: str = "https") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
            self.asked.append((host, path))
            await self.answers[path](writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def fetcher(self, addresses: Sequence[str] = ("127.0.0.1",), **limits: float) -> PdfFetcher:
        async def resolve(host: str, port: int) -> Sequence[str]:
            return addresses

        return self.fetcher_resolving(resolve, **limits)

    def fetcher_resolving(self, resolve: Callable[[str, int], Awaitable[Sequence[str]]], **limits: float) -> PdfFetcher:
        context = ssl.create_default_context(cafile=str(self.trusted))
        bounds = {"timeout": limits.get("timeout", 5.0), "max_bytes": int(limits.get("max_bytes", 1_000_000))}
        return PdfFetcher(lambda: httpx.AsyncClient(verify=context, trust_env=False), resolve, **bounds)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key and a certificate for pdf.example.com and cdn.example.com, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("pdf.example.com"), x509.DNSName("cdn.example.com")]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(secret + built.public_bytes(pem))
    return file


@pytest.fixture
async def server(certificate: Path) -> AsyncIterator[Server]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    serving = Server(listener.getsockname()[1], certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: serving.names.append(name)
    async with await asyncio.start_server(serving.handle, sock=listener, ssl=context):
        yield serving


@pytest.fixture
async def plain_server(certificate: Path) -> AsyncIterator[Server]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    serving = Server(listener.getsockname()[1], certificate)
    async with await asyncio.start_server(serving.handle, sock=listener):
        yield serving


def own(server: Server, **changes: object) -> Slip:
    """A slip whose PDF stands on the operator's own host, which may have a private address."""
    values = {"pdf_url": server.url(), "pdf_hosts": TrustedHosts(base_host="pdf.example.com"), **changes}
    return replace(SLIP, **values)  # type: ignore[arg-type]  # the values are of many types


async def test_a_pdf_is_fetched_from_the_checked_address_under_its_own_name(server: Server) -> None:
    server.answers["/boleto"] = answer()
    assert await server.fetcher().fetch(own(server)) == PDF
    assert server.asked == [(f"pdf.example.com:{server.port}", "/boleto")]
    assert server.names == ["pdf.example.com"]


async def test_the_name_is_resolved_once_so_that_a_second_answer_changes_nothing(server: Server) -> None:
    server.answers["/boleto"] = answer()
    given: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        given.append(host)
        return ["127.0.0.1"] if len(given) == 1 else ["127.0.0.99"]

    assert await server.fetcher_resolving(rebinding).fetch(own(server)) == PDF
    assert given == ["pdf.example.com"]


async def test_the_certificate_must_be_of_that_name(server: Server) -> None:
    server.answers["/boleto"] = answer()
    hosts = TrustedHosts(base_host="other.example.com")
    slip = own(server, pdf_url=server.url(host="other.example.com"), pdf_hosts=hosts)
    with pytest.raises(MediaUnavailable):
        await server.fetcher().fetch(slip)
    assert server.asked == []


async def test_the_next_address_is_tried_when_one_is_down(server: Server) -> None:
    server.answers["/boleto"] = answer()
    assert await server.fetcher(["127.0.0.2", "127.0.0.1"]).fetch(own(server)) == PDF


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:93.184.215.14",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:a00::1",
        "192.0.0.8",
        "240.0.0.1",
        "255.255.255.255",
        "not an address",
    ],
)
async def test_an_address_that_is_not_public_is_never_called(server: Server, address: str) -> None:
    server.answers["/boleto"] = answer()
    slip = replace(SLIP, pdf_url=server.url())
    for addresses in ([address], [PUBLIC, address]):
        with pytest.raises(MediaRefused):
            await server.fetcher(addresses).fetch(slip)
    assert server.asked == []
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "2804:14c::1"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("name", ["pdf.example.com", "*.example.com"])
async def test_a_public_host_is_called_by_the_address_that_was_checked(name: str) -> None:
    seen: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=PDF)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [PUBLIC]

    fetcher = PdfFetcher(lambda: httpx.AsyncClient(transport=httpx.MockTransport(serve)), resolve)
    slip = replace(SLIP, pdf_url="https://PDF.example.com/b?c=d", pdf_hosts=TrustedHosts(frozenset({name})))
    assert await fetcher.fetch(slip) == PDF
    assert str(seen[0].url) == f"https://{PUBLIC}/b?c=d"
    assert seen[0].headers["host"] == "pdf.example.com"
    assert seen[0].extensions["sni_hostname"] == "pdf.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/b",
        "https://pdf.example.com.evil.example/b",
        "https://xpdf.example.com/b",
        "http://pdf.example.com/b",
        "ftp://pdf.example.com/b",
        "file:///etc/passwd",
        "https://user@pdf.example.com/b",
        "https://pdf.example.com@evil.example/b",
        "//pdf.example.com/b",
        "",
        "https://",
        "Boleto já pago",
        "https://pdf.example.com:x/",
    ],
)
async def test_any_other_place_is_refused_before_it_is_resolved(url: str) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [PUBLIC]

    with pytest.raises(MediaRefused):
        await PdfFetcher(resolver=resolve).fetch(replace(SLIP, pdf_url=url))
    assert asked == []


async def test_plain_http_is_for_the_operators_own_loopback(plain_server: Server) -> None:
    plain_server.answers["/boleto"] = answer()
    slip = own(plain_server, pdf_url=plain_server.url(scheme="http"))
    assert await plain_server.fetcher().fetch(slip) == PDF
    for elsewhere in (["10.0.0.5"], [PUBLIC], ["127.0.0.1", "10.0.0.5"]):
        with pytest.raises(MediaRefused):
            await plain_server.fetcher(elsewhere).fetch(slip)
    with pytest.raises(MediaRefused):
        await plain_server.fetcher().fetch(replace(slip, pdf_hosts=HOSTS))


async def test_plain_http_elsewhere_needs_allow_http() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.5"]

    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=PDF))
    fetcher = PdfFetcher(lambda: httpx.AsyncClient(transport=transport), resolve)
    slip = replace(SLIP, pdf_url="http://erp.example.com/b", pdf_hosts=TrustedHosts(base_host="erp.example.com"))
    allowed = TrustedHosts(base_host="erp.example.com", allow_http=True)
    assert await fetcher.fetch(replace(slip, pdf_hosts=allowed)) == PDF
    with pytest.raises(MediaRefused):
        await fetcher.fetch(slip)


async def test_redirects_within_the_rules_are_followed(server: Server) -> None:
    server.answers |= {
        "/boleto": redirect("/2"),
        "/2": redirect(server.url("/3")),
        "/3": redirect("4?x=1"),
        "/4?x=1": answer(),
    }
    assert await server.fetcher().fetch(own(server)) == PDF


async def test_three_redirects_are_enough(server: Server) -> None:
    server.answers |= {"/boleto": redirect("/2"), "/2": redirect("/3"), "/3": redirect("/4"), "/4": redirect("/boleto")}
    with pytest.raises(MediaRefused):
        await server.fetcher().fetch(own(server))
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "target",
    [
        "https://cdn.example.com:{port}/secret",
        "http://cdn.example.com:{port}/secret",
        "https://127.0.0.1:{port}/secret",
        "https://localhost:{port}/secret",
        "https://[::1]:{port}/secret",
        "file:///etc/passwd",
        "//cdn.example.com:{port}/secret",
    ],
)
async def test_a_redirect_to_a_place_that_is_not_allowed_is_not_followed(server: Server, target: str) -> None:
    server.answers |= {"/boleto": redirect(target.format(port=server.port)), "/secret": answer()}

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "pdf.example.com" else ["10.0.0.5"]

    # One that may be asked at all is refused for its address; any other for its name.
    for names in (frozenset({"cdn.example.com", "localhost"}), frozenset[str]()):
        hosts = TrustedHosts(names, base_host="pdf.example.com")
        with pytest.raises(MediaRefused):
            await server.fetcher_resolving(resolve).fetch(own(server, pdf_hosts=hosts))
    assert {path for _, path in server.asked} == {"/boleto"}


async def test_a_redirect_down_to_plain_http_is_not_followed() -> None:
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.scheme)
        return httpx.Response(302, headers={"Location": "http://pdf.example.com/b"})

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.5"]

    fetcher = PdfFetcher(lambda: httpx.AsyncClient(transport=httpx.MockTransport(serve)), resolve)
    hosts = TrustedHosts(base_host="pdf.example.com")
    with pytest.raises(MediaRefused):
        await fetcher.fetch(replace(SLIP, pdf_url="https://pdf.example.com/b", pdf_hosts=hosts))
    assert asked == ["https"]


@pytest.mark.parametrize("body", [b"<html>print me</html>" * 200, b"", b" " * 1024 + PDF, b"PDF-1.4", b"%PDF"])
async def test_what_is_not_a_pdf_is_refused_whatever_it_says(server: Server, body: bytes) -> None:
    server.answers["/boleto"] = answer(body, headers="Content-Type: application/pdf\r\n")
    with pytest.raises(MediaRefused):
        await server.fetcher().fetch(own(server))


@pytest.mark.parametrize("body", [PDF, b"\xef\xbb\xbf\r\n" + PDF, b" " * 1023 + PDF, b"%PDF-"])
async def test_a_pdf_is_known_by_its_first_bytes(server: Server, body: bytes) -> None:
    server.answers["/boleto"] = answer(body, headers="Content-Type: text/html\r\n")
    assert await server.fetcher().fetch(own(server)) == body


async def test_a_body_that_never_ends_is_cut(server: Server) -> None:
    server.answers["/boleto"] = endless
    with pytest.raises(MediaRefused):
        await server.fetcher().fetch(own(server))


async def test_a_body_that_says_it_is_too_large_is_not_read(server: Server) -> None:
    server.answers["/boleto"] = answer(b"%PDF-1.4", length=2_000_000)
    with pytest.raises(MediaRefused):
        await server.fetcher().fetch(own(server))


async def test_a_body_of_exactly_the_limit_passes(server: Server) -> None:
    server.answers["/boleto"] = answer()
    assert await server.fetcher(max_bytes=len(PDF)).fetch(own(server)) == PDF
    with pytest.raises(MediaRefused):
        await server.fetcher(max_bytes=len(PDF) - 1).fetch(own(server))


async def test_time_is_bounded_however_slowly_it_drips(server: Server) -> None:
    server.answers["/boleto"] = dripping
    started = asyncio.get_running_loop().time()
    with pytest.raises(MediaUnavailable):
        await server.fetcher(timeout=0.5).fetch(own(server))
    assert asyncio.get_running_loop().time() - started < 2


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "204 No Content", "302 Found", "206 Partial Content"])
async def test_any_other_status_is_no_pdf(server: Server, status: str) -> None:
    server.answers["/boleto"] = answer(b"" if status.startswith("204") else PDF, status)
    with pytest.raises(MediaUnavailable):
        await server.fetcher().fetch(own(server))


async def test_a_body_that_breaks_off_is_not_served(server: Server) -> None:
    server.answers["/boleto"] = answer(length=len(PDF) + 1)
    with pytest.raises(MediaUnavailable):
        await server.fetcher().fetch(own(server))


async def test_a_compressed_body_is_refused(server: Server) -> None:
    server.answers["/boleto"] = answer(headers="Content-Encoding: gzip\r\n")
    with pytest.raises(MediaRefused):
        await server.fetcher().fetch(own(server))


async def test_a_name_that_does_not_resolve_is_unavailable(server: Server) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such host")

    for fetcher in (server.fetcher_resolving(resolve), server.fetcher([])):
        with pytest.raises(MediaUnavailable):
            await fetcher.fetch(own(server))


async def test_the_machines_own_resolver_is_held_to_the_same_rules(server: Server) -> None:
    server.answers["/boleto"] = answer()
    for host in ("localhost", "127.1", "0x7f000001", "2130706433"):
        slip = replace(SLIP, pdf_url=server.url(host=host), pdf_hosts=TrustedHosts(frozenset({host})))
        with pytest.raises(MediaRefused, match="not on the public internet"):
            await PdfFetcher().fetch(slip)
    assert server.asked == []


async def test_no_error_names_the_url_or_holds_what_does(server: Server) -> None:
    server.answers["/boleto"] = answer(status="500 Oops")

    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(f"no such host {host}")

    urls = (server.url(), "https://elsewhere.example.com/52998224725", "http://[", server.url("/missing"))
    for fetcher in (server.fetcher(), server.fetcher_resolving(nowhere), server.fetcher(["127.0.0.2"])):
        for url in urls:
            with pytest.raises(MediaError) as caught:
                await fetcher.fetch(own(server, pdf_url=url))
            chain: BaseException | None = caught.value
            while chain is not None:
                assert "example.com" not in str(chain)
                assert "52998224725" not in str(chain)
                chain = chain.__context__ if not chain.__suppress_context__ else None
