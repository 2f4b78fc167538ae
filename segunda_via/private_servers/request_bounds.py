"""Looks at each request of a Sanic server before its body is read: is the head sound, and may the body be that long?

Sanic 21.12 collects up to 100 MB before any middleware or handler runs, and `Content-Length: -1` sends it into a loop
that never ends, whatever the route. Its signals come earlier than both: what they raise is answered, and the
connection is closed. Rasa's server and the action server both get this; neither should face the internet all the same.
Remove when: no server on Sanic answers anybody but this machine's own processes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sanic import Blueprint, Sanic
from sanic.exceptions import InvalidUsage
from sanic.request import Request

KB = 1024
MB = 1024 * KB
CUSTOMERS = 64 * KB
"""Where customers' messages arrive; a message of WhatsApp, with all that Twilio says of it, is a tenth of that."""
CALLS = 16 * MB
"""A call of Rasa's carries the domain and the whole conversation: hundreds of KB, a few MB in a very long one."""

_LENGTH = re.compile(r"[0-9]{1,12}")


def install(target: Sanic | Blueprint, largest: Callable[[str], int]) -> None:
    """`largest(path)` is how many bytes a body may have at that route. On a blueprint it holds for the whole server."""

    @target.signal("http.lifecycle.request")
    async def head(request: Request, **_: Any) -> None:
        if not is_sound(request.headers.getall("content-length", []), request.headers.getall("transfer-encoding", [])):
            raise InvalidUsage("Bad Request")

    @target.signal("http.routing.after")
    async def body(request: Request, **_: Any) -> None:
        if request.stream is not None and request.route is not None:
            request.stream.request_max_size = largest(f"/{request.route.path.strip('/')}")


def is_sound(lengths: list[str], encodings: list[str]) -> bool:
    """Whether these headers say where the body ends, in one way only.

    >>> is_sound(["12"], []), is_sound([], ["chunked"]), is_sound([], [])
    (True, True, True)
    >>> is_sound(["-1"], []), is_sound(["1", "1"], []), is_sound(["1"], ["chunked"]), is_sound([], ["gzip"])
    (False, False, False, False)
    """
    if len(lengths) + len(encodings) > 1:
        return False
    return all(_LENGTH.fullmatch(each) for each in lengths) and all(each == "chunked" for each in encodings)
