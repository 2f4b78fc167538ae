"""Fetches the media of a message as Twilio does, with its rules of type and size.

The type is the `Content-Type` of the answer, and the content must be what it says; images up to 5 MB, everything up to
16 MB. The name that a phone shows comes from `Content-Disposition`. Source: twilio.com/docs/whatsapp,
"guidance-whatsapp-media-messages", and the pages of the errors.
"""

from __future__ import annotations

from email.message import Message as Headers

import httpx

IMAGE_LIMIT = 5 * 1024 * 1024
LIMIT = 16 * 1024 * 1024
SECONDS = 15.0

_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = frozenset(
    {
        "image/jpeg", "image/png", "image/webp",
        "audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg", "audio/mp4", "video/mp4",
        "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
        f"{_OFFICE}.wordprocessingml.document", f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.presentationml.presentation", "text/vcard",
    }
)  # fmt: skip

_MAGIC = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF",
    "application/pdf": b"%PDF-",
    "audio/ogg": b"OggS",
}


class MediaRefused(Exception):
    """The message fails with that code of Twilio's."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


async def fetch(client: httpx.AsyncClient, url: str) -> tuple[str, bytes, str | None]:
    """Content type, content and file name; MediaRefused when Twilio would not send it."""
    try:
        async with client.stream("GET", url, timeout=SECONDS, follow_redirects=True) as answer:
            if answer.status_code != 200:
                raise MediaRefused(63019)
            content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if content_type not in TYPES:
                raise MediaRefused(63021)
            content = await _within_limit(answer, IMAGE_LIMIT if content_type.startswith("image/") else LIMIT)
            name = file_name(answer.headers.get("content-disposition", ""))
    except httpx.HTTPError:
        raise MediaRefused(63019) from None
    if not content:
        raise MediaRefused(63019)
    if not content.startswith(_MAGIC.get(content_type, b"")):
        raise MediaRefused(63021)
    return content_type, content, name


async def _within_limit(answer: httpx.Response, limit: int) -> bytes:
    content = b""
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > limit:
            raise MediaRefused(11751)
    return content


def file_name(disposition: str) -> str | None:
    """The name in a `Content-Disposition`.

    >>> file_name('inline; filename="boleto-123.pdf"'), file_name("inline"), file_name("")
    ('boleto-123.pdf', None, None)
    """
    headers = Headers()
    headers["Content-Disposition"] = disposition
    return headers.get_filename()
