"""The tables that hold something of customers."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from segunda_via.delivery.late_delivery import late_deliveries
from segunda_via.delivery.next_invoice import offers
from segunda_via.intents.misunderstood_store import SPAN, not_understood
from segunda_via.job_queue.job import WAITING, jobs
from segunda_via.metrics.recorder import metric_events
from segunda_via.privacy.expiry import (
    DAY,
    EXECUTION,
    HASHED,
    INTEREST,
    NOBODY,
    OPERATORS,
    RETENTION,
    SEALED,
    WEEK,
    Expiry,
    Stored,
)
from segunda_via.storage import database
from segunda_via.tickets.human_takeover import takeovers
from segunda_via.whatsapp.sent_messages import sent_messages, statuses
from segunda_via.whatsapp.shown_choices import shown_choices
from segunda_via.whatsapp.ticket_completion import completions


def _ended(queues: tuple[str, ...], after: timedelta, words: str) -> Expiry:
    return Expiry(jobs.c.ended_at, after, words, sa.and_(jobs.c.state != WAITING, jobs.c.queue.in_(queues)))


CUSTOMER_DATA = (
    Stored(
        database.tickets,
        "atendimentos: conversa, situação, motivo e o número, o vencimento e o valor da fatura enviada",
        f"saber o que foi entregue e o que espera por uma pessoa; {EXECUTION}",
        f"conversa, resumo e fatura {SEALED}s, achados por {HASHED}; situação e motivo em claro",
        OPERATORS,
        (Expiry(database.tickets.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        database.ticket_events,
        "o que aconteceu com cada atendimento, e quando",
        f"responder por um atendimento; {EXECUTION}",
        f"o atendimento por {HASHED}; o acontecimento em claro",
        OPERATORS,
        (Expiry(database.ticket_events.c.occurred_at, RETENTION, "{span} depois de acontecer"),),
    ),
    Stored(
        takeovers,
        "conversas que estão com uma pessoa, em que o assistente se cala",
        f"não falar por cima de quem atende; {EXECUTION}",
        f"{SEALED}, achado por {HASHED}",
        OPERATORS,
        (Expiry(takeovers.c.until, DAY, "{span} depois do fim do silêncio"),),
    ),
    Stored(
        jobs,
        "filas: mensagens recebidas e a enviar, avisos à plataforma de atendimento, perguntas sem resposta",
        f"responder uma vez, na ordem, mesmo que algo caia; {EXECUTION}",
        f"conteúdo e conversa {SEALED}s, achados por {HASHED}",
        NOBODY,
        (
            Expiry(jobs.c.ended_at, DAY, "o conteúdo, {span} depois de tratado", blanks=jobs.c.payload),
            _ended(("desk", "timers"), WEEK, "a linha de um aviso ou pergunta, {span}"),
            _ended(("inbox", "whatsapp"), RETENTION, "a linha de uma mensagem, {span}"),
            Expiry(jobs.c.due_at, RETENTION, "o que nunca pôde ser tratado, {span} depois da sua hora"),
        ),
    ),
    Stored(
        shown_choices,
        "os botões que o cliente viu por último",
        f"entender a resposta a um botão; {EXECUTION}",
        f"conteúdo e conversa {SEALED}s, achados por {HASHED}",
        NOBODY,
        (Expiry(shown_choices.c.shown_at, RETENTION, "{span} depois de mostrados"),),
    ),
    Stored(
        sent_messages,
        "cada mensagem no provedor do WhatsApp: o código dela e se foi aceita",
        f"saber se a entrega chegou; {EXECUTION}",
        "em claro; só códigos",
        NOBODY,
        (Expiry(sent_messages.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        statuses,
        "o que o provedor disse de cada mensagem, pelo código dela",
        f"saber se a entrega chegou; {EXECUTION}",
        "em claro; só códigos",
        NOBODY,
        (Expiry(statuses.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        completions,
        "entregas que esperam pelo aceite da última mensagem",
        f"não encerrar o que não chegou; {EXECUTION}",
        f"conversa e atendimento {SEALED}s, achados por {HASHED}; situação em claro",
        NOBODY,
        (Expiry(completions.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        offers,
        "o documento de quem pode pedir a próxima fatura, e quais já recebeu",
        f"enviar a próxima com um “sim”; {EXECUTION}",
        f"documento cifrado; conversa como {HASHED}",
        NOBODY,
        (Expiry(offers.c.expires_at, timedelta(0), "10 minutos depois da oferta, ou ao ser usada"),),
    ),
    Stored(
        late_deliveries,
        "o documento de quem espera pela segunda via, porque o gateway não pôde ser consultado",
        f"enviá-la sozinho quando ele voltar; {EXECUTION}",
        f"conversa e documento {SEALED}s, achados por {HASHED}; situação em claro",
        NOBODY,
        (
            Expiry(
                late_deliveries.c.promised_at,
                WEEK,
                "até ser enviada, cancelada ou passada a uma pessoa; no máximo {span} depois de prometida",
            ),
        ),
    ),
    Stored(
        database.lookups,
        "quem consultou qual documento hoje, operadores também",
        f"limitar quem testa documentos alheios; {INTEREST}",
        HASHED,
        NOBODY,
        (Expiry(database.lookups.c.day, timedelta(0), "até o fim do dia"),),
    ),
    Stored(
        database.receivers,
        "quem já recebeu a fatura de qual documento, e desde quando",
        f"que estranhos não tirem a fatura de quem já a recebia; {INTEREST}",
        HASHED,
        NOBODY,
        (Expiry(database.receivers.c.last, RETENTION, "{span} depois da última fatura"),),
    ),
    Stored(
        metric_events,
        "os passos de cada conversa: quando, resultado, valor, documento mascarado",
        f"medir se o atendimento funciona; {INTEREST}",
        f"conversa como {HASHED}; documento mascarado",
        OPERATORS,
        (
            Expiry(
                metric_events.c.occurred_at,
                RETENTION,
                "{span} depois de acontecer, por dias inteiros",
                whole_days=True,
            ),
        ),
    ),
    Stored(
        not_understood,
        "mensagens que não foram entendidas, sem quem as escreveu",
        f"ensinar o assistente; {INTEREST}",
        "mascarado e cifrado",
        OPERATORS,
        (Expiry(not_understood.c.said_at, SPAN, "{span} depois de dita"),),
    ),
)
