"""`make demo`: the assistant on WhatsApp, with everything but WhatsApp itself being real, and a phone in the browser.

Starts the sandbox (its gateways, its Twilio and the phone page) and the product's three servers, each on a free port,
has the simulated Twilio call the public one, and prints where the phone is. Ctrl-C, a kill or a closed terminal ends
everything. What it keeps stands in `var/demo/` (or `--data`), apart from what an operator saved.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.playground import cast, environment, save_gateway
from scripts.processes import ROOT, DidNotStart, Server, Servers, leave_on_signals, tie_to_parent
from scripts.product import Product, first_access
from scripts.progress import fail, say, step
from segunda_via.settings import public_address
from segunda_via.storage import private_files


def twilio_settings(sandbox: Server) -> dict[str, str]:
    """The variables with which one speaks to the sandbox's Twilio."""
    twilio = sandbox.read("/health")["twilio"]
    return {
        "TWILIO_ACCOUNT_SID": twilio["sid"],
        "TWILIO_AUTH_TOKEN": twilio["token"],
        "TWILIO_WHATSAPP_NUMBER": twilio["number"],
        "TWILIO_API_URL": twilio["url"],
    }


def connect(sandbox: Server, told: Mapping[str, str], public_url: str) -> None:
    """Have Twilio call that address, as an operator does on the page of a sender."""
    sid, token = told["TWILIO_ACCOUNT_SID"], told["TWILIO_AUTH_TOKEN"]
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode(),
        "Content-Type": "application/json",
    }
    urls = {
        "callback_url": public_url + public_address.WEBHOOK,
        "status_callback_url": public_url + public_address.STATUS,
    }
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/twilio/v2/Channels/Senders", headers=headers)
        sender = json.loads(connection.getresponse().read())["senders"][0]["sid"]
        body = json.dumps({"webhook": urls})
        connection.request("POST", f"/twilio/v2/Channels/Senders/{sender}", body, headers)
        if connection.getresponse().status != 202:
            raise DidNotStart("the sandbox did not take the address of the webhook")


def start(servers: Servers, gateway: str, told: dict[str, str], data: Path) -> tuple[Server, Server]:
    """Everything, up to a Twilio that calls the public server; the sandbox, and the public server."""
    command = [sys.executable, "-m", "sandbox", "--database", told["SEGUNDA_VIA_DATABASE_URL"], "--port"]
    with step("Starting the sandbox"):
        sandbox = servers.start_on_free_port("sandbox", 8085, lambda port: [*command, str(port)], told)
    save_gateway(told, sandbox, gateway)
    told = {**told, **twilio_settings(sandbox)}

    def settings(port: int) -> dict[str, str]:
        return {**told, "SEGUNDA_VIA_PUBLIC_URL": f"http://127.0.0.1:{port}"}

    with step("Starting the servers"):
        _, _, public = Product(settings, endpoints_file(data), data / "tracker.db").start(servers)
    connect(sandbox, told, public.address)
    return sandbox, public


def endpoints_file(data: Path) -> Path:
    return data / f"endpoints-{os.getpid()}.yml"


def demo(gateway: str, data: Path) -> int:
    told = environment(data, secrets.token_urlsafe(32))
    data.mkdir(parents=True, exist_ok=True)
    try:
        with Servers() as servers:
            sandbox, public = start(servers, gateway, told, data)
            say(f"\n{cast(sandbox)}\n")
            say(f"The phone is at  {sandbox.address}/phone/")
            say(f"Settings are at  {public.address}/configuracoes")
            if first := first_access(told, public.address):
                say(f"  the first time, open   {first[0]}")  # the terminal is its owner's: here it may be shown
            say(f"  tokens to paste there  {sandbox.address}/tokens")
            say("Logs: var/log/. To leave: Ctrl-C")
            servers.watch()
    finally:
        endpoints_file(data).unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="The assistant on a phone in the browser.")
    parser.add_argument("--gateway", default="asaas")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo", help="where this run keeps its database")
    arguments = parser.parse_args()
    private_files.begin(ROOT / "var")
    leave_on_signals()
    tie_to_parent()
    try:
        return demo(arguments.gateway, arguments.data.resolve())
    except DidNotStart as error:
        fail(f"demo: {error}")


if __name__ == "__main__":
    sys.exit(main())
