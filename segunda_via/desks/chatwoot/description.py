"""What is known of Chatwoot beside its calls."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from segunda_via.desks import signature
from segunda_via.desks.description import COMMON, DeskDescription
from segunda_via.http.credentials import Field, not_a_number

_GIVEN_BACK = frozenset({"pending", "resolved"})


def _returned(body: Mapping[str, Any]) -> object:
    """By its webhook `conversation_status_changed`."""
    changed = body.get("event") == "conversation_status_changed"
    return body.get("id") if changed and body.get("status") in _GIVEN_BACK else None


def _signed(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool | None:
    given, moment = headers.get("x-chatwoot-signature"), headers.get("x-chatwoot-timestamp", "")
    if not given:
        return None
    expected = f"sha256={signature.digest(body, secret, moment)}"
    return signature.fresh(moment, now) and hmac.compare_digest(expected.encode(), given.encode())


DESCRIPTION = DeskDescription(
    name="chatwoot",
    label="Chatwoot",
    about="Na nuvem ou no seu servidor",
    adapter="Chatwoot",
    opens=lambda credentials: bool(credentials.get("inbox_id")),
    returned=_returned,
    signed=_signed,
    fields=(
        Field(
            "base_url",
            "Endereço do Chatwoot",
            where="O endereço que você abre no navegador.",
            example="https://app.chatwoot.com",
            history="endereço",
        ),
        Field(
            "account_id",
            "Número da conta",
            where="O número depois de /accounts/ no endereço do navegador.",
            example="3",
            history="conta",
            wrong=not_a_number,
        ),
        Field(
            "token",
            "Token de acesso (Perfil › Token de acesso)",
            where="No Chatwoot: Configurações do perfil → Token de acesso.",
            secret=True,
        ),
        Field(
            "inbox_id",
            "Número da caixa de entrada do tipo API (em branco: nenhuma)",
            where="O número da caixa de entrada do tipo API, para conversas que começam aqui.",
            example="5",
            history="caixa de entrada",
            optional=True,
            wrong=not_a_number,
        ),
        *COMMON,
    ),
)
