"""What is known of Asaas beside its calls."""

from __future__ import annotations

from segunda_via.gateways.description import COMMON, GatewayDescription
from segunda_via.http.credentials import Credentials, Field, Shape

PRODUCTION = "https://api.asaas.com/v3"
SANDBOX = "https://api-sandbox.asaas.com/v3"
SANDBOX_KEY = "$aact_hmlg_"
PRODUCTION_KEY = "$aact_prod_"

PRODUCTION_HOSTS = frozenset({"api.asaas.com", "www.asaas.com", "asaas.com"})
SANDBOX_HOSTS = frozenset({"api-sandbox.asaas.com", "sandbox.asaas.com"})


def _no_key(value: str) -> str | None:
    if value.startswith("$"):
        return None
    if value.startswith("aact_"):
        return "faltou o $ do começo da chave: copie de novo, com o cifrão"
    return "a chave do Asaas começa com $aact_: confira se copiou a chave inteira"


def _warning(credentials: Credentials) -> str | None:
    """A test key, or one of the other environment."""
    key, base_url = credentials.get("token", ""), credentials.get("base_url", "")
    test_key, test_host = key.startswith(SANDBOX_KEY), "sandbox" in base_url
    if test_key and base_url and "asaas.com" in base_url and not test_host:
        return "a chave é do ambiente de testes e o endereço é de produção: um dos dois está trocado"
    if key.startswith(PRODUCTION_KEY) and test_host:
        return "a chave é de produção e o endereço é do ambiente de testes: um dos dois está trocado"
    if test_key:
        return "esta chave é do ambiente de testes do Asaas: os boletos dela não são de verdade"
    return None


DESCRIPTION = GatewayDescription(
    name="asaas",
    label="Asaas",
    about="Um token da API",
    adapter="Asaas",
    signs_in=False,
    hosts=PRODUCTION_HOSTS | SANDBOX_HOSTS,
    warning=_warning,
    fields=(
        Field(
            "token",
            "Token da API (começa com $aact_)",
            where="No Asaas: menu do usuário → Integrações → Chaves de API.",
            example="$aact_prod_000MzkwODA2MWY2OGM3…",
            secret=True,
            access="o token",
            code="a chave do Asaas",
            shape=Shape(r"\$?aact_(?:prod|hmlg)_.+|\$aact_.+", "uma chave do Asaas"),
            wrong=_no_key,
        ),
        *COMMON,
    ),
)
