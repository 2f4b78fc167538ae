"""The tables that hold what is the company's, its operators' or the assistant's own."""

from __future__ import annotations

from segunda_via.conversation.response_store import text_versions
from segunda_via.http.api_session_store import gateway_sessions
from segunda_via.intents.phrase_labels import phrase_labels
from segunda_via.intents.training_service import trainings
from segunda_via.metrics.days import metric_days
from segunda_via.operators.first_access import first_access
from segunda_via.operators.sessions import LIFETIME
from segunda_via.operators.tables import operator_sessions, operators
from segunda_via.operators.throttle import sign_in_tries
from segunda_via.privacy.expiry import (
    DUTY,
    HASHED,
    HOUR,
    INTEREST,
    NO_CUSTOMER,
    NOBODY,
    OPERATORS,
    RETENTION,
    SEALED,
    TRAIL,
    Expiry,
    Stored,
)
from segunda_via.settings.gateway import PREVIOUS, RESTORABLE
from segunda_via.settings.store import DRAFT, DRAFTS_KEPT
from segunda_via.storage import database
from segunda_via.storage.audit_trail import audit_trail
from segunda_via.storage.health_record import health
from segunda_via.storage.leases import leases

COMPANY_DATA = (
    Stored(
        metric_days,
        "os números de cada dia",
        "mostrar o painel",
        NO_CUSTOMER,
        OPERATORS,
        stays="sempre: são somas, sem ninguém",
    ),
    Stored(
        phrase_labels,
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
            Expiry(
                database.settings.c.saved_at,
                DRAFTS_KEPT,
                "o que foi colado e não confirmado, {span}",
                database.settings.c.name.startswith(DRAFT),
            ),
            Expiry(
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
        (Expiry(gateway_sessions.c.saved_at, RETENTION, "{span} depois de abertas"),),
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
        (Expiry(operator_sessions.c.started_at, LIFETIME, "{span} depois da entrada, ou ao sair"),),
    ),
    Stored(
        sign_in_tries,
        "tentativas de entrar na tela",
        f"barrar quem adivinha senhas; {INTEREST}",
        HASHED,
        NOBODY,
        (Expiry(sign_in_tries.c.last_at, HOUR, "{span} depois da última"),),
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
        (Expiry(audit_trail.c.occurred_at, TRAIL, "{span} depois de acontecer"),),
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
