"""What is known of a receiver of events beside the calls to it."""

from __future__ import annotations

from segunda_via.desks.description import ALLOW_HTTP, DeskDescription
from segunda_via.http.credentials import CA_FILE, Field

DESCRIPTION = DeskDescription(
    name="webhook",
    label="Webhook",
    about="Qualquer outra plataforma",
    adapter="Webhook",
    opens=lambda _: True,
    returns_by="secret",
    fields=(
        Field(
            "base_url",
            "Endereço que recebe os eventos",
            where="Recebe um POST a cada acontecimento.",
            example="https://crm.suaempresa.com.br/segunda-via",
            history="endereço",
        ),
        Field(
            "secret",
            "Segredo que assina os eventos",
            where="Assina cada aviso. Invente um, longo, e informe-o a quem recebe.",
            history="segredo",
            secret=True,
            made_up=True,
        ),
        CA_FILE,
        ALLOW_HTTP,
    ),
)
