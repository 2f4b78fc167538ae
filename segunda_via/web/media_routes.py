"""`GET` and `HEAD /media/<token>`: the QR code or the PDF that an encrypted link stands for.

`mount` puts the route on a Sanic app or on a channel's blueprint. A link that is forged, damaged or expired gives one
uniform 404. The gateway's PDF is fetched and read when it is asked for; whenever that fails, the one drawn here is
served. Nothing is stored, and no answer may be cached or indexed.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from datetime import date
from typing import Protocol

from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, raw, text

from segunda_via.boletos import documents
from segunda_via.errors import LinkError, MediaError
from segunda_via.log_redaction import redact
from segunda_via.media import boleto_pdf, qr
from segunda_via.media.fetch import PdfFetcher
from segunda_via.media.gateway_pdf import PdfReader
from segunda_via.media.links import MediaLinks, QrLink
from segunda_via.media.slip import Slip

logger = logging.getLogger(__name__)

_HEADERS = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}
# Safari shows a sandboxed PDF as an empty page, and Chrome's viewer is an <embed> with a style of its own.
_PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_GONE = "Este link não existe ou já expirou. Peça a segunda via de novo na conversa.\n"
_UNAVAILABLE = "Não foi possível abrir este documento agora. Tente de novo em alguns minutos.\n"


class MediaServices(Protocol):
    """What the route needs of the composition root (`segunda_via.app.App`)."""

    @property
    def media_links(self) -> MediaLinks: ...

    @property
    def pdf_fetcher(self) -> PdfFetcher: ...

    @property
    def pdf_reader(self) -> PdfReader: ...

    @property
    def today(self) -> Callable[[], date]: ...


def mount(target: Sanic | Blueprint, services: Callable[[], MediaServices]) -> None:
    """Serve `/media/<token>` on `target`. `services` is asked at each request, so that nothing is built at import."""

    async def media(request: Request, token: str) -> HTTPResponse:
        use = services()
        try:
            link = use.media_links.open(token)
        except LinkError:
            return text(_GONE, status=404, headers=dict(_HEADERS))
        try:
            if isinstance(link, QrLink):
                return _file(await asyncio.to_thread(qr.render, link.pix), "image/png", "qrcode-pix.png")
            pdf = await _pdf(link.slip, use)
            return _file(pdf, "application/pdf", pdf_name(link.slip.number))
        except MediaError as error:
            logger.error("a media link could not be served: %s", error)
            return text(_UNAVAILABLE, status=503, headers={**_HEADERS, "Retry-After": "60"})

    target.add_route(media, "/media/<token:str>", methods=["GET", "HEAD"], name="segunda_via_media")


async def _pdf(slip: Slip, use: MediaServices) -> bytes:
    if slip.pdf_url:
        try:
            return await use.pdf_reader.checked(await use.pdf_fetcher.fetch(slip), slip)
        except MediaError as error:
            logger.warning("%s: the gateway's PDF is not served, one drawn here is: %s", slip.gateway, error)
    return await asyncio.to_thread(boleto_pdf.render, slip, use.today())


def _file(content: bytes, content_type: str, name: str) -> HTTPResponse:
    headers = {**_HEADERS, "Content-Disposition": f'inline; filename="{name}"', "Content-Length": str(len(content))}
    if content_type == "application/pdf":
        headers["Content-Security-Policy"] = _PDF_POLICY
    return raw(content, headers=headers, content_type=content_type)


def pdf_name(number: str) -> str:
    """The file name a customer sees: of the invoice's number, what is harmless in one, and never a document.

    >>> pdf_name("15924715"), pdf_name("../2026/7 é"), pdf_name("529.982.247-25")
    ('boleto-15924715.pdf', 'boleto-2026-7.pdf', 'boleto.pdf')
    """
    safe = re.sub(r"[^0-9A-Za-z]+", "-", number[:60]).strip("-")
    personal = documents.find(number) or redact(safe) != safe
    return f"boleto-{safe}.pdf" if safe and not personal else "boleto.pdf"
