"""What is known of SGA beside its calls."""

from __future__ import annotations

from segunda_via.gateways.description import COMMON, GatewayDescription
from segunda_via.http.credentials import Field

PRODUCTION = "https://api.hinova.com.br/api/sga/v2"

DESCRIPTION = GatewayDescription(
    name="sga",
    label="SGA",
    about="Hinova: token, usuário e senha",
    adapter="Sga",
    # Each association's SGA has its own host there. Links to a bank or a shortener are for the operator to name.
    hosts=frozenset({"*.hinova.com.br"}),
    together=("usuario", "senha"),
    fields=(
        Field(
            "token",
            "Token da API, da Área do Cliente",
            where="No SGA: Área do Cliente → APIs. Marque as rotas de associado e de boleto.",
            example="7f3c0a9e51b2…",
            secret=True,
            access="o token",
            code="o token do SGA",
        ),
        Field(
            "usuario",
            "Usuário da API (em branco: só o token)",
            where="Um usuário do SGA só para a integração. Cada entrada encerra a anterior.",
            example="api.boleto",
            history="usuário",
            optional=True,
            access="o usuário",
        ),
        Field(
            "senha",
            "Senha da API (em branco: só o token)",
            where="A senha desse usuário.",
            secret=True,
            optional=True,
            made_up=True,
            access="a senha",
        ),
        *COMMON,
    ),
)
