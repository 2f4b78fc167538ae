"""`documents`: one document, and the properties of `find` that hold for every text."""

from __future__ import annotations

import hashlib
import hmac
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from segunda_via.boletos import documents
from segunda_via.boletos.documents import Document, DocumentKind, Reason

CPF, CNPJ, LETTERS = "52998224725", "11222333000181", "12ABC34501DE35"


def _cpf(base: str) -> str:
    return base + next(f"{check:02}" for check in range(100) if cpf.is_valid(f"{base}{check:02}"))


cpfs = st.text(string.digits, min_size=9, max_size=9).filter(lambda base: len(set(base)) > 1).map(_cpf)
numeric_cnpjs = (
    st.text(string.digits, min_size=12, max_size=12)
    .filter(lambda base: len(set(base)) > 1 and base[:-1].strip("0") != "")
    .map(lambda base: base + cnpj.calc_check_digits(base))
)
lettered_cnpjs = (
    st.text(string.digits + string.ascii_uppercase, min_size=12, max_size=12)
    .filter(lambda base: base.strip("0") != "" and any(map(str.isdigit, base)) and any(map(str.isalpha, base)))
    .map(lambda base: base + cnpj.calc_check_digits(base))
)
WIDE = str.maketrans({ord(char): ord(char) + 0xFEE0 for char in string.digits + string.ascii_letters + ".-/"})


@given(st.one_of(cpfs, numeric_cnpjs, lettered_cnpjs), st.data())
def test_any_valid_document_is_found_in_any_writing(number: str, data: st.DataObject) -> None:
    mask = documents.format(number)
    written = data.draw(
        st.sampled_from(
            [
                mask,
                mask.lower(),
                mask.translate(WIDE),
                mask.replace("-", "–"),
                mask.replace(".", ". "),
                mask.replace("-", ""),
                mask.replace(".", ""),
                "\u200b".join(mask),
                number,
                number.lower(),
                number.translate(WIDE),
            ]
        )
    )
    before = data.draw(st.sampled_from(["", "meu documento é ", "cpf/cnpj: ", "oi\ncpf ou cnpj\n", "(", "*"]))
    after = data.draw(st.sampled_from(["", ".", "!", ", obrigado", ")", " 👍", "\n"]))
    text = before + written + after

    [found] = documents.find(text)

    assert found.value == number
    assert found.kind == documents.parse(number).kind.value
    assert found.text == written
    assert (found.start, found.end) == (len(before), len(before) + len(written))
    assert found.reason is None


@given(cpfs, st.integers(1, 3))
def test_a_cpf_is_found_spaced_or_glued_to_its_word(number: str, spaces: int) -> None:
    groups = (number[:3], number[3:6], number[6:9], number[9:])
    for text in ((" " * spaces).join(groups), f"cpf{number}", f"meucpfe{number}", f"CPF:{number}x"):
        assert [found.value for found in documents.find(text)] == [number]


@given(st.integers(10_000_000, 99_999_999).map(lambda rest: _cpf(f"0{rest}")))
def test_a_missing_zero_is_offered_back_and_never_used(number: str) -> None:
    [found] = documents.find(f"cpf {number[1:]}")

    assert found.kind == "documento_invalido"
    assert found.reason is Reason.MISSING_ZERO
    assert found.suggestion == Document(DocumentKind.CPF, number)


alphabet = st.one_of(
    st.sampled_from(list(string.digits * 3 + " .-/,()+:@\n" + "cpfnjtelzap" + "ABC")),
    st.sampled_from(
        ["cpf ", "tel ", "000201", "br.gov.bcb.pix", "52998224725", "529.982.247-24", "ﷺ", "½", "\u200b", "6️⃣"]
    ),
    st.characters(),
)


