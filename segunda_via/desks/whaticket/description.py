"""What is known of Whaticket and its forks beside their calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segunda_via.desks.description import COMMON, DeskDescription
from segunda_via.http.credentials import Field, not_an_email


def _returned(body: Mapping[str, Any]) -> object:
    """By {"ticket": {"id": …, "status": "closed"}}, or that ticket alone, as forks with webhooks send it."""
    ticket = body.get("ticket", body)
    return ticket.get("id") if isinstance(ticket, dict) and ticket.get("status") == "closed" else None


DESCRIPTION = DeskDescription(
    name="whaticket",
    label="Whaticket",
    about="E plataformas derivadas dele",
    adapter="Whaticket",
    returned=_returned,
    fields=(
        Field(
            "base_url",
            "Endereço da API (backend) do Whaticket",
            where="O endereço do backend, que não é o da tela em que os atendentes entram.",
            example="https://api.suaempresa.com.br",
            history="endereço",
        ),
        Field(
            "email",
            "E-mail de um usuário administrador",
            where="Crie um usuário administrador só para o assistente.",
            example="assistente@suaempresa.com.br",
            history="e-mail",
            wrong=not_an_email,
        ),
        Field(
            "password",
            "Senha desse usuário",
            where="A senha com que esse usuário entra no Whaticket.",
            history="senha",
            secret=True,
            made_up=True,
        ),
        *COMMON,
    ),
)
