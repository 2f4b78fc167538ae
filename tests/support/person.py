"""A customer who talked on WhatsApp, and what this leaves behind, in every table and in Rasa's conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from segunda_via.app import App
from segunda_via.boletos.documents import parse
from segunda_via.boletos.outcome import Outcome
from segunda_via.metrics.event import MetricEvent
from segunda_via.settings.environment import Environment
from segunda_via.storage import endpoints_file
from segunda_via.tickets.ticket import InvoiceSent
from segunda_via.whatsapp.buttons import ButtonChoice
from segunda_via.whatsapp.inbound import Inbound
from segunda_via.whatsapp.replies import Replies
from segunda_via.whatsapp.sent_messages import SentMessage
from support.databases import migrated_sqlite

COMPANY = "default"
NUMBER = "whatsapp:+14155238886"
"""The company's."""


@dataclass(frozen=True)
class Person:
    """`phone` as WhatsApp has it, `document` compact."""

    phone: str = "+5547999990001"
    document: str = "52998224725"
    name: str = "Joaquina Xavier"
    number: str = NUMBER

    @property
    def conversation(self) -> str:
        return f"{self.number}:whatsapp:{self.phone}"

    @property
    def sid(self) -> str:
        """Their message's, as the provider of WhatsApp calls it."""
        return f"SM{self.phone.lstrip('+'):0>32}"

    @property
    def traces(self) -> tuple[bytes, ...]:
        """What none of may stand in any file: document, phone and name."""
        return self.document.encode(), self.phone.encode(), self.name.encode()


def new_app(folder: Path, now: Callable[[], datetime], database_url: str | None = None) -> App:
    """An App whose Rasa keeps its conversations in `folder`, which must be the working directory."""
    store = f"tracker_store:\n  type: {endpoints_file.ENCRYPTED}\n  dialect: sqlite\n  db: {folder / 'tracker.db'}\n"
    (folder / "endpoints.yml").write_text(store, "utf-8")
    (folder / "tracker.db").touch()
    environment = Environment(database_url=database_url or migrated_sqlite(folder))
    app = App(environment, today=lambda: now().date(), now=now, home=folder)
    url = endpoints_file.tracker_store().url
    assert url is not None
    endpoints_file.conversation_events.connect(url, app.keys).engine.dispose()
    return app


def talks(app: App, person: Person, *, ends: bool = True) -> None:
    """They wrote, gave their document and were sent an invoice; then a person took over, who is done if it `ends`."""
    who, sid = person.conversation, f"{person.sid}{person.number[-4:]}"
    written = Inbound(sid, f"whatsapp:{person.phone}", person.number, "text", f"meu cpf é {person.document}",
                      profile_name=person.name)  # fmt: skip
    app.inbox.put(who, sid, "message", written.as_payload())
    app.timer_queue.put(who, f"timer {sid}", "inactive", {"intent": "EXTERNAL_inactive"})
    _is_answered(app, person, sid)
    desk_id = f"desk {len(person.name)} {person.number[-4:]}"
    app.tickets.open(COMPANY, who, desk_id)
    app.tickets.delivers(COMPANY, who, InvoiceSent("15924715", date(2026, 12, 10), Decimal("189.90")))
    app.tickets.hand_over(COMPANY, who, "falar_com_atendente", f"CPF {person.document}", desk_id)
    app.desk_queue.put(desk_id, f"event {sid}", "handed_over", {"summary": person.name})
    if ends:
        _is_over(app)
        app.tickets.returned(COMPANY, who)
    app.metrics.record(MetricEvent.DOCUMENT_GIVEN, COMPANY, who, document=person.document)
    app.next_invoice_offers.make(COMPANY, who, person.document, ["1"])
    app.late_deliveries.promise(COMPANY, who, person.document, Outcome.GATEWAY_UNAVAILABLE, message_id=sid)
    assert app.lookup_limits.admit(COMPANY, who, parse(person.document), app.today())
    app.misunderstood_store.note(COMPANY, f"blablabla {person.document} {person.phone}")
    _is_in_rasa(app, person, sid)


def _is_answered(app: App, person: Person, sid: str) -> None:
    who = person.conversation
    text = {"kind": "text", "from": person.number, "to": person.phone, "body": f"Fatura de {person.document}"}
    mark = app.ticket_completion.mark(COMPANY, who, sid, Outcome.OVERDUE, 1)
    with app.engine.begin() as connection:
        said = Replies([text], [ButtonChoice("Sim", person.document)])
        app.reply_writer.put(connection, COMPANY, who, sid, said)
        mark(connection)
        app.sent_messages.tell(connection, [(f"{sid} out", "delivered", None)])
    app.sent_messages.accepted(SentMessage(f"{sid}:0", COMPANY, sid, 0, "text", None, 0, None), f"{sid} out")


def _is_over(app: App) -> None:
    for queue in (app.inbox, app.outbox, app.timer_queue, app.desk_queue):
        for entry in queue.take("test", limit=100):
            assert queue.done(entry)


def _is_in_rasa(app: App, person: Person, sid: str) -> None:
    at = app.now().timestamp()
    metadata = {"profile_name": person.name, "wa_id": person.phone.lstrip("+")}
    events = [
        {"event": "session_started", "timestamp": at},
        {"event": "user", "timestamp": at, "text": f"meu cpf é {person.document}", "message_id": sid,
         "metadata": metadata},
        {"event": "slot", "timestamp": at, "name": "segunda_via_document", "value": person.document},
        {"event": "bot", "timestamp": at, "text": "Fatura 15924715", "data": {}},
    ]  # fmt: skip
    with endpoints_file.conversations(app.keys) as kept:
        assert kept is not None
        kept.append(person.conversation, events)
