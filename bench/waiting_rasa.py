"""Rasa's turn channel without Rasa: a turn waits as long as its message says, and is answered once.

    python -m bench.waiting_rasa <port>
"""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def turn(request: Request) -> Response:
    if request.method == "GET":
        return JSONResponse({"model": "loaded"})
    said = (await request.json())["text"]
    await asyncio.sleep(float(said.split()[0]))
    return JSONResponse({"messages": [{"text": f"resposta a {said}"}]})


def main() -> None:
    app = Starlette(routes=[Route("/webhooks/segunda_via/turn", turn, methods=["GET", "POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), ws="none", log_config=None, lifespan="off")


if __name__ == "__main__":
    main()