@given(st.lists(alphabet, max_size=80).map("".join))
def test_any_text_is_read_without_raising_and_offsets_slice_it(text: str) -> None:
    results = documents.find(text)

    assert [found.start for found in results] == sorted(found.start for found in results)
    end = 0
    for found in results:
        assert end <= found.start < found.end
        end = found.end
        assert text[found.start : found.end] == found.text
        assert (found.kind == "documento_invalido") == (found.reason is not None)
        assert documents.is_valid(found.value) == (found.reason in (None, Reason.SPELLED))
        assert (found.suggestion is not None) == (found.reason in documents.TO_CONFIRM)


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "a",
        ".",
        "1.",
        "1 ",
        "a1",
        "cpf",
        "cpf 52998224724 ",
        "529.982.247-24 ",
        "tel 11987654321 ",
        "000201",
        "@a.b",
        "br.gov.bcb.pix ",
        "63041234",
        "cnpj",
        "12.abc.345/01de-36 ",
        "ab cde fgh ijkl 12 ",
        "00190.00009 ",
        "５",
        "\n",
        "1-",
    ],
)
@pytest.mark.slow
def test_hostile_messages_of_200_kilobytes_are_read_to_their_end(unit: str) -> None:
    hostile = unit * (200_000 // len(unit))

    results = documents.find(f"{hostile} | cpf 111.444.777-35")

    assert results[-1].value == "11144477735"


@pytest.mark.parametrize(
    ("typed", "compact"),
    [
        ("529.982.247-25", CPF),
        (" 529 982 247 25\n", CPF),
        ("１２.abc.345/01de–35", LETTERS),
        ("11.222.333/0001-81", CNPJ),
    ],
)
def test_what_is_valid_is_compacted(typed: str, compact: str) -> None:
    assert documents.compact(typed) == compact
    assert documents.validate(typed) == compact
    assert documents.is_valid(typed)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("529.982.247-24", InvalidChecksum),
        ("11.222.333/0001-82", InvalidChecksum),
        ("12ABC34501DE3A", InvalidChecksum),
        ("111.111.111-11", InvalidComponent),
        ("00000000000", InvalidComponent),
        ("00000000000000", InvalidComponent),
        ("00000000000191", None),
        ("5299822472", InvalidLength),
        ("", InvalidFormat),
        ("529?982?247", InvalidFormat),
        ("5299822472A", InvalidFormat),
    ],
)
def test_what_is_not_valid_says_why_and_never_what(typed: str, error: type[ValidationError] | None) -> None:
    if error is None:
        assert documents.validate(typed) == typed
        return
    with pytest.raises(error) as raised:
        documents.validate(typed)
    assert not documents.is_valid(typed)
    assert not any(char.isdigit() for char in str(raised.value))


def test_a_document_cannot_be_made_of_what_is_not_one() -> None:
    for kind, value in [
        (DocumentKind.CPF, "52998224724"),
        (DocumentKind.CNPJ, CPF),
        (DocumentKind.CPF, "529.982.247-25"),
        (DocumentKind.CPF, "x"),
    ]:
        with pytest.raises(ValidationError):
            Document(kind, value)


@pytest.mark.parametrize(
    ("number", "kind", "formatted", "masked"),
    [
        (CPF, DocumentKind.CPF, "529.982.247-25", "***.982.247-**"),
        (CNPJ, DocumentKind.CNPJ, "11.222.333/0001-81", "**.222.333/****-**"),
        (LETTERS, DocumentKind.CNPJ, "12.ABC.345/01DE-35", "**.ABC.345/****-**"),
    ],
)
def test_formats_and_masks(number: str, kind: DocumentKind, formatted: str, masked: str) -> None:
    document = documents.parse(formatted.lower())

    assert document == Document(kind, number)
    assert documents.format(document) == documents.format(number) == formatted
    assert documents.mask(document) == documents.mask(number) == str(document) == masked
    for refused in (documents.format, documents.mask):
        with pytest.raises(InvalidLength):
            refused(number[1:])


def test_nothing_shown_names_the_document() -> None:
    document = documents.parse(CPF)
    found = documents.find("meu cpf é 529.982.247-25 ou 1234567890")

    shown = f"{document!r} {document} {found!r} {found}"

    assert CPF not in documents.compact(shown)
    assert "1234567890" not in documents.compact(shown)
    assert "529.982" not in shown


def test_fingerprints_tell_documents_apart_and_need_a_key() -> None:
    expected = hmac.new(b"k", b"cpf:52998224725", hashlib.sha256).hexdigest()

    assert documents.fingerprint("529.982.247-25", b"k") == expected
    assert documents.fingerprint(documents.parse(CPF), b"k") == expected
    assert documents.fingerprint(CPF, b"other") != expected
    assert documents.fingerprint(CNPJ, b"k") != expected
    with pytest.raises(ValueError, match="key"):
        documents.fingerprint(CPF, b"")
    with pytest.raises(ValidationError):
        documents.fingerprint("52998224724", b"k")
