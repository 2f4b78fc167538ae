"""`GET` and `HEAD /media/<token>`: the QR code or the PDF that an encrypted link stands for.

A link that is forged, damaged or expired gives one uniform 404. The gateway's PDF is fetched and read when it is asked
for; whenever that fails, the one drawn here is served. Nothing is stored, and no answer may be cached or indexed.
"""

from __future__ import annotations

import asyncio
import logging
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from segunda_via.app import App
from segunda_via.boletos import documents
from segunda_via.errors import LinkError, MediaError
from segunda_via.log_redaction import redact
from segunda_via.media import boleto_pdf, qr
from segunda_via.media.links import QrLink
from segunda_via.media.slip import Slip

logger = logging.getLogger(__name__)

OLDER = "/webhooks/whatsapp/media/{token:path}"
"""Where links led before, and where they lead when a proxy has the webhook at a path of its own."""

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


def routes(app: App) -> list[Route]:
    """Whatever stands below `/media/` and opens nothing gets the same 404."""

    async def media(request: Request) -> Response:
        try:
            link = app.media_links.open(request.path_params["token"])
        except LinkError:
            return PlainTextResponse(_GONE, 404, _HEADERS)
        try:
            if isinstance(link, QrLink):
                return _file(await asyncio.to_thread(qr.render, link.pix), "image/png", "qrcode-pix.png")
            pdf = await _pdf(link.slip, app)
            return _file(pdf, "application/pdf", pdf_name(link.slip.number))
        except MediaError as error:
            logger.error("a media link could not be served: %s", error)
            return PlainTextResponse(_UNAVAILABLE, 503, {**_HEADERS, "Retry-After": "60"})

    names = {"media": "/media/{token:path}", "older_media": OLDER}
    return [Route(path, media, methods=["GET", "HEAD"], name=name) for name, path in names.items()]


async def _pdf(slip: Slip, app: App) -> bytes:
    if slip.pdf_url:
        try:
            return await app.pdf_reader.checked(await app.pdf_fetcher.fetch(slip), slip)
        except MediaError as error:
            logger.warning("%s: the gateway's PDF is not served, one drawn here is: %s", slip.gateway, error)
    return await asyncio.to_thread(boleto_pdf.render, slip, app.today())


def _file(content: bytes, content_type: str, name: str) -> Response:
    headers = {**_HEADERS, "Content-Disposition": f'inline; filename="{name}"'}
    if content_type == "application/pdf":
        headers["Content-Security-Policy"] = _PDF_POLICY
    return Response(content, headers=headers, media_type=content_type)


def pdf_name(number: str) -> str:
    """The file name a customer sees: of the invoice's number, what is harmless in one, and never a document.

    >>> pdf_name("15924715"), pdf_name("../2026/7 é"), pdf_name("529.982.247-25")
    ('boleto-15924715.pdf', 'boleto-2026-7.pdf', 'boleto.pdf')
    """
    safe = re.sub(r"[^0-9A-Za-z]+", "-", number[:60]).strip("-")
    personal = documents.find(number) or redact(safe) != safe
    return f"boleto-{safe}.pdf" if safe and not personal else "boleto.pdf"
