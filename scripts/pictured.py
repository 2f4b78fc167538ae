"""The company in the pictures of the operator's guide: made up, saved and lived through by the code itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from segunda_via.app import App
from segunda_via.boletos.checks import Payee
from segunda_via.boletos.outcome import Outcome
from segunda_via.conversation import attendance_setting, queue_setting
from segunda_via.conversation.attendance_setting import ATTENDANCE_SETTING
from segunda_via.conversation.business_hours import BusinessHours
from segunda_via.conversation.menu import Menu, Option
from segunda_via.conversation.menu_setting import MENU_SETTING
from segunda_via.conversation.queue_setting import QUEUE_SETTING
from segunda_via.intents.phrase_labels import WRITTEN, phrase_labels
from segunda_via.intents.training_effect import Change, Moved, TrainingEffect, Understood
from segunda_via.intents.training_service import trainings
from segunda_via.metrics.event import MetricEvent
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.operations.health_watch import HealthWatch
from segunda_via.settings import gateway as saved_gateway
from segunda_via.settings import whatsapp
from segunda_via.settings.whatsapp import WHATSAPP_SETTING

COMPANY, NAME = "default", "maria"


def live(app: App, simulated: Mapping[str, Any]) -> None:
    """What a company has saved and lived through after some weeks. `simulated` is the sandbox's /health."""
    at, store = app.now(), app.settings
    seen, told = Payee(**simulated["payees"]["asaas"]), simulated["gateways"]["asaas"]
    saved_gateway.save(store, COMPANY, "asaas", told, seen, by=NAME, at=at)
    QUEUE_SETTING.save(store, COMPANY, queue_setting.QueueSettings(), by=NAME, at=at)
    options = (
        Option("Horário de atendimento", text="De segunda a sexta, das 8h às 18h."),
        Option("Sem internet", queue="Suporte técnico"),
    )
    MENU_SETTING.save(store, COMPANY, Menu(options), by=NAME, at=at)
    morning, afternoon = ("08:00", "12:00"), ("13:00", "18:00")
    day = tuple((attendance_setting.parsed(a), attendance_setting.parsed(b)) for a, b in (morning, afternoon))
    hours = BusinessHours(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), day), True, "SC")
    queues = {"suporte_tecnico": "Suporte técnico", "negociar_divida": "Cobrança"}
    ATTENDANCE_SETTING.save(store, COMPANY, attendance_setting.AttendanceSettings(queues, hours), by=NAME, at=at)
    twilio = simulated["twilio"]
    number = whatsapp.checked(
        {
            "account_sid": twilio["sid"],
            "auth_token": twilio["token"],
            "number": "+55 47 99999-0001",
            "public_url": "https://bot.suaempresa.com.br",
        }
    )
    WHATSAPP_SETTING.save(store, COMPANY, number, by=NAME, at=at)
    for days in range(30):
        live_a_day(app, days)
    for text in ("me manda o torpedo", "manda o torpedo ai", "quero o torpedo", "qual o dia da coleta"):
        app.misunderstood_store.note(COMPANY, text)
    teach(app)
    with ThreadPoolExecutor(1) as apart:  # whoever takes pictures has a loop in this thread
        apart.submit(asyncio.run, HealthWatch(lambda: app).look()).result()


def live_a_day(app: App, days: int) -> None:
    """What a day brings: more on working days, and now and then a person is needed."""
    draw = random.Random(days)  # noqa: S311  no secret
    today = app.now() - timedelta(days=days)
    moment = today
    flow = MetricsRecorder(app.engine, app.keys, lambda: moment)
    for number in range(draw.randint(6, 9) if today.weekday() > 4 else draw.randint(16, 26)):
        who = f"whatsapp:+55479{days:04}{number:04}"
        moment = today - timedelta(minutes=7 * number)
        flow.record(MetricEvent.ASKED, COMPANY, who)
        if draw.random() < 0.05:
            flow.record(MetricEvent.ABANDONED, COMPANY, who)
            continue
        flow.record(MetricEvent.DOCUMENT_GIVEN, COMPANY, who)
        if draw.random() < 0.17:
            reason = draw.choice(["falar_com_atendente"] * 4 + ["suporte_tecnico"] * 2 + ["payee_bank", "unpayable"])
            flow.record(MetricEvent.HANDED_OVER, COMPANY, who, reason=reason)
            continue
        flow.record(MetricEvent.FOUND, COMPANY, who)
        amount = Decimal(draw.randint(60, 320)) + Decimal("0.90")
        took = int(1000 * draw.lognormvariate(0.5, 0.4))
        which = draw.choice([Outcome.OVERDUE, Outcome.OVERDUE, Outcome.NEXT_DUE])
        paid = {"gateway": "asaas", "amount": amount, "document": "52998224725", "outcome": which.value}
        flow.record(MetricEvent.DELIVERED, COMPANY, who, duration_ms=took, **paid)
        flow.record(MetricEvent.FINISHED, COMPANY, who)


def teach(app: App) -> None:
    """A phrase that was taught and trained, as the page tells of it; the examples themselves are left alone."""
    phrase, intent = "me vê o trem de pagar", "pedir_segunda_via"
    change = Change(phrase, intent, Understood("outro_assunto", 0.34), Understood(intent, 0.96))
    effect = TrainingEffect([change], [Moved("manda o trem aí", intent, "outro_assunto", intent)], 663)
    taught = {"company": COMPANY, "said": "0" * 64, "state": WRITTEN, "phrase": phrase, "intent": intent}
    with app.engine.begin() as connection:
        at = {"taught_at": app.now(), "taught_by": NAME, "trained_at": app.now()}
        connection.execute(sa.insert(phrase_labels).values(**taught, **at))
        told = {"company": COMPANY, "trained_at": app.now(), "trained_by": NAME, "effect": effect.to_json()}
        connection.execute(sa.insert(trainings).values(told))
