"""What is known of gateways and desks is complete, and what is pasted into their fields is read by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from segunda_via.desks import error_words as desk_error_words
from segunda_via.desks import registry as desks
from segunda_via.errors import (
    GatewayError,
    GatewayProtocolError,
    GatewayRateLimited,
    GatewayUnavailable,
    TicketDeskError,
    TokenRejected,
)
from segunda_via.gateways import error_words, foreign_codes, registry
from segunda_via.settings import fields

TICKED = {"allow_http"}


@pytest.mark.parametrize("name", registry.GATEWAYS)
def test_every_field_of_a_gateway_is_explained(name: str) -> None:
    known = registry.GATEWAYS[name]
    for field in known.fields:
        assert field.where, field.name
        assert field.example or field.made_up or field.name in TICKED, field.name
    assert (known.name, known.choice.about != "") == (name, True)
    assert known.access_fields(), "what a refusal names"
    assert {*known.together} <= {field.name for field in known.fields}


@pytest.mark.parametrize("name", registry.GATEWAYS)
def test_the_page_of_gateways_has_its_fields_and_hosts(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "gateways.md").read_text("utf-8")
    for told in (*(field.name for field in registry.GATEWAYS[name].fields), registry.GATEWAYS[name].choice.name):
        assert f"`{told}`" in page
    for host in registry.GATEWAYS[name].hosts:
        assert f"`{host.removeprefix('*.')}`" in page


@pytest.mark.parametrize("name", desks.names())
def test_every_field_of_a_desk_is_explained(name: str) -> None:
    known = desks.DESKS[name]
    assert all(field.where for field in known.fields)
    assert (known.name, known.about != "") == (name, True)


def test_what_lets_one_in_is_said_in_words() -> None:
    sga = registry.GATEWAYS["sga"]
    assert (sga.access(), sga.access({"token": "x"})) == ("o token, o usuário ou a senha", "o token")
    assert registry.GATEWAYS["cobre_facil"].access() == "o App ID ou o Secret"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TokenRejected("asaas", "account: HTTP 401 (invalid_environment: …)"), "de outro ambiente"),
        (TokenRejected("asaas", "account: HTTP 401"), "recusou o token"),
        (GatewayRateLimited("asaas", "HTTP 429"), "esperar"),
        (GatewayUnavailable("asaas", "HTTP 503"), "não respondeu"),
        (GatewayProtocolError("asaas", "not JSON"), "não entendo"),
    ],
)
def test_what_went_wrong_is_said_in_words(error: GatewayError, words: str) -> None:
    assert words in error_words.in_words(error)


def test_what_a_desk_refuses_is_said_in_words() -> None:
    assert "recusou o acesso" in desk_error_words.in_words("Chatwoot", TicketDeskError("x", rejected=True))
    assert "não respondeu" in desk_error_words.in_words("Chatwoot", TicketDeskError("x"))
    assert "não entendo" in desk_error_words.in_words("Chatwoot", TicketDeskError("x", retryable=False))


def read(typed: dict[str, str], kept: dict[str, str] | None = None, product: str = "sga") -> fields.Read:
    known = registry.description(product)
    return fields.read(known.fields, lambda name: typed.get(name, ""), kept or {}, known.together)


def test_an_address_without_https_is_completed_and_said_to_be() -> None:
    found = read({"token": "a" * 20, "base_url": "sga.example.com/api"})
    assert found.credentials["base_url"] == "https://sga.example.com/api"
    assert "https://" in found.notes[0]
    assert not found.problems


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("base_url", "http://sga.example.com", "https://"),
        ("base_url", "https://maria:senha@sga.example.com", "sem usuário"),
        ("base_url", "ftp://sga.example.com", "deve ser um endereço"),
        ("base_url", "https://sga.example.com:x", "deve ser um endereço"),
        ("ca_file", "/nowhere/ca.pem", "não há esse arquivo"),
        ("usuario", "maria", "usuário e senha"),
        ("token", "", "preencha"),
    ],
)
def test_a_field_that_cannot_be_used_is_explained(name: str, value: str, words: str) -> None:
    found = read({"token": "a" * 20, name: value})
    assert any(words in problem for problem in found.problems.values()), found.problems


def test_plain_http_is_taken_from_who_allows_it() -> None:
    assert not read({"token": "a" * 20, "base_url": "http://sga.example.com", "allow_http": "true"}).problems


def test_a_kept_secret_is_used_at_its_own_address_alone() -> None:
    kept = {"token": "kept-kept-kept", "base_url": "https://sga.example.com"}
    assert read({"base_url": "https://sga.example.com"}, kept).credentials["token"] == "kept-kept-kept"
    assert "token" in read({"base_url": "https://evil.example"}, kept).problems


def test_spaces_of_a_password_count_and_those_of_a_token_do_not() -> None:
    typed = {"token": "aaaa bbbb cccc", "usuario": "bot", "senha": "uma senha comprida"}
    found = read(typed)
    assert found.credentials["token"] == "aaaabbbbcccc"
    assert found.credentials["senha"] == "uma senha comprida"


@pytest.mark.parametrize(
    ("product", "name", "value", "words"),
    [
        ("asaas", "token", "Client_Secret_1a2b3c4d5e", "Client Secret do MK-AUTH"),
        ("sga", "token", "$aact_prod_000MzkwODA2MWY2OGM3", "chave do Asaas"),
        ("cobre_facil", "secret", "$aact_hmlg_000MzkwODA2MWY2", "chave do Asaas"),
        ("cobre_facil", "app_id", "maria@suaempresa.com.br", "um e-mail"),
        ("mk_auth", "client_secret", "Client_Id_1a2b3c4d5e", "Client ID do MK-AUTH"),
        ("mk_auth", "client_id", "Client_Secret_1a2b3c4d5e", "Client Secret do MK-AUTH"),
        ("mk_solutions", "token", "eyJhbGciOi.eyJzdWIiOi.abc", "um token de sessão"),
        ("sga", "token", "AC" + "0f" * 16, "Account SID da Twilio"),
        ("mk_solutions", "token", "abc", "curto demais"),
        ("sga", "token", "7f3c0a9e51b2ção", "acento ou símbolo"),
        ("asaas", "token", "$aact_prod_000Mzkw€", "acento ou símbolo"),
    ],
)
def test_what_belongs_elsewhere_is_recognised_for_every_gateway(
    product: str, name: str, value: str, words: str
) -> None:
    field = next(field for field in registry.GATEWAYS[product].fields if field.name == name)
    told = foreign_codes.complaint(field, value) or ""
    assert words in told
    assert value not in told
