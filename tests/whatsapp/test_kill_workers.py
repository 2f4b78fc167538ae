"""kill -9, again and again, while deliveries are on their way: each message arrives once; tickets finish once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sandbox.server import RunningSandbox
from scripts.processes import ROOT
from segunda_via.app import App
from segunda_via.boletos.outcome import Outcome
from segunda_via.settings.environment import Environment
from segunda_via.whatsapp import replies

pytestmark = pytest.mark.slow

CUSTOMERS = [f"whatsapp:+55479999000{number:02}" for number in range(8)]
BUNDLE = ["dados", "pix", "linha", "adeus"]
KILLS = 4


def test_killed_at_any_moment(database_url: str, tmp_path: Path, running: RunningSandbox) -> None:
    running.reset()
    running.twilio.configure(None)
    account = running.twilio.account
    told = {
        "SEGUNDA_VIA_DATABASE_URL": database_url,
        "SEGUNDA_VIA_SECRET_KEY": Fernet.generate_key().decode(),
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.token,
        "TWILIO_WHATSAPP_NUMBER": account.number,
        "TWILIO_WEBHOOK_URL": "http://127.0.0.1:9/webhook",
        "TWILIO_API_URL": running.twilio_url,
        "HOME_OF_TEST": str(tmp_path),
    }
    app = App(Environment.read(told), home=tmp_path)
    for number, customer in enumerate(CUSTOMERS):
        conversation_id, turn = f"{account.number}:{customer}", f"SM{number:032x}"
        app.tickets.open("default", conversation_id)
        mark = app.ticket_completion.mark("default", conversation_id, turn, Outcome.OVERDUE, len(BUNDLE))
        with app.engine.begin() as connection:
            said = replace(replies.texts(BUNDLE, conversation_id), delivered=Outcome.OVERDUE)
            app.reply_writer.put(connection, "default", conversation_id, turn, said)
            mark(connection)
    running.order("latency", gateway="twilio", latency_ms=150)
    chance = random.Random(5)
    for round_ in range(KILLS + 1):
        worker = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "whatsapp" / "outbox_process.py")],
            env={**os.environ, **told, "PYTHONPATH": str(ROOT)},
        )
        try:
            started = account_size(running)
            limit = time.monotonic() + 60
            while account_size(running) == started and not finished(app) and time.monotonic() < limit:
                time.sleep(0.02)  # until it has begun to send
            if round_ < KILLS:
                time.sleep(chance.uniform(0, 0.4))
            while round_ == KILLS and not finished(app) and time.monotonic() < limit:
                time.sleep(0.1)
        finally:
            worker.kill()
            worker.wait()
    received = {c: [m.body for m in running.twilio.account.of(c) if not m.inbound] for c in CUSTOMERS}
    assert received == dict.fromkeys(CUSTOMERS, BUNDLE)
    tickets = app.journal.recent("default")
    assert [entry.status for entry in tickets] == ["finished"] * len(CUSTOMERS)
    for entry in tickets:
        assert sum(event == "finished" for _, event, _ in app.journal.events(entry.ticket)) == 1
    app.engine.dispose()


def account_size(running: RunningSandbox) -> int:
    return len(running.twilio.account.messages)


def finished(app: App) -> bool:
    return app.outbox.waiting()[0] == 0 and all(e.status == "finished" for e in app.journal.recent("default"))
