"""What `redact` masks, what it leaves readable, and that no text can make it slow."""

from __future__ import annotations

import base64
import json
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segunda_via import log_redaction
from segunda_via.boletos import documents, linha_digitavel, pix
from segunda_via.log_redaction import redact

LINE = linha_digitavel.to_linha_digitavel(
    linha_digitavel.make_barcode("001", date(2026, 11, 20), Decimal("99.90"), "0000003128557000001234517")
)
ARRECADACAO = linha_digitavel.to_linha_digitavel("82630000001899012345678901234567890123456789")
STATIC = pix.make("FULANO DE TAL", "BRASILIA", key="123e4567-e12b-12d1-a456-426655440000")
DYNAMIC = pix.make("PADARIA SÃO JOÃO", "SAO PAULO", url="pix.example.com/qr/v2/7f0c2a34", amount=Decimal("1.50"))
FERNET = "gAAAAABpIvpgMDAwMDAwMDAwMDAwMDAwMNJvxqnMN9jF4-8lr5-cfbPJHRAVk9BvQGen8wkUVM1PkUVghYTa7AGgVLFsTx45NA=="
HEX = "9f86d081884c7d659a2feaa0c55ad015"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJNYXJpYSJ9.4pcPyMD09olPSyXnrXCjTwXyr4BsezdI1AVTmud2fU4"
ASAAS = "$aact_prod_000MzkwODA2MWY2OGM3MWRlMDU2NWM3MzJlNzZmNGZhZGY6OjFkZGExMjcy::$aach_0c1d2e3f-4a5b"


@pytest.mark.parametrize(
    ("secret", "mask"),
    [
        ("52998224725", "<cpf>"),
        ("529.982.247-25", "<cpf>"),
        ("529 982 247 25", "<cpf>"),
        ("529.982.247/25", "<cpf>"),
        ("５２９９８２２４７２５", "<cpf>"),
        ("529.982.247-26", "<cpf>"),  # wrong, but it is somebody's with a slip of the finger
        ("11222333000181", "<cnpj>"),
        ("11.222.333/0001-81", "<cnpj>"),
        ("12.ABC.345/01DE-35", "<cnpj>"),
        ("12.abc.345/01de-35", "<cnpj>"),
        ("12ABC34501DE35", "<cnpj>"),
        (LINE, "<boleto>"),
        (linha_digitavel.format(LINE), "<boleto>"),
        (linha_digitavel.to_barcode(LINE), "<boleto>"),
        (ARRECADACAO, "<boleto>"),
        (linha_digitavel.format(ARRECADACAO), "<boleto>"),
        (STATIC, "<pix>"),
        (DYNAMIC, "<pix>"),
        (DYNAMIC[:-10], "<pix>"),  # torn
        (FERNET, "<token>"),
        (FERNET.rstrip("="), "<token>"),
        (JWT, "<token>"),
        (ASAAS, "<token>"),
        (ASAAS[1:], "<token>"),
        (HEX, "<key>"),  # a Twilio auth token
        (f"SK{HEX}", "<key>"),
        ("+5547999990001", "<phone>"),
        ("+14155238886", "<phone>"),
        ("+55 47 99999-0001", "<phone>"),
        ("+55 (47) 99999-0001", "<phone>"),
        ("+1 (415) 523-8886", "<phone>"),
        ("+351 912 345 678", "<phone>"),
        ("%2B5547999990001", "<phone>"),
        ("5547999990001", "<phone>"),  # WaId
        ("554733330001", "<phone>"),
        ("(47) 99999-0001", "<phone>"),
        ("(47) 3333-0001", "<phone>"),
        ("(47)999990001", "<phone>"),
        ("47 99999-0001", "<phone>"),
        ("47 9 9999-0001", "<phone>"),
        ("47 3333-0001", "<phone>"),
        ("47999990001", "<cpf>"),  # as likely a document
        ("99999-0001", "<phone>"),
    ],
)
def test_what_is_known_by_its_shape_is_masked(secret: str, mask: str) -> None:
    assert redact(secret) == mask
    for around in ("a {} b", "'{}'", "x={}", "({})", "é {}, é", "Olá\n{}\n"):
        redacted = redact(around.format(secret))
        assert secret not in redacted
        assert mask in redacted


