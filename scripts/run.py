"""`make run`: the public server, the Rasa server and the action server, with the gateway that was configured.

All listen on this machine alone, on free ports; `--host` and `--port` say where the public server does. The secret of
the action server is SEGUNDA_VIA_ACTION_SECRET when set, and made up for the run otherwise. What they print stands in
`var/log/`. When one of them ends, so do the others.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys

from scripts.processes import ROOT, DidNotStart, Servers, leave_on_signals, tie_to_parent
from scripts.product import Product, first_access
from scripts.progress import fail, say, step
from scripts.train import QUIET
from segunda_via.rasa_plugin import http_api
from segunda_via.storage import private_files


def run(host: str, port: int | None, rasa_arguments: list[str]) -> int:
    if http_api.is_open(rasa_arguments):
        fail(f"run: {http_api.OPEN}")
    secret = os.environ.get("SEGUNDA_VIA_ACTION_SECRET") or secrets.token_urlsafe(32)
    told = {**os.environ, **QUIET, "PYTHONUNBUFFERED": "1", "SEGUNDA_VIA_ACTION_SECRET": secret}
    config = ROOT / "var" / f"endpoints-{os.getpid()}.yml"
    product = Product(lambda _: told, config, rasa_arguments=rasa_arguments, host=host, port=port)
    try:
        with Servers() as servers:
            with step("Starting the servers"):
                _, rasa, public = product.start(servers)
            say(f"Settings are at  {public.address}/configuracoes")
            if first := first_access(told, public.address):
                say(f"  the first time, open the link in {first[1]}")
            if "--enable-api" in rasa_arguments:
                say(f"Rasa's API is at  {rasa.address}")
            say("Logs: var/log/. To leave: Ctrl-C")
            servers.watch()
    finally:
        config.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run", description="Run it all; other arguments go to `rasa run`.")
    parser.add_argument("--host", default="127.0.0.1", help="where the public server listens")
    parser.add_argument("--port", type=int, help="the public server's; by default 8000 or the next free one")
    arguments, rest = parser.parse_known_args()
    private_files.begin(ROOT / "var")
    leave_on_signals()
    tie_to_parent()
    try:
        return run(arguments.host, arguments.port, rest)
    except DidNotStart as error:
        fail(f"run: {error}")


if __name__ == "__main__":
    sys.exit(main())
