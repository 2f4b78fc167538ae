"""`make demo`: the assistant on WhatsApp, with everything but WhatsApp itself being real, and a phone in the browser.

Starts the sandbox (its gateways, its Twilio and the phone page), the action server and the Rasa server with the
channel, each on a free port, has the simulated Twilio call that channel, and prints where the phone is. Ctrl-C, a kill
or a closed terminal ends everything. What it keeps stands in `var/demo/` (or `--data`), apart from what an operator
saved.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import http.client
import json
import os
import secrets
import sys
import time
from pathlib import Path

from scripts import endpoints
from scripts.playground import cast, environment, save_gateway
from scripts.processes import (
    RETRIES,
    ROOT,
    DidNotStart,
    Server,
    Servers,
    free_port,
    leave_on_signals,
    stop,
    tie_to_parent,
)
from scripts.progress import fail, say, step
from scripts.train import model_path
from segunda_via.storage import private_files

MODULE = [sys.executable, "-m"]


def twilio_settings(sandbox: Server, webhook: str) -> dict[str, str]:
    """The variables with which the channel speaks to the sandbox's Twilio."""
    twilio = sandbox.read("/health")["twilio"]
    return {
        "TWILIO_ACCOUNT_SID": twilio["sid"],
        "TWILIO_AUTH_TOKEN": twilio["token"],
        "TWILIO_WHATSAPP_NUMBER": twilio["number"],
        "TWILIO_WEBHOOK_URL": webhook,
        "TWILIO_API_URL": twilio["url"],
    }


def connect(sandbox: Server, told: dict[str, str]) -> None:
    """Have Twilio call the channel, as an operator does on the page of a sender."""
    sid, token = told["TWILIO_ACCOUNT_SID"], told["TWILIO_AUTH_TOKEN"]
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode(),
        "Content-Type": "application/json",
    }
    webhook = told["TWILIO_WEBHOOK_URL"]
    urls = {"callback_url": webhook, "status_callback_url": webhook.rsplit("/", 1)[0] + "/status"}
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/twilio/v2/Channels/Senders", headers=headers)
        sender = json.loads(connection.getresponse().read())["senders"][0]["sid"]
        body = json.dumps({"webhook": urls})
        connection.request("POST", f"/twilio/v2/Channels/Senders/{sender}", body, headers)
        if connection.getresponse().status != 202:
            raise DidNotStart("the sandbox did not take the address of the webhook")


def start(servers: Servers, gateway: str, told: dict[str, str], data: Path) -> tuple[Server, Server]:
    """Everything, up to a Twilio that calls the channel; the sandbox, and the action server."""
    command = [*MODULE, "sandbox", "--database", told["SEGUNDA_VIA_DATABASE_URL"], "--port"]
    with step("Starting the sandbox"):
        sandbox = servers.start_on_free_port("sandbox", 8085, lambda port: [*command, str(port)], told)
    save_gateway(told, sandbox, gateway)
    with step("Starting the action server and the Rasa server"):
        actions, told = start_product(servers, sandbox, told, data)
    connect(sandbox, told)
    return sandbox, actions


def start_product(servers: Servers, sandbox: Server, told: dict[str, str], data: Path) -> tuple[Server, dict[str, str]]:
    """Both servers, side by side: loading Rasa takes longest. On other ports when somebody takes one meanwhile."""
    tried: set[int] = set()
    while True:
        port, actions_port = free_port(5005, avoid=tried), free_port(5055, avoid=tried)
        webhook = f"http://127.0.0.1:{port}/webhooks/whatsapp/webhook"
        told = {**told, **twilio_settings(sandbox, webhook)}
        url, secret = f"http://127.0.0.1:{actions_port}/webhook", told["SEGUNDA_VIA_ACTION_SECRET"]
        config = endpoints.write(data / f"endpoints-{os.getpid()}.yml", url, secret, data / "tracker.db")
        command = [*MODULE, "rasa_sdk", "--actions", "actions", "--port", str(actions_port)]
        actions = servers.start("action server", command, actions_port, told)
        command = [*MODULE, "scripts.serve", "--model", str(model_path()), "--endpoints", str(config)]
        command += ["--interface", "127.0.0.1", "--port", str(port)]
        rasa = servers.start("rasa server", command, port, told)
        try:
            actions.wait()
            rasa.wait("/webhooks/whatsapp/", seconds=120)
        except DidNotStart:
            words = f"{actions.last_words(40)} {rasa.last_words(40)}".lower()
            if len(tried) >= 2 * RETRIES or "address already in use" not in words:
                raise
            tried |= {port, actions_port}
            stop([actions.process, rasa.process])
            servers.running = [server for server in servers.running if server not in (actions, rasa)]
        else:
            return actions, told


def first_access(told: dict[str, str], server: str) -> str | None:
    """The one-time link, while nobody has used it. The terminal is its owner's: here it may be shown."""
    from segunda_via.app import build
    from segunda_via.operators.first_access import PATH

    root = build(told)
    waits = root.first_access.prepare("default", server)
    link = f"{server}{PATH}{root.first_access.token('default')}" if waits else None
    asyncio.run(root.close())
    return link


def demo(gateway: str, data: Path) -> int:
    told = environment(data, secrets.token_urlsafe(32))
    data.mkdir(parents=True, exist_ok=True)
    try:
        with Servers() as servers:
            sandbox, actions = start(servers, gateway, told, data)
            say(f"\n{cast(sandbox)}\n")
            say(f"The phone is at  {sandbox.address}/phone/")
            say(f"Settings are at  {actions.address}/configuracoes")
            first = first_access(told, actions.address)
            if first:
                say(f"  the first time, open   {first}")
            say(f"  tokens to paste there  {sandbox.address}/tokens")
            say("Logs: var/log/. To leave: Ctrl-C")
            while True:
                for server in servers.running:
                    if server.process.poll() is not None:
                        raise DidNotStart(f"the {server.name} ended; its last lines:\n{server.last_words()}")
                time.sleep(0.3)
    finally:
        (data / f"endpoints-{os.getpid()}.yml").unlink(missing_ok=True)


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
