"""The media routes over real HTTP."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal

import httpx
import pypdf
import pytest
import zxingcpp
from cryptography.fernet import Fernet
from PIL import Image
from support.serving import serving

from segunda_via.app import App
from segunda_via.boletos import linha_digitavel, pix
from segunda_via.errors import MediaUnavailable
from segunda_via.media import boleto_pdf
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.links import LIFETIME
from segunda_via.media.slip import Slip
from segunda_via.server import media_routes
from segunda_via.settings.environment import Environment

NOW = 1_795_435_200.0
PIX = pix.make(
    "PROVEDOR EXEMPLO", "JOINVILLE", amount=Decimal("99.90"), url="pix.example.com/qr/v2/7f0c", single_use=True
)
DUE = date(2026, 12, 10)
SLIP = Slip(
    gateway="asaas",
    number="15924715",
    due_date=DUE,
    amount=Decimal("99.90"),
    nominal_amount=Decimal("99.90"),
    payer="Maria da Silva",
    linha_digitavel=linha_digitavel.to_linha_digitavel(
        linha_digitavel.make_barcode("461", DUE, Decimal("99.90"), "1" * 25)
    ),
    pix=PIX,
)

GATEWAY_PDF = boleto_pdf.render(replace(SLIP, beneficiary="Desenhado pelo gateway"), DUE)
OTHER_LINE = linha_digitavel.to_linha_digitavel(linha_digitavel.make_barcode("461", DUE, SLIP.amount, "2" * 25))
OTHER_PDF = boleto_pdf.render(replace(SLIP, linha_digitavel=OTHER_LINE), DUE)


class Fetcher(PdfFetcher):
    """Stands for the way to the gateway."""

    def __init__(self, gives: bytes | None) -> None:
        super().__init__()
        self.gives = gives
        self.fetched = 0

    async def fetch(self, slip: Slip) -> bytes:
        self.fetched += 1
        if self.gives is None:
            raise MediaUnavailable("HTTP 500")
        return self.gives


def app_with(gives: bytes | None = None, clock: Callable[[], float] = lambda: NOW) -> App:
    """An App without a database: the routes need none."""
    app = App(
        Environment(secret_key=Fernet.generate_key().decode(), public_url="http://bot.example.com"),
        today=lambda: date(2026, 11, 23),
        now=lambda: datetime.fromtimestamp(clock(), tz=timezone.utc),
    )
    app.pdf_fetcher = Fetcher(gives)
    return app


def path(url: str) -> str:
    return httpx.URL(url).path


def text_of(content: bytes) -> str:
    return str(pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text())


def assert_private(answer: httpx.Response) -> None:
    assert "no-store" in answer.headers["cache-control"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_qr_code_is_served() -> None:
    app = app_with()
    async with serving(app) as client:
        answer = await client.get(path(app.media_links.qr(PIX)))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"] == 'inline; filename="qrcode-pix.png"'
        assert answer.headers["content-length"] == str(len(answer.content))
        assert_private(answer)
        (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
        assert found.text == PIX


async def test_the_gateways_pdf_is_served_when_it_can_be_had() -> None:
    app = app_with(GATEWAY_PDF)
    async with serving(app) as client:
        answer = await client.get(path(app.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b"))))
        assert "Desenhado pelo gateway" in text_of(answer.content)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'inline; filename="boleto-15924715.pdf"'
        assert "sandbox" not in answer.headers["content-security-policy"]  # Safari would show an empty page
        assert answer.headers["content-length"] == str(len(answer.content))
        assert_private(answer)


@pytest.mark.parametrize(
    ("url", "gives"),
    [
        (None, None),
        ("https://www.example.com/b", None),
        ("https://www.example.com/b", b"%PDF-1.4 ok"),
        ("https://www.example.com/b", b"<html><script>alert(1)</script>%PDF-1.4</html>"),
        ("https://www.example.com/b", OTHER_PDF),
    ],
    ids=["no PDF", "none comes", "a stub", "a polyglot", "another boleto's"],
)
async def test_otherwise_one_is_drawn(url: str | None, gives: bytes | None) -> None:
    app = app_with(gives)
    async with serving(app) as client:
        answer = await client.get(path(app.media_links.pdf(replace(SLIP, pdf_url=url))))
        assert answer.status_code == 200
        assert linha_digitavel.format(SLIP.linha_digitavel or "") in text_of(answer.content)
        assert isinstance(app.pdf_fetcher, Fetcher)
        assert app.pdf_fetcher.fetched == (1 if url else 0)


async def test_nothing_to_draw_is_said_to_be_temporary() -> None:
    app = app_with(None)
    async with serving(app) as client:
        slip = replace(SLIP, pdf_url="https://www.example.com/b", linha_digitavel=None, pix=None)
        answer = await client.get(path(app.media_links.pdf(slip)))
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "60"
        assert_private(answer)


async def test_head_answers_as_get_without_the_body() -> None:
    app = app_with(GATEWAY_PDF)
    async with serving(app) as client:
        for url in (app.media_links.qr(PIX), app.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b"))):
            head, get = await client.head(path(url)), await client.get(path(url))
            assert head.status_code == 200
            assert head.content == b""
            for name in ("content-type", "content-length", "content-disposition", "cache-control"):
                assert head.headers[name] == get.headers[name]


async def test_forged_damaged_and_expired_links_get_one_answer() -> None:
    now = [NOW]
    app = app_with(clock=lambda: now[0])
    async with serving(app) as client:
        valid = path(app.media_links.qr(PIX))
        foreign = path(app_with().media_links.qr(PIX))
        now[0] += LIFETIME + 1
        answers = [
            await client.get(tried)
            for tried in (
                valid,
                foreign,
                valid[:-3] + "AAA",
                "/media/forged",
                "/media/a%20b",
                "/media/%C3%A9",
                "/media/" + "A" * 7000,
                "/media/a/b",
                "/media/a%2Fb",
                "/media/",
            )
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted((k, v) for k, v in a.headers.items() if k != "date")) for a in answers}) == 1
        assert "Peça a segunda via de novo" in answers[0].text
        assert_private(answers[0])


async def test_links_that_were_sent_before_still_open() -> None:
    app = app_with()
    async with serving(app) as client:
        token = path(app.media_links.qr(PIX)).rpartition("/")[2]
        assert (await client.get(f"/webhooks/whatsapp/media/{token}")).headers["content-type"] == "image/png"
        forged = await client.get("/webhooks/whatsapp/media/forged")
        assert forged.status_code == 404
        assert_private(forged)


async def test_other_methods_are_refused() -> None:
    app = app_with()
    async with serving(app) as client:
        assert (await client.post(path(app.media_links.qr(PIX)))).status_code == 405


async def test_links_are_served_side_by_side() -> None:
    app = app_with(None)
    async with serving(app) as client:
        urls = [path(app.media_links.pdf(replace(SLIP, number=str(number)))) for number in range(4)]
        answers = await asyncio.gather(*(client.get(url) for url in urls))
        assert [a.headers["content-disposition"] for a in answers] == [
            f'inline; filename="boleto-{n}.pdf"' for n in range(4)
        ]


async def test_no_log_line_shows_a_link(caplog: pytest.LogCaptureFixture) -> None:
    app = app_with(None)
    url = path(app.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b")))
    with caplog.at_level(logging.DEBUG):
        async with serving(app) as client:
            await client.get(url)
            await client.get("/media/forged-but-long-enough")
    logged = "".join(str(record.__dict__) for record in caplog.records if not record.name.startswith("http"))
    assert "GET media 200" in logged
    assert "GET media 404" in logged
    for secret in (url.rsplit("/", 1)[1], "forged-but", PIX, SLIP.linha_digitavel or "", "Maria"):
        assert secret not in logged


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("15924715", "boleto-15924715.pdf"),
        ("FAT 2026/11-7", "boleto-FAT-2026-11-7.pdf"),
        ('a"; filename="x.exe', "boleto-a-filename-x-exe.pdf"),
        ("../../etc/passwd\r\nX: y", "boleto-etc-passwd-X-y.pdf"),
        ("52998224725", "boleto.pdf"),
        ("fatura 529.982.247-25", "boleto.pdf"),
        ("12.ABC.345/01DE-35", "boleto.pdf"),
        ("11222333000181", "boleto.pdf"),
        ("é", "boleto.pdf"),
        ("", "boleto.pdf"),
        ("7" * 200, "boleto.pdf"),
    ],
)
def test_a_file_name_is_harmless_and_shows_no_document(number: str, name: str) -> None:
    assert media_routes.pdf_name(number) == name
