"""Fields of answers, and what the operator writes in the base URL."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segunda_via.errors import ConfigurationError, GatewayProtocolError
from segunda_via.http import exact_json
from segunda_via.http.base_url import base_url, ca_file
from segunda_via.http.record import Record

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def record(**values: object) -> Record:
    return Record("asaas", values, "payments")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("350", "350.00"), ("129.9", "129.90"), ("0.30000000000000004", "0.30"), ("0", "0.00"), ("1e2", "100.00"),
        ("7.005", "7.01"), ("99999999.99", "99999999.99"),
    ],
)  # fmt: skip
def test_money_to_the_centavo(written, read):
    body = exact_json.parse(f'{{"value": {written}}}'.encode())
    assert str(Record("asaas", body, "payments").money("value")) == read


@given(st.integers(min_value=0, max_value=9_999_999_999))
def test_money_that_went_through_a_float_is_read_exactly(centavos):
    amount = Decimal(centavos) / 100
    body = exact_json.parse(json.dumps({"value": float(amount)}).encode())
    assert Record("asaas", body, "payments").money("value") == amount


@pytest.mark.parametrize("value", [None, "", "1.234", True, [1], {}, -1, Decimal("-0.01"), 10**9, Decimal("1e999")])
def test_money_that_is_none(value):
    with pytest.raises(GatewayProtocolError, match=r"asaas: payments\.value: ") as caught:
        record(value=value).money("value")
    assert caught.value.field == "payments.value"


@pytest.mark.parametrize(
    "value", [None, "", "2026-02-30", "2026-1-1", "２０２６-11-20", 20261120, ["2026-11-20"]]
)
def test_days_that_are_none(value):
    with pytest.raises(GatewayProtocolError, match="dueDate"):
        record(dueDate=value).day("dueDate")


def test_days():
    assert record(dueDate="2026-11-20").day("dueDate") == date(2026, 11, 20)


@pytest.mark.parametrize("value", [True, ["a"], "a\x00b", "a\nb", "\ud800", "x" * 501])
def test_texts_that_are_none(value):
    with pytest.raises(GatewayProtocolError, match="name"):
        record(name=value).optional_text("name")


@pytest.mark.parametrize(
    ("value", "read"),
    [(4567, "4567"), ("4567", "4567"), (0, "0"), (None, None), ("  ", None), (" 45 ", "45")],
)
def test_texts_may_be_numbers(value, read):
    assert Record("sga", {"nosso_numero": value}, "boleto").optional_text("nosso_numero") == read


@pytest.mark.parametrize("value", [True, Decimal("1.5"), ["1"], {"a": 1}])
def test_texts_may_be_nothing_else(value):
    with pytest.raises(GatewayProtocolError, match=r"sga: boleto\.nosso_numero: should be a text"):
        Record("sga", {"nosso_numero": value}, "boleto").text("nosso_numero")


@pytest.mark.parametrize(("field", "value"), [("valor", "9.876"), ("valor", "segredo"), ("valor", True)])
def test_an_amount_that_cannot_be_read_is_named_and_not_repeated(field, value):
    with pytest.raises(GatewayProtocolError) as caught:
        Record("sga", {field: value}, "boleto").money(field)
    assert caught.value.field == "boleto.valor"
    assert str(value) not in str(caught.value)


def test_records_within_are_read_in_the_same_way():
    row = Record("sga", {"boletos": [{"valor": "1,00"}], "pix": {"valor": "2,00"}}, "associate")
    assert row.records("boletos")[0].money("valor") == Decimal("1.00")
    assert row.record("pix").money("valor") == Decimal("2.00")
    assert row.record("nada") is None
    with pytest.raises(GatewayProtocolError, match=r"associate\.boletos\[\]\.falta"):
        row.records("boletos")[0].text("falta")


@pytest.mark.parametrize("value", ["a/b", "../x", "a b", "?x", "é", "x" * 81, ""])
def test_identifiers_cannot_change_a_path(value):
    with pytest.raises(GatewayProtocolError):
        record(id=value).identifier("id")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ana\nExemplo ", "Ana Exemplo"),
        ("x" * 900, "x" * 200),
        (None, None),
        (7, None),
        ("\u200b", None),
        ("Zoé", "Zoé"),
    ],
)
def test_names_never_stand_in_the_way(written, shown):
    assert record(name=written).name("name") == shown


@given(ANYTHING)
def test_readers_give_values_or_the_family(value):
    for read in ("identifier", "text", "optional_text", "name", "money", "optional_money", "day", "flag", "count",
                 "record", "records"):  # fmt: skip
        for build in (lambda: Record("asaas", value, "x"), lambda: record(field=value)):
            with contextlib.suppress(GatewayProtocolError):
                getattr(build(), read)("field")


@given(st.binary(max_size=200))
def test_parsing_never_raises(content):
    exact_json.parse(content)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"base_url": "https://api.example.com/v3/"}, "https://api.example.com/v3"),
        ({"base_url": " https://api.example.com:8443 "}, "https://api.example.com:8443"),
        ({"base_url": "http://127.0.0.1:8085/asaas/v3"}, "http://127.0.0.1:8085/asaas/v3"),
        ({"base_url": "http://localhost/x"}, "http://localhost/x"),
        ({"base_url": "http://[::1]:80"}, "http://[::1]:80"),
        ({"base_url": "http://10.0.0.5/mk", "allow_http": "true"}, "http://10.0.0.5/mk"),
        ({"base_url": ""}, "https://default.example.com"),
    ],
)
def test_base_urls(written, read):
    assert base_url(written, default="https://default.example.com") == read


@pytest.mark.parametrize(
    "written",
    [
        "http://10.0.0.5/mk", "http://localhost.example.com", "ftp://x", "api.example.com", "https://", "https://a b",
        "https://user:secret@example.com", "https://x:99999", "https://x/?a=1", "https://x/#y", "https://[::1", "//x",
    ],
)  # fmt: skip
def test_base_urls_that_are_refused(written):
    with pytest.raises(ConfigurationError, match="base_url deve") as caught:
        base_url({"base_url": written}, default=None)
    assert "secret" not in str(caught.value)


def test_a_base_url_may_be_required():
    with pytest.raises(ConfigurationError):
        base_url({}, default=None)


def test_ca_file(tmp_path):
    assert ca_file({}) is None
    with pytest.raises(ConfigurationError):
        ca_file({"ca_file": str(tmp_path / "missing.pem")})
