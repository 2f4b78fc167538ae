"""A server that is started anew on a socket that stays open refuses nobody, with a new secret key as well."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest
from support.databases import migrated_sqlite

from segunda_via.app import App
from segunda_via.errors import ConfigurationError
from segunda_via.settings import gateway as saving
from segunda_via.settings.environment import Environment
from segunda_via.storage import key_lock

pytestmark = pytest.mark.slow

COMMAND = str(Path(sys.executable).with_name("segunda-via"))
NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
AS_SYSTEMD = 'import os, sys; os.environ["LISTEN_PID"] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])'


class Installation:
    def __init__(self, folder: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEGUNDA_VIA_", "TWILIO_"))}
        self.folder, self.told = folder, {**kept, "SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(folder)}
        (folder / "endpoints.yml").write_text("tracker_store: {type: SQL, db: tracker.db}\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments], cwd=self.folder, env=self.told, capture_output=True, text=True, check=False
        )

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """`segunda-via serve` as systemd starts it: the socket is its descriptor 3."""

        def third() -> None:
            os.dup2(listener.fileno(), 3)

        process = subprocess.Popen(
            [sys.executable, "-c", AS_SYSTEMD, COMMAND, "serve"],
            cwd=self.folder,
            env={**self.told, "LISTEN_FDS": "1"},
            pass_fds=(3,),
            preexec_fn=third,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def test_a_new_key_while_customers_write_refuses_nobody(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    app = App(Environment.read({"SEGUNDA_VIA_DATABASE_URL": migrated_sqlite(tmp_path)}), home=tmp_path / "var")
    saving.save(app.settings, "default", "asaas", {"token": "$aact_prod_000000001234"}, None, by="maria", at=NOON)
    statuses: list[int] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/configuracoes"

        def ask() -> None:
            statuses.append(httpx.get(url, timeout=60, trust_env=False, follow_redirects=True).status_code)

        with installation.serving(listener):
            ask()
            refused = installation.run("settings", "rotate-key", "--stopped")
            assert refused.returncode == 1
            assert "está no ar" in refused.stderr
        waiting = threading.Thread(target=ask)
        waiting.start()
        rotated = installation.run("settings", "rotate-key", "--stopped")
        assert rotated.returncode == 0, rotated.stderr
        with installation.serving(listener):
            waiting.join(60)
            ask()
    assert statuses == [200, 200, 200]
    shown = installation.run("settings", "show")
    assert "…1234" in shown.stdout


def test_who_starts_while_the_key_is_changed_waits_for_the_new_one(tmp_path: Path) -> None:
    started = threading.Event()

    def start() -> None:
        key_lock.hold(tmp_path)
        started.set()

    with key_lock.alone(tmp_path):
        thread = threading.Thread(target=start)
        thread.start()
        assert not started.wait(0.3)
    thread.join(10)
    assert started.is_set()
    with pytest.raises(ConfigurationError, match="está no ar"), key_lock.alone(tmp_path):
        pass
