"""Everything that is stored: what it holds, why, in what form, who sees it, and how long it is kept.

The one list of it. `retention.py` erases by it, `docs/lgpd.md` shows it, and a test fails for a table that it
lacks. Its words are Portuguese, since that page is for the company and its customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from segunda_via.conversation.response_store import text_versions
from segunda_via.delivery.next_invoice import offers
from segunda_via.http.api_session_store import gateway_sessions
from segunda_via.intents.misunderstood_store import SPAN, not_understood
from segunda_via.intents.phrase_labels import lessons
from segunda_via.intents.training_service import trainings
from segunda_via.job_queue.job import WAITING, jobs
from segunda_via.metrics.days import flow_days
from segunda_via.metrics.recorder import flow_events
from segunda_via.operators.first_access import first_access
from segunda_via.operators.sessions import LIFETIME
from segunda_via.operators.tables import operator_sessions, operators
from segunda_via.operators.throttle import sign_in_tries
from segunda_via.settings.gateway import PREVIOUS, RESTORABLE
from segunda_via.settings.store import DRAFT, DRAFTS_KEPT
from segunda_via.storage import database
from segunda_via.storage.audit_trail import audit_trail
from segunda_via.storage.health_record import health
from segunda_via.storage.leases import leases
from segunda_via.tickets.human_takeover import care
from segunda_via.whatsapp.reply_drafts import choices, turns
from segunda_via.whatsapp.sent_messages import statuses, steps
from segunda_via.whatsapp.ticket_completion import finishing

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
RETENTION = timedelta.max
"""As long as SEGUNDA_VIA_RETENTION_DAYS says."""
TRAIL = timedelta(days=5 * 365)
"""How long the audit trail can be asked about: as long as a consumer may claim (five years)."""


@dataclass(frozen=True)
class Life:
    """A row goes, or only what stands in `blanks`, when `after` has passed since the moment in the column `since`.

    `words` say so, with `{span}` in the place of `after`.
    """

    since: sa.Column
    after: timedelta
    words: str
    only: Any = True
    """Rows of which that is true."""
    blanks: sa.Column | None = None
    whole_days: bool = False
    """The whole day in São Paulo or nothing of it."""

    def span(self, retention: timedelta) -> timedelta:
        return retention if self.after == RETENTION else self.after


@dataclass(frozen=True)
class Stored:
    """A table, or what is kept elsewhere. `stays` says how long what has no life here does."""

    place: sa.Table | str
    holds: str
    why: str
    form: str
    seen_by: str
    lives: tuple[Life, ...] = ()
    stays: str = ""

    @property
    def name(self) -> str:
        return self.place if isinstance(self.place, str) else str(self.place.name)


NOBODY, OPERATORS = "ninguém", "operadores"
SEALED = "cifrado"
HASHED = "impressão com chave"
NO_CUSTOMER = "em claro; não fala de cliente"
EXECUTION = "execução do contrato"
INTEREST = "legítimo interesse"
DUTY = "exercício de direitos"


def _ended(queues: tuple[str, ...], after: timedelta, words: str) -> Life:
    return Life(jobs.c.ended_at, after, words, sa.and_(jobs.c.state != WAITING, jobs.c.queue.in_(queues)))


STORED = (
    Stored(
        database.tickets,
        "atendimentos: conversa, situação, motivo e o número, o vencimento e o valor da fatura enviada",
        f"saber o que foi entregue e o que espera por uma pessoa; {EXECUTION}",
        f"conversa, resumo e fatura {SEALED}s, achados por {HASHED}; situação e motivo em claro",
        OPERATORS,
        (Life(database.tickets.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        database.ticket_events,
        "o que aconteceu com cada atendimento, e quando",
        f"responder por um atendimento; {EXECUTION}",
        f"o atendimento por {HASHED}; o acontecimento em claro",
        OPERATORS,
        (Life(database.ticket_events.c.occurred_at, RETENTION, "{span} depois de acontecer"),),
    ),
    Stored(
        care,
        "conversas que estão com uma pessoa, em que o assistente se cala",
        f"não falar por cima de quem atende; {EXECUTION}",
        f"{SEALED}, achado por {HASHED}",
        OPERATORS,
        (Life(care.c.until, DAY, "{span} depois do fim do silêncio"),),
    ),
    Stored(
        jobs,
        "filas: mensagens recebidas e a enviar, avisos à plataforma de atendimento, perguntas sem resposta",
        f"responder uma vez, na ordem, mesmo que algo caia; {EXECUTION}",
        "conteúdo cifrado; telefone em claro",
        NOBODY,
        (
            Life(jobs.c.ended_at, DAY, "o conteúdo, {span} depois de tratado", blanks=jobs.c.payload),
            _ended(("desk", "timers"), WEEK, "a linha de um aviso ou pergunta, {span}"),
            _ended(("inbox", "whatsapp"), RETENTION, "a linha de uma mensagem, {span}"),
            Life(jobs.c.due_at, RETENTION, "o que nunca pôde ser tratado, {span} depois da sua hora"),
        ),
    ),
    Stored(
        turns,
        "o que o assistente respondeu a uma mensagem, até isso entrar na fila de envio",
        f"não responder duas vezes; {EXECUTION}",
        "conteúdo cifrado; telefone em claro",
        NOBODY,
        (
            Life(turns.c.changed_at, DAY, "o conteúdo, {span}", blanks=turns.c.payload),
            Life(turns.c.changed_at, RETENTION, "a linha, {span}"),
        ),
    ),
    Stored(
        choices,
        "os botões que o cliente viu por último",
        f"entender a resposta a um botão; {EXECUTION}",
        "conteúdo cifrado; telefone em claro",
        NOBODY,
        (Life(choices.c.shown_at, RETENTION, "{span} depois de mostrados"),),
    ),
    Stored(
        steps,
        "cada mensagem no provedor do WhatsApp: o código dela e se foi aceita",
        f"saber se a entrega chegou; {EXECUTION}",
        "telefone em claro; sem conteúdo",
        NOBODY,
        (Life(steps.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        statuses,
        "o que o provedor disse de cada mensagem, pelo código dela",
        f"saber se a entrega chegou; {EXECUTION}",
        "em claro; só códigos",
        NOBODY,
        (Life(statuses.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        finishing,
        "entregas que esperam pelo aceite da última mensagem",
        f"não encerrar o que não chegou; {EXECUTION}",
        "telefone em claro; sem conteúdo",
        NOBODY,
        (Life(finishing.c.changed_at, RETENTION, "{span} depois da última mudança"),),
    ),
    Stored(
        offers,
        "o documento de quem pode pedir a próxima fatura, e quais já recebeu",
        f"enviar a próxima com um “sim”; {EXECUTION}",
        f"documento cifrado; conversa como {HASHED}",
        NOBODY,
        (Life(offers.c.expires_at, timedelta(0), "10 minutos depois da oferta, ou ao ser usada"),),
    ),
    Stored(
        database.lookups,
        "quem consultou qual documento hoje, operadores também",
        f"limitar quem testa documentos alheios; {INTEREST}",
        HASHED,
        NOBODY,
        (Life(database.lookups.c.day, timedelta(0), "até o fim do dia"),),
    ),
    Stored(
        database.receivers,
        "quem já recebeu a fatura de qual documento, e desde quando",
        f"que estranhos não tirem a fatura de quem já a recebia; {INTEREST}",
        HASHED,
        NOBODY,
        (Life(database.receivers.c.last, RETENTION, "{span} depois da última fatura"),),
    ),
    Stored(
        flow_events,
        "os passos de cada conversa: quando, resultado, valor, documento mascarado",
        f"medir se o atendimento funciona; {INTEREST}",
        f"conversa como {HASHED}; documento mascarado",
        OPERATORS,
        (Life(flow_events.c.occurred_at, RETENTION, "{span} depois de acontecer, por dias inteiros", whole_days=True),),
    ),
    Stored(
        flow_days,
        "os números de cada dia",
        "mostrar o painel",
        NO_CUSTOMER,
        OPERATORS,
        stays="sempre: são somas, sem ninguém",
    ),
    Stored(
        not_understood,
        "mensagens que não foram entendidas, sem quem as escreveu",
        f"ensinar o assistente; {INTEREST}",
        "mascarado e cifrado",
        OPERATORS,
        (Life(not_understood.c.said_at, SPAN, "{span} depois de dita"),),
    ),
    Stored(
        lessons,
        "as frases que os operadores ensinaram",
        "ensinar o assistente",
        f"frase em claro, escrita pelo operador; a mensagem do cliente como {HASHED}",
        OPERATORS,
        stays="até que o operador a desfaça",
    ),
    Stored(
        trainings,
        "os treinos e o que mudaram",
        "mostrar o efeito de um treino",
        NO_CUSTOMER,
        OPERATORS,
        stays="sempre",
    ),
    Stored(
        database.settings,
        "o que foi configurado: gateway, plataforma, WhatsApp, textos da fila, menu, horários",
        "funcionar como a empresa quer",
        SEALED,
        OPERATORS,
        (
            Life(
                database.settings.c.saved_at,
                DRAFTS_KEPT,
                "o que foi colado e não confirmado, {span}",
                database.settings.c.name.startswith(DRAFT),
            ),
            Life(
                database.settings.c.saved_at,
                RESTORABLE,
                "o gateway substituído, {span}",
                database.settings.c.name == PREVIOUS,
            ),
        ),
        stays="o resto, até ser substituído",
    ),
    Stored(
        text_versions,
        "cada versão dos textos que a empresa escreveu, e quem a salvou",
        "voltar a um texto anterior",
        NO_CUSTOMER,
        OPERATORS,
        stays="sempre",
    ),
    Stored(
        gateway_sessions,
        "as sessões abertas no gateway e na plataforma",
        "não entrar de novo a cada consulta",
        SEALED,
        NOBODY,
        (Life(gateway_sessions.c.saved_at, RETENTION, "{span} depois de abertas"),),
    ),
    Stored(
        health,
        "se o gateway, a plataforma e o WhatsApp respondem",
        "avisar quando algo cai",
        NO_CUSTOMER,
        OPERATORS,
        stays="uma linha de cada, reescrita",
    ),
    Stored(
        operators,
        "os operadores: nome e senha",
        f"só deixar entrar quem pode; {INTEREST}",
        "nome em claro; senha como argon2id",
        OPERATORS,
        stays="até que sejam removidos",
    ),
    Stored(
        operator_sessions,
        "quem está na tela",
        f"só deixar entrar quem pode; {INTEREST}",
        HASHED,
        NOBODY,
        (Life(operator_sessions.c.started_at, LIFETIME, "{span} depois da entrada, ou ao sair"),),
    ),
    Stored(
        sign_in_tries,
        "tentativas de entrar na tela",
        f"barrar quem adivinha senhas; {INTEREST}",
        HASHED,
        NOBODY,
        (Life(sign_in_tries.c.last_at, HOUR, "{span} depois da última"),),
    ),
    Stored(
        first_access,
        "o número de que se faz o link do primeiro acesso",
        "criar o primeiro operador",
        NO_CUSTOMER,
        NOBODY,
        stays="até ser usado",
    ),
    Stored(
        audit_trail,
        "a trilha de auditoria: quem mudou o quê, quem consultou um documento, que endereço errou a senha, "
        "e o protocolo de cada pedido de titular",
        f"provar o que foi feito; {DUTY}",
        "em claro; dos clientes, só documentos mascarados",
        OPERATORS,
        (Life(audit_trail.c.occurred_at, TRAIL, "{span} depois de acontecer"),),
    ),
    Stored(
        leases,
        "quando a limpeza foi feita",
        "que um processo a faça por todos",
        NO_CUSTOMER,
        NOBODY,
        stays="uma linha de cada tarefa, reescrita",
    ),
)

ELSEWHERE = (
    Stored(
        "conversas do Rasa (`events`)",
        "a conversa inteira: mensagens, documento, nome do perfil, o que foi entregue",
        f"conversar: saber o que já foi dito; {EXECUTION}",
        SEALED,
        NOBODY,
        stays="a retenção, depois de cada mensagem",
    ),
    Stored(
        "links do QR Code e do PDF",
        "o código ou o boleto, cifrado dentro do próprio endereço; nada fica no servidor",
        f"mostrar o QR Code e o PDF; {EXECUTION}",
        SEALED,
        "quem tem o link",
        stays="24 horas, depois das quais não abre mais",
    ),
    Stored(
        "`var/log/` e o que os servidores escrevem",
        "o que aconteceu, sem documento, telefone, nome, token nem código",
        "achar defeitos",
        NO_CUSTOMER,
        "quem cuida do servidor",
        stays="até que quem cuida do servidor apague",
    ),
)
"""What is kept outside the tables: `retention` erases the conversations, and the others hold nobody's data."""


def of(table: sa.Table) -> Stored:
    return next(stored for stored in STORED if stored.place is table)
