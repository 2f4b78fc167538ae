"""What is known of Cobre Fácil beside its calls."""

from __future__ import annotations

from segunda_via.gateways.description import COMMON, GatewayDescription
from segunda_via.http.credentials import Field

PRODUCTION = "https://api.cobrefacil.com.br/v1"
SANDBOX = "https://api.sandbox.cobrefacil.com.br/v1"

DESCRIPTION = GatewayDescription(
    name="cobre_facil",
    label="Cobre Fácil",
    about="App ID e Secret",
    adapter="CobreFacil",
    hosts=frozenset({"*.cobrefacil.com.br"}),
    fields=(
        Field(
            "app_id",
            "App ID",
            where="No Cobre Fácil: Configurações → API.",
            example="app-0a1b2c3d4e5f",
            history="App ID",
            secret=True,
            access="o App ID",
            code="o App ID do Cobre Fácil",
        ),
        Field(
            "secret",
            "Secret",
            where="Na mesma tela do App ID.",
            example="sk-9f8e7d6c5b4a…",
            history="segredo",
            secret=True,
            access="o Secret",
            code="o Secret do Cobre Fácil",
        ),
        *COMMON,
    ),
)
