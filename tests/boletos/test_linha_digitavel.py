"""`boleto`: vectors of banks and gateways, both due-date cycles, and what the check digits guarantee."""

from __future__ import annotations

import string
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from segunda_via.boletos import linha_digitavel

TODAY = date(2026, 11, 23)
BOLETOS = [
    # line, barcode, bank, due date, amount
    ("00190000090275928800021932978170187890000005000", "00191878900000050000000002759288002193297817",
     "001", date(2021, 10, 30), "50.00"),
    ("46191234506789012345767890123457115170000035000", "46191151700000350001234567890123456789012345",
     "461", date(2026, 7, 24), "350.00"),
    ("75691300110101234567200123450017116260000018990", "75691162600000189901300101012345670012345001",
     "756", date(2026, 11, 10), "189.90"),
    ("34191090080012345678212345670009816310000008800", "34198163100000088001090000123456781234567000",
     "341", date(2026, 11, 15), "88.00"),
    ("00190000090312855700000012345179616360000009990", "00196163600000099900000003128557000001234517",
     "001", date(2026, 11, 20), "99.90"),
]  # fmt: skip
ARRECADACAO = ("826800000000500012345673890123456786901234567898", "82680000000500012345678901234567890123456789")

banks = st.text(string.digits, min_size=3, max_size=3).filter(lambda code: code[0] != "8")
dues = st.one_of(st.none(), st.dates(date(2000, 7, 3), date(2049, 10, 13)))
amounts = st.integers(0, 9_999_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
free_fields = st.text(string.digits, min_size=25, max_size=25)
barcodes = st.builds(linha_digitavel.make_barcode, banks, dues, amounts, free_fields)


def _arrecadacao(segment: str, kind: str, rest: str) -> str:
    """The valid barcode among the ten that differ in the general check digit alone."""
    [code] = [code for check in range(10) if linha_digitavel.is_valid(code := f"8{segment}{kind}{check}{rest}")]
    return code


arrecadacoes = st.builds(
    _arrecadacao,
    st.sampled_from("123456789"),
    st.sampled_from("6789"),
    st.text(string.digits, min_size=40, max_size=40),
)


@pytest.mark.parametrize(("line", "barcode", "bank", "due", "amount"), BOLETOS)
def test_known_boletos(line: str, barcode: str, bank: str, due: date, amount: str) -> None:
    assert linha_digitavel.to_barcode(line) == barcode
    assert linha_digitavel.to_linha_digitavel(barcode) == line
    for code in (line, barcode, linha_digitavel.format(line)):
        assert linha_digitavel.validate(code) == linha_digitavel.compact(code)
        assert linha_digitavel.bank_code(code) == bank
        assert linha_digitavel.due_date(code, min(TODAY, due + timedelta(days=30))) == due
        assert linha_digitavel.amount(code) == Decimal(amount)
        assert not linha_digitavel.is_arrecadacao(code)
    assert linha_digitavel.make_barcode(bank, due, Decimal(amount), barcode[19:]) == barcode


def test_known_arrecadacao() -> None:
    line, barcode = ARRECADACAO
    assert linha_digitavel.to_barcode(line) == barcode
    assert linha_digitavel.to_linha_digitavel(barcode) == line
    assert linha_digitavel.format(line) == "82680000000-0 50001234567-3 89012345678-6 90123456789-8"
    assert linha_digitavel.validate(linha_digitavel.format(line)) == line
    assert linha_digitavel.is_arrecadacao(line)
    assert linha_digitavel.bank_code(line) is None
    assert linha_digitavel.due_date(line, TODAY) is None
    assert linha_digitavel.amount(line) == Decimal("50.00")


def test_lines_are_written_as_banks_print_them() -> None:
    line = "00190000090312855700000012345179616360000009990"
    assert linha_digitavel.format(line) == "00190.00009 03128.557000 00012.345179 6 16360000009990"
    assert linha_digitavel.compact("\u00a000190.00009\n03128.557000 00012.345179 6 16360000009990 ") == line
    with pytest.raises(InvalidLength):
        linha_digitavel.format(line[:-1])


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("", InvalidFormat),
        ("boleto", InvalidFormat),
        ("0019000009031285570000001234517961636000000999", InvalidLength),
        ("00190000090312855700000012345179616360000009991", InvalidChecksum),
        ("00190000080312855700000012345179616360000009990", InvalidChecksum),
        ("00196163600000099900000003128557000001234518", InvalidChecksum),
        ("00186163600000099900000003128557000001234517", InvalidComponent),
        ("726800000000500012345673890123456786901234567898", InvalidComponent),
        ("82580000000500012345678901234567890123456789", InvalidComponent),
        ("826800000001500012345673890123456786901234567898", InvalidChecksum),
    ],
)
def test_refused_codes_say_why_and_never_what(code: str, error: type[ValidationError]) -> None:
    with pytest.raises(error) as raised:
        linha_digitavel.validate(code)
    assert type(raised.value) is error
    assert not linha_digitavel.is_valid(code)
    assert not any(char.isdigit() for char in str(raised.value))


@pytest.mark.parametrize(
    ("due", "factor"),
    [
        (date(2000, 7, 3), 1000),
        (date(2000, 7, 2), 999),
        (date(2025, 2, 20), 9998),
        (date(2025, 2, 21), 9999),
        (date(2025, 2, 22), 1000),
        (date(2025, 2, 23), 1001),
        (date(2026, 11, 20), 1636),
        (date(2049, 10, 13), 9999),
        (date(2049, 10, 14), 1000),
    ],
)
def test_the_factor_restarts(due: date, factor: int) -> None:
    assert linha_digitavel.due_factor(due) == factor
    code = linha_digitavel.make_barcode("001", due, Decimal(1), "0" * 25)
    assert linha_digitavel.due_date(code, today=due) == due


