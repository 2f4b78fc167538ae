"""What is known of MK-AUTH beside its calls."""

from __future__ import annotations

from segunda_via.gateways.description import GatewayDescription
from segunda_via.gateways.mkc import MKC, SELF_HOSTED
from segunda_via.http.credentials import Field, Shape

DESCRIPTION = GatewayDescription(
    name="mk_auth",
    label="MK-AUTH",
    adapter="MkAuth",
    family=MKC,
    fields=(
        Field(
            "client_id",
            "Client ID do usuário da API",
            where="No MK-AUTH: Controle de usuários → usuário → API.",
            example="Client_Id_5f4dcc3b…",
            history="Client ID",
            secret=True,
            access="o Client ID",
            code="o Client ID do MK-AUTH",
            shape=Shape(r"Client_Id_.+", "um Client ID do MK-AUTH"),
        ),
        Field(
            "client_secret",
            "Client Secret",
            where="Na mesma tela. Habilite também as rotas de título e de cliente.",
            example="Client_Secret_1a2b…",
            history="Client Secret",
            secret=True,
            access="o Client Secret",
            code="o Client Secret do MK-AUTH",
            shape=Shape(r"Client_Secret_.+", "um Client Secret do MK-AUTH"),
        ),
        *SELF_HOSTED,
    ),
)
