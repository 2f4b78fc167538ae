"""Why a ticket desk cannot be used, and what to do, in Brazilian Portuguese."""

from __future__ import annotations

from segunda_via.errors import TicketDeskError


def in_words(label: str, error: TicketDeskError) -> str:
    """`label` is the desk's."""
    if error.rejected:
        return f"{label} recusou o acesso: confira o usuário, a senha ou o token, e se têm permissão"
    if error.retryable:
        return f"{label} não respondeu: confira o endereço, e se a plataforma está no ar"
    return f"{label} deu uma resposta que não entendo: confira se o endereço é o da API"