@pytest.mark.parametrize(
    ("factor_of", "today", "expected"),
    [
        (date(2025, 2, 21), date(2025, 2, 22), date(2025, 2, 21)),
        (date(2025, 2, 22), date(2025, 2, 21), date(2025, 2, 22)),
        (date(2000, 7, 3), date(2000, 7, 3), date(2000, 7, 3)),
        (date(2000, 7, 3), TODAY, date(2025, 2, 22)),
        (date(2049, 10, 13), TODAY, date(2025, 2, 21)),
    ],
)
def test_a_factor_is_read_in_the_cycle_nearest_to_today(factor_of: date, today: date, expected: date) -> None:
    code = linha_digitavel.make_barcode("237", factor_of, Decimal(1), "1" * 25)
    assert linha_digitavel.due_date(code, today) == expected


@given(st.dates(date(2000, 7, 3), date(2049, 10, 13)), st.integers(-4499, 4499))
def test_any_due_date_within_twelve_years_of_today_is_read_back(due: date, distance: int) -> None:
    today = due + timedelta(days=distance)
    assume(date(2000, 7, 3) <= today)
    assert linha_digitavel.due_date(linha_digitavel.make_barcode("001", due, Decimal(1), "2" * 25), today) == due


def test_amount_and_due_date_may_be_left_open() -> None:
    code = linha_digitavel.make_barcode("341", None, Decimal(0), "3" * 25)
    assert linha_digitavel.amount(code) is None
    assert linha_digitavel.due_date(code, TODAY) is None


@pytest.mark.parametrize(
    ("bank", "due", "amount", "free_field"),
    [
        ("01", None, "1", "0" * 25),
        ("001", None, "1", "0" * 24),
        ("0a1", None, "1", "0" * 25),
        ("801", None, "1", "0" * 25),
        ("001", None, "-1", "0" * 25),
        ("001", None, "1.005", "0" * 25),
        ("001", None, "100000000.00", "0" * 25),
        ("001", date(1997, 10, 7), "1", "0" * 25),
    ],
)
def test_no_barcode_is_made_of_what_does_not_fit(bank: str, due: date | None, amount: str, free_field: str) -> None:
    with pytest.raises(ValidationError):
        linha_digitavel.make_barcode(bank, due, Decimal(amount), free_field)


def test_banks_have_names() -> None:
    assert linha_digitavel.bank_name("461") == "Asaas"
    assert linha_digitavel.bank_name("104") == "Caixa"
    assert linha_digitavel.bank_name("999") is None


@given(banks, dues, amounts, free_fields)
def test_what_is_made_is_read_back(bank: str, due: date | None, amount: Decimal, free_field: str) -> None:
    barcode = linha_digitavel.make_barcode(bank, due, amount, free_field)
    line = linha_digitavel.to_linha_digitavel(barcode)
    assert linha_digitavel.to_barcode(line) == barcode
    assert linha_digitavel.validate(linha_digitavel.format(line)) == line
    assert linha_digitavel.amount(line) == (amount or None)
    assert linha_digitavel.due_date(line, due or TODAY) == due
    assert linha_digitavel.bank_code(line) == bank


@given(arrecadacoes)
def test_arrecadacao_goes_round(barcode: str) -> None:
    line = linha_digitavel.to_linha_digitavel(barcode)
    assert len(line) == 48
    assert linha_digitavel.to_barcode(line) == barcode
    assert linha_digitavel.validate(linha_digitavel.format(line)) == line
    assert (linha_digitavel.amount(line) is None) == (barcode[2] in "79" or int(barcode[4:15]) == 0)


def _changed(code: str, at: int, by: int) -> str:
    return f"{code[:at]}{(int(code[at]) + by) % 10}{code[at + 1 :]}"


@given(barcodes, st.integers(0, 46), st.integers(1, 9))
def test_a_changed_digit_of_a_line_is_caught(barcode: str, at: int, by: int) -> None:
    # Check digit 1 stands for three rests, so a change among those is invisible to it; the fields' own always see.
    assume(at <= 32 or barcode[4] != "1")
    assert not linha_digitavel.is_valid(_changed(linha_digitavel.to_linha_digitavel(barcode), at, by))


@given(barcodes, st.integers(0, 43), st.integers(1, 9))
def test_a_changed_digit_of_a_barcode_is_caught(barcode: str, at: int, by: int) -> None:
    changed = _changed(barcode, at, by)
    assume(barcode[4] != "1" or at == 4)
    assume(changed[0] != "8")  # it would be read under the other layout's rules
    assert not linha_digitavel.is_valid(changed)


@given(arrecadacoes, st.integers(1, 47), st.integers(1, 9))
def test_a_changed_digit_of_an_arrecadacao_is_caught(barcode: str, at: int, by: int) -> None:
    line = linha_digitavel.to_linha_digitavel(barcode)
    assume(at != 2)  # the value kind chooses the modulus
    group_check = line[at // 12 * 12 + 11]
    # modulo 11 folds two rests into 0; modulo 10 sees every single change
    assume(barcode[2] in "67" or group_check != "0" or at % 12 == 11)
    assert not linha_digitavel.is_valid(_changed(line, at, by))


@given(st.text(max_size=60))
def test_any_text_is_judged_without_surprises(text: str) -> None:
    assert linha_digitavel.is_valid(text) in (True, False)
