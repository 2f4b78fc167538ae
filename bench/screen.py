"""The settings screen: how long a page takes, what it weighs, and whether the action webhook feels it.

The webhook is asked one call after another, first alone, then while three browsers turn pages as fast as people do.
"""

from __future__ import annotations

import re
import statistics
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from bench.training import ENVIRONMENT
from scripts.processes import Servers, free_port
from segunda_via.app import App
from segunda_via.settings.environment import Environment

PAGES = ("", "/integracao", "/testar", "/fila", "/flow", "/atendimento", "/whatsapp", "/historico")
CALLS, BROWSERS = 300, 3
NAME, PASSWORD = "bench", "cavalo bateria grampo"
_CALL = {"next_action": "validate_segunda_via_form", "tracker": {"sender_id": "bench", "slots": {}, "events": []}}


def measure(folder: Path) -> str:
    """The table, in milliseconds."""
    told = {
        "SEGUNDA_VIA_DATABASE_URL": f"sqlite:///{folder / 'screen.db'}",
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        "SEGUNDA_VIA_ACTION_SECRET": Fernet.generate_key().decode(),
    }
    app = App(Environment.read(told), home=folder)
    app.operators.add("default", NAME, PASSWORD, by="bench")
    clean = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
    with Servers(folder / "log") as servers:
        port = free_port(16055)
        command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
        server = servers.start("actions of the screen", command, port, {**clean, **told})
        server.wait()
        with closing(_browser(server.address)) as browser:
            weights = {path: len(browser.get(f"/configuracoes{path}").content) for path in PAGES}
            static = sum(
                len(browser.get(f"/configuracoes/static/{name}").content)
                for name in ("screen.css", "screen.js", "icon.svg")
            )
            render = {path: _median(lambda path=path: browser.get(f"/configuracoes{path}"), 20) for path in PAGES}
        headers = {"Authorization": f"Bearer {told['SEGUNDA_VIA_ACTION_SECRET']}"}
        with httpx.Client(base_url=server.address, headers=headers, trust_env=False) as rasa:
            alone = _calls(rasa)
            stop = threading.Event()
            threads = [threading.Thread(target=_browse, args=(server.address, stop)) for _ in range(BROWSERS)]
            for thread in threads:
                thread.start()
            busy = _calls(rasa)
            stop.set()
            for thread in threads:
                thread.join()
    slowest = max(render, key=lambda path: render[path])
    return "\n".join(
        (
            "| the settings screen | |",
            "|---|---|",
            f"| a page, median | {statistics.median(render.values()):.0f} ms |",
            f"| the slowest page (/configuracoes{slowest}) | {render[slowest]:.0f} ms |",
            f"| the heaviest page, with style, script and icon | {(max(weights.values()) + static) / 1000:.0f} kB |",
            f"| the action webhook alone, median / p95 | {alone[0]:.1f} / {alone[1]:.1f} ms |",
            f"| while {BROWSERS} browsers turn pages, median / p95 | {busy[0]:.1f} / {busy[1]:.1f} ms |",
        )
    )


def _browser(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, trust_env=False, timeout=30)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/configuracoes").text)
    assert token  # noqa: S101
    client.post("/configuracoes/entrar", data={"csrf": token[1], "nome": NAME, "senha": PASSWORD})
    return client


def _browse(address: str, stop: threading.Event) -> None:
    with closing(_browser(address)) as browser:
        while not stop.is_set():
            for path in PAGES:
                browser.get(f"/configuracoes{path}").raise_for_status()
                time.sleep(0.2)  # nobody turns pages faster


def _calls(rasa: httpx.Client) -> tuple[float, float]:
    taken = sorted(_timed(lambda: rasa.post("/webhook", json=_CALL).raise_for_status()) for _ in range(CALLS))
    return statistics.median(taken), taken[int(0.95 * len(taken))]


def _median(act: object, times: int) -> float:
    return statistics.median(_timed(act) for _ in range(times))


def _timed(act: object) -> float:
    began = time.perf_counter()
    act()  # type: ignore[operator]
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        print(measure(Path(place)))