def test_it_is_masked_wherever_it_repeats() -> None:
    assert redact("52998224725 e 529.982.247-25 e 52998224725") == "<cpf> e <cpf> e <cpf>"
    assert "12ABC34501DE35" not in redact("12ABC34501DE35 12ABC34501DE35 12.ABC.345/01DE-35 12ABC34501DE35")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpf:52998224725", "cpf:<cpf>"),
        (
            "Issuing ticket for conversation 'whatsapp:+14155238886:whatsapp:+5547999990001'.",
            "Issuing ticket for conversation 'whatsapp:<phone>:whatsapp:<phone>'.",
        ),
        (
            "GET /conversations/whatsapp%3A%2B14155238886%3Awhatsapp%3A%2B5547999990001/tracker 200",
            "GET /conversations/whatsapp%3A<phone>%3Awhatsapp%3A<phone>/tracker 200",
        ),
        ("From=whatsapp%3A%2B5547999990001&WaId=5547999990001", "From=whatsapp%3A<phone>&WaId=<phone>"),
        ("pay_080225913252 +5547999990001 3", "pay_080225913252 <phone> 3"),
        (json.dumps({"text": "oi\n52998224725\n"}), '{"text": "oi\\n<cpf>\\n"}'),
        ("GET /webhooks/whatsapp/media/gA-b_c1234567890 200", "GET /webhooks/whatsapp/media/<token> 200"),
        ("Authorization: Bearer abcd.efgh-1", "Authorization: Bearer <token>"),
        ("{'authorization': 'bearer AbCd1234'}", "{'authorization': 'bearer <token>'}"),
        ("Basic dXNlcjpzZW5oYQ==", "Basic <token>"),
        ("access_token=abcdef123456&x=1", "access_token=<secret>&x=1"),
        ("{'access_token': 'abcdef123456', 'limit': 10}", "{'access_token': '<secret>', 'limit': 10}"),
        ('{"senha": "hunter2-hunter2"}', '{"senha": "<secret>"}'),
        (r'"{\"password\": \"hunter2-hunter2\"}"', r'"{\"password\": \"<secret>\"}"'),
        ("TWILIO_AUTH_TOKEN=abcdef123456", "TWILIO_AUTH_TOKEN=<secret>"),
        (
            '500, Internal Server Error, body=\'{"request_body": {"text": "sou Maria"}}\'',
            "500, Internal Server Error, body=<left out>",
        ),
        (
            "(sqlite3.OperationalError) locked\n[SQL: INSERT INTO events]\n[parameters: ('Maria', 1)]\n(Background)",
            "(sqlite3.OperationalError) locked\n[SQL: INSERT INTO events]\n[parameters: <left out>]\n(Background)",
        ),
        ("Validating extracted slots: {'nome': 'Maria'}", "Validating extracted slots: <left out>"),
    ],
)
def test_what_is_around_a_secret_stays(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T13:24:48.123456+00:00 pid 5547 port 25005 in 0.99999 s",
        "[2026-11-23 13:24:48 -0300] [55119] [INFO] Goin' Fast @ http://127.0.0.1:5005",
        "127.0.0.1:55198 - POST http://127.0.0.1:5055/webhook 200 4799",
        "(psycopg2.errors.UniqueViolation) id 5511987654, lease 1763904000123, batch 47-9999, (47) rows, +10 -3",
        "uuid 00000000-1234-5678-9999-000112345678; 2024-2026; sha 5511987654321abc; v3.6.21-9999",
        "2026-11-23 13:24:48,123 INFO     rasa.core.processor  - Predicted 'action_listen' with confidence 1.00.",
        "asaas: GET /payments: HTTP 429 in 1234 ms, retry after 1763904000.25",
        "token rejected: asaas; the secret key is not urlsafe base64 of 32 bytes",
        "Loading model models/20261123-132448-bright-lamp.tar.gz...",
        "R$ 1.234,56 vence em 10/12/2026, fatura 15924715, pay_080225913252",
        "SM0123456789abcdef0123456789abcdef accepted",
        'File "/app/segunda_via/gateways/asaas.py", line 101, in open_invoices',
        "<Task finished name='Task-12' coro=<main() done> at 0x7f061f7403a0>",
        "conversation 3b9a0f52-7d7c-4b1e-9d1a-0f6a5f0e2c11 took 0.1234 s",
        "",
    ],
)
def test_what_operators_need_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_redacting_twice_changes_nothing() -> None:
    known = (LINE, STATIC, FERNET, JWT, ASAAS, HEX, "529.982.247-25", "+5547999990001", "(47) 99999-0001")
    text = " ".join((*known, "Bearer abcdefgh", "senha=abcdefgh"))
    assert redact(redact(text)) == redact(text)


def cpf(number: int) -> str:
    digits = [int(digit) for digit in f"{number:09}"]
    for length in (9, 10):
        total = sum(digit * weight for digit, weight in zip(digits, range(length + 1, 1, -1), strict=True))
        digits.append(total * 10 % 11 % 10)
    return "".join(map(str, digits))


@given(st.text(max_size=40), st.integers(0, 10**9 - 1), st.text(max_size=40), st.booleans())
def test_no_cpf_survives_whatever_stands_around_it(before: str, number: int, after: str, formatted: bool) -> None:
    bare = cpf(number)
    # A digit or a plus that touches it makes it another number.
    before = before.rstrip("+0123456789") if before[-1:].isascii() else before + " "
    after = after.lstrip("0123456789") if after[:1].isascii() else " " + after
    written = documents.format(bare) if formatted else bare
    assert written not in redact(before + written + after)


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    redact(text)


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "12345678901",
        "00020126360014",
        "000201",
        "bearer ",
        "token=",
        "/media/",
        "eyJ",
        "eyJaaaaaaaaa.",
        "body='",
        "$aact_",
        "0123456789abcdef",
        "12.ABC.345/",
        "1.-",
        "1" * 39 + "a",
        "[parameters: ",
        "gAAAA",
        "A1",
        "529.982.247-25 ",
        "５ ",
        " ",
        "a",
    ],
)
@pytest.mark.slow
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        return min(_timed(text) for _ in range(3))

    small, large = seconds(log_redaction.LONGEST // 8), seconds(log_redaction.LONGEST)
    assert large < 40 * small + 0.05  # eight times the text; sixty-four times the time would be quadratic


def _timed(text: str) -> float:
    started = time.perf_counter()
    redact(text)
    return time.perf_counter() - started


def test_a_long_text_is_cut_without_leaving_half_a_number() -> None:
    for shift in range(0, 60, 5):
        text = "x" * (log_redaction.LONGEST - shift) + " " + linha_digitavel.format(LINE)
        redacted = redact(text)
        assert len(redacted) < log_redaction.LONGEST + 100
        assert not any(LINE[:4] in part for part in redacted.split())
    assert "1000000 characters cut off" in redact("y" * (log_redaction.LONGEST + 1_000_000))


def test_a_token_of_our_own_is_masked_even_without_its_path() -> None:
    token = base64.urlsafe_b64encode(b"\x80\x00\x00\x00" + bytes(80)).decode().rstrip("=")
    assert redact(token) == "<token>"
