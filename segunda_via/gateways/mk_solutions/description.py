"""What is known of MK Solutions beside its calls."""

from __future__ import annotations

from segunda_via.gateways.description import GatewayDescription
from segunda_via.gateways.mkc import MKC, SELF_HOSTED
from segunda_via.http.credentials import Field, not_a_number

ALL_SERVICES = "9999"

DESCRIPTION = GatewayDescription(
    name="mk_solutions",
    label="MK Solutions",
    adapter="MkSolutions",
    family=MKC,
    fields=(
        Field(
            "token",
            "Token do usuário",
            where="No MK: Integradores → APIs gerais → token do usuário.",
            example="0f1e2d3c4b5a…",
            secret=True,
            access="o token",
            code="o token do MK Solutions",
        ),
        Field(
            "password",
            "Contrassenha",
            where="A contrassenha do perfil do integrador.",
            history="senha",
            secret=True,
            made_up=True,
            access="a contrassenha",
        ),
        Field(
            "cd_servico",
            "Código do serviço (em branco: 9999)",
            where="O código do serviço liberado no perfil.",
            example=ALL_SERVICES,
            history="serviço",
            optional=True,
            wrong=not_a_number,
        ),
        *SELF_HOSTED,
    ),
)
