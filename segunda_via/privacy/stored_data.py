"""Everything that is stored: what it holds, why, in what form, who sees it, and how long it is kept.

The one list of it. `retention.py` erases by it, `docs/lgpd.md` shows it, and a test fails for a table that it lacks.
"""

from __future__ import annotations

import sqlalchemy as sa

from segunda_via.privacy.company_data import COMPANY_DATA
from segunda_via.privacy.customer_data import CUSTOMER_DATA
from segunda_via.privacy.expiry import EXECUTION, NO_CUSTOMER, NOBODY, SEALED, Stored

STORED = (*CUSTOMER_DATA, *COMPANY_DATA)

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
