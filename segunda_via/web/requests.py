"""What the screen reads of a request: its cookies by name, and the posted form."""

from __future__ import annotations

from sanic.request import Request

from segunda_via.web.page import Form

SESSION, NOTICE, VISITOR, DEVICE = "sv_sessao", "sv_aviso", "sv_visita", "sv_aparelho"
LONGEST_FORM = 256 * 1024
"""Bytes."""


class FormTooLong(Exception):
    """More was posted than a form of the screen holds."""


async def read_form(request: Request) -> Form:
    """What was posted, as a form. Anything that is not a form is an empty one."""
    body = b""
    while request.method == "POST" and request.stream is not None:
        chunk = await request.stream.read()
        if chunk is None:
            break
        body += chunk
        if len(body) > LONGEST_FORM:
            raise FormTooLong
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return Form("")
    try:
        return Form(body.decode())
    except ValueError:
        return Form("")
