"""The media routes over real HTTP, on the action server and on a channel's blueprint."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pypdf
import pytest
import zxingcpp
from cryptography.fernet import Fernet
from PIL import Image
from sanic import Blueprint, Sanic

from segunda_via import log_redaction
from segunda_via.boletos import linha_digitavel, pix
from segunda_via.errors import MediaUnavailable
from segunda_via.media import boleto_pdf
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.gateway_pdf import PdfReader
from segunda_via.media.links import LIFETIME, MediaLinks
from segunda_via.media.slip import Slip
from segunda_via.storage.keys import KeyRing
from segunda_via.web import media_routes

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


@dataclass
class Services:
    media_links: MediaLinks
    pdf_fetcher: PdfFetcher
    pdf_reader: PdfReader

    def today(self) -> date:
        return date(2026, 11, 23)


def services(
    gives: bytes | None = None, base: str = "http://bot.example.com", clock: Callable[[], float] = lambda: NOW
) -> Services:
    return Services(
        MediaLinks(KeyRing(Fernet.generate_key().decode()).derive("media links"), lambda: base, clock),
        Fetcher(gives),
        PdfReader(),
    )


def app(use: Services) -> Sanic:
    made = Sanic("media", configure_logging=False)
    media_routes.mount(made, lambda: use)
    return made


def path(url: str) -> str:
    return httpx.URL(url).path


def text_of(content: bytes) -> str:
    return str(pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text())


def assert_private(answer: httpx.Response) -> None:
    assert "no-store" in answer.headers["cache-control"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_qr_code_is_served(serve: Any) -> None:
    use = services()
    client = await serve(app(use))
    answer = await client.get(path(use.media_links.qr(PIX)))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'inline; filename="qrcode-pix.png"'
    assert answer.headers["content-length"] == str(len(answer.content))
    assert_private(answer)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert found.text == PIX


async def test_the_gateways_pdf_is_served_when_it_can_be_had(serve: Any) -> None:
    use = services(GATEWAY_PDF)
    client = await serve(app(use))
    answer = await client.get(path(use.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b"))))
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
async def test_otherwise_one_is_drawn(serve: Any, url: str | None, gives: bytes | None) -> None:
    use = services(gives)
    client = await serve(app(use))
    answer = await client.get(path(use.media_links.pdf(replace(SLIP, pdf_url=url))))
    assert answer.status_code == 200
    assert linha_digitavel.format(SLIP.linha_digitavel or "") in text_of(answer.content)
    assert isinstance(use.pdf_fetcher, Fetcher)
    assert use.pdf_fetcher.fetched == (1 if url else 0)


async def test_nothing_to_draw_is_said_to_be_temporary(serve: Any) -> None:
    use = services(None)
    client = await serve(app(use))
    slip = replace(SLIP, pdf_url="https://www.example.com/b", linha_digitavel=None, pix=None)
    answer = await client.get(path(use.media_links.pdf(slip)))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert_private(answer)


async def test_head_answers_as_get_without_the_body(serve: Any) -> None:
    use = services(GATEWAY_PDF)
    client = await serve(app(use))
    for url in (use.media_links.qr(PIX), use.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b"))):
        head, get = await client.head(path(url)), await client.get(path(url))
        assert head.status_code == 200
        assert head.content == b""
        for name in ("content-type", "content-length", "content-disposition", "cache-control"):
            assert head.headers[name] == get.headers[name]


async def test_forged_damaged_and_expired_links_get_one_answer(serve: Any) -> None:
    now = [NOW]
    use = services(clock=lambda: now[0])
    client = await serve(app(use))
    valid = path(use.media_links.qr(PIX))
    foreign = path(services().media_links.qr(PIX))
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
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted((k, v) for k, v in a.headers.items() if k != "connection")) for a in answers}) == 1
    assert "Peça a segunda via de novo" in answers[0].text
    assert_private(answers[0])


async def test_other_methods_are_refused(serve: Any) -> None:
    use = services()
    client = await serve(app(use))
    assert (await client.post(path(use.media_links.qr(PIX)))).status_code == 405


async def test_it_mounts_on_a_channels_blueprint(serve: Any) -> None:
    use = services(base="https://bot.example.com/webhooks/whatsapp")
    blueprint = Blueprint("whatsapp_webhook", "/webhooks/whatsapp")
    media_routes.mount(blueprint, lambda: use)
    made = Sanic("rasa", configure_logging=False)
    made.blueprint(blueprint)
    client = await serve(made)
    url = use.media_links.qr(PIX)
    assert path(url).startswith("/webhooks/whatsapp/media/")
    assert (await client.get(path(url))).status_code == 200


async def test_links_are_served_side_by_side(serve: Any) -> None:
    use = services(None)
    client = await serve(app(use))
    urls = [path(use.media_links.pdf(replace(SLIP, number=str(number)))) for number in range(4)]
    answers = await asyncio.gather(*(client.get(url) for url in urls))
    assert [a.headers["content-disposition"] for a in answers] == [
        f'inline; filename="boleto-{n}.pdf"' for n in range(4)
    ]


async def test_no_log_line_shows_a_link(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    make = logging.getLogRecordFactory()
    log_redaction.install()
    try:
        use = services(None)
        client = await serve(app(use))
        logging.getLogger("sanic.access").setLevel(logging.INFO)
        url = path(use.media_links.pdf(replace(SLIP, pdf_url="https://www.example.com/b")))
        with caplog.at_level(logging.DEBUG):
            await client.get(url)
            await client.get("/media/forged-but-long-enough")
        access = [record for record in caplog.records if record.name == "sanic.access"]
        assert len(access) == 2
        logged = "".join(str(record.__dict__) for record in caplog.records if record.name != "httpx")
        assert "/media/<token>" in logged
        for secret in (url.rsplit("/", 1)[1], "forged-but", PIX, SLIP.linha_digitavel or "", "Maria"):
            assert secret not in logged
    finally:
        logging.setLogRecordFactory(make)


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
