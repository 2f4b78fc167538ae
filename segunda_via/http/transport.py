"""httpx's transport, of which every failure is one of httpx's own."""

from __future__ import annotations

import httpx


class HttpTransport(httpx.AsyncHTTPTransport):
    """On uvloop, a connection that the other side closes at once ends in an AttributeError.

    anyio asks the socket for its peer, and uvloop holds no socket any more. For who calls it is a failed connection.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except AttributeError as error:
            raise httpx.ConnectError("closed as soon as it was opened", request=request) from error
