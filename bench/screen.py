"""The settings screen: how long a page takes, what it weighs, and whether Twilio's calls feel it.

Signed in as an operator, on a real public server with a fresh SQLite database. What became of a message is told to it
one call after another, first alone, then while browsers turn pages faster than people do, and alone again.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from bench.training import ENVIRONMENT
from scripts.processes import Servers, public_server
from segunda_via.app import App
from segunda_via.settings.environment import Environment
from segunda_via.settings.whatsapp import WhatsAppNumber
from segunda_via.web.pages import PAGES
from segunda_via.web.static_files import FOLDER
from segunda_via.whatsapp import twilio_signature

ROUNDS, CALLS, BROWSERS, PAUSE = 20, 300, 3, 0.2
LIMIT = 150_000
"""What a page may weigh, in bytes."""
NAME, PASSWORD = "bench", "cavalo bateria grampo"
_TOLD = {"MessageSid": "SM" + "0f" * 16, "MessageStatus": "delivered"}
_NUMBER = {
    "TWILIO_ACCOUNT_SID": "AC" + "0f" * 16,
    "TWILIO_AUTH_TOKEN": "token-of-nobody-at-all",
    "TWILIO_WHATSAPP_NUMBER": "+5547999990001",
    "TWILIO_WEBHOOK_URL": "https://bot.example.com/webhooks/whatsapp/webhook",
    "TWILIO_API_URL": "http://127.0.0.1:9",  # nobody is asked
}


@dataclass(frozen=True)
class Pages:
    """Of each page, milliseconds, and bytes with style, scripts and icon; milliseconds of each of Twilio's calls."""

    render: dict[str, float]
    weight: dict[str, int]
    alone: list[float]
    browsed: list[float]


def measure(folder: Path) -> Pages:
    told = {
        "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'screen.db'}",
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        **_NUMBER,
    }
    app = App(Environment.read(told), home=folder)
    app.operators.add("default", NAME, PASSWORD, by="bench")
    clean = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    number = app.whatsapp("default")
    with Servers(folder / "log") as servers:
        server = servers.start_on_free_port(
            "server of the screen", 18000, public_server, {**clean, **told}, path="/configuracoes"
        )
        with closing(_browser(server.address)) as browser:
            files = [f"/configuracoes/static/{file.name}" for file in FOLDER.iterdir()]
            static = sum(len(browser.get(file).content) for file in files)
            weight = {page.title: static + len(browser.get(page.url).content) for page in PAGES}
            render = {page.title: _median(lambda url=page.url: browser.get(url), ROUNDS) for page in PAGES}
        with closing(_twilio(server.address, number)) as twilio:
            before = _calls(twilio)
            stop = threading.Event()
            threads = [threading.Thread(target=_browse, args=(server.address, stop)) for _ in range(BROWSERS)]
            for thread in threads:
                thread.start()
            browsed = _calls(twilio)
            stop.set()
            for thread in threads:
                thread.join()
            return Pages(render, weight, before + _calls(twilio), browsed)


def rows(pages: Pages) -> list[list[str]]:
    slowest, heaviest = max(pages.render, key=pages.render.__getitem__), max(pages.weight, key=pages.weight.__getitem__)
    return [
        ["", "figure"],
        ["a page, rendered and sent: median of all", f"{statistics.median(pages.render.values()):.0f} ms"],
        [f"the slowest page ({slowest})", f"{pages.render[slowest]:.0f} ms"],
        [f"the heaviest page ({heaviest}), with style, scripts and icon", f"{pages.weight[heaviest] / 1000:.0f} kB"],
        ["a call of Twilio's, p50 / p95", _percentiles(pages.alone)],
        [f"the same while {BROWSERS} browsers turn pages, p50 / p95", _percentiles(pages.browsed)],
    ]


def _percentiles(taken: list[float]) -> str:
    return f"{statistics.median(taken):.1f} / {statistics.quantiles(taken, n=20)[-1]:.1f} ms"


def _browser(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, trust_env=False, timeout=30)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/configuracoes").text)
    assert token  # noqa: S101
    client.post("/configuracoes/entrar", data={"csrf": token[1], "nome": NAME, "senha": PASSWORD})
    return client


def _browse(address: str, stop: threading.Event) -> None:
    with closing(_browser(address)) as browser:
        while not stop.is_set():
            for page in PAGES:
                browser.get(page.url).raise_for_status()
                if stop.wait(PAUSE):
                    return


def _twilio(address: str, number: WhatsAppNumber | None) -> httpx.Client:
    """It signs what `_calls` posts."""
    assert number  # noqa: S101
    signature = twilio_signature.sign(number.auth_token, number.status_url, _TOLD.items())
    return httpx.Client(base_url=address, headers={"X-Twilio-Signature": signature}, trust_env=False)


def _calls(twilio: httpx.Client) -> list[float]:
    path = "/webhooks/whatsapp/status"
    return [_timed(lambda: twilio.post(path, data=_TOLD).raise_for_status()) for _ in range(CALLS)]


def _median(act: Callable[[], object], times: int) -> float:
    return statistics.median(_timed(act) for _ in range(times))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)
