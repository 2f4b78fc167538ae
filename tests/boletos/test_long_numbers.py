"""Boleto codes however they are printed, mistyped and cut; and no document cut out of a longer number."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.printed_codes import PRINTS, Print, code, collection

from segunda_via.boletos import documents
from segunda_via.boletos.documents import OtherKind
from segunda_via.boletos.documents.phones import is_phone

COLLECTION = list(collection())
UTILITY = "84630000000-3 29990296202-4 41013600080-0 52998224725"


def kinds(text: str) -> set[OtherKind]:
    return {other.kind for other in documents.others(text)}


def valid(text: str) -> list[str]:
    return [found.value for found in documents.find(text) if found.reason is None]


def test_the_collection_is_large() -> None:
    assert len({text for _, text in COLLECTION}) >= 150
    assert {each.digits for each in PRINTS} == {44, 47, 48}


@pytest.mark.parametrize("text", [text for _, text in COLLECTION], ids=[name for name, _ in COLLECTION])
def test_a_pasted_code_is_a_boletos_and_nothing_else(text: str) -> None:
    assert kinds(text) == {OtherKind.BOLETO}
    assert documents.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "00190.00009 07777.777009 00087.654182 6 49000000295295",
        UTILITY,
        "846300000003 299902962024 410136000800 52998224725",
        "846300000003.299902962024.410136000800.52998224725",
        "846300000003 - 299902962024 - 410136000800 - 52998224725",
        f"{UTILITY}\n{UTILITY}",
        "2999029620-4 41013600080-0\n52998224725",
        "0 52998224725 41013600080-0 2999",
        "OO190.00009 07777.777009 00087.654182 6 49000000295295",
        "paguei o 00190.00009 07777.777009 00087.654182 6 49000000295295 ontem",
    ],
)
def test_what_was_seen_is_recognised(text: str) -> None:
    assert kinds(text) == {OtherKind.BOLETO}
    assert valid(text) == []


@pytest.mark.parametrize(
    "text",
    ["0 52998224725", "0-0 52998224725", "80-0 52998224725", "003 52998224725", "52998224725 0", "12345 52998224725"],
)
def test_no_document_is_cut_out_of_a_piece_that_is_too_short_to_be_told(text: str) -> None:
    assert valid(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-25",
        "52998224725 2 via por favor",
        "moro no ap 302 52998224725",
        "boleto de outubro 2026 52998224725",
        "cpf 52998224725 12345",
        "52998224725 10/11/1980",
        "52998224725\n47 99999-0001",
        "52998224725 47999990001",
        "R$ 350,00 52998224725",
        "01310-100\n52998224725",
        "protocolo 20261105143022, 52998224725",
        "1. 52998224725\n2. 11144477735",
        "00190.00009 03128.557000 00012.345179 6 16360000009990\n52998224725",
        "00190.00009 03128.557000 00012.345179 6 16360000009991\n52998224725",
        "529.982.247-25 00190.00009 03128.557000 00012.345179 6 16360000009990",
        "12345 529.982.247-25 6789",
    ],
)
def test_a_real_document_beside_other_numbers_is_found(text: str) -> None:
    assert "52998224725" in valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "529.982.247-25",
        "11.222.333/0001-81",
        "4111 1111 1111 1111",
        "protocolo 2026112300012345",
        "0001234-56.2026.8.26.0100",
        "(11) 98765-4321",
        "52998224725 11144477735 39053344705 01234567890",
        "7d9f0335-8dcc-4054-9bf9-0dbd61d36906",
        "ip 192.168.100.254",
        "1 2 3 4 5 6 7 8 9 10",
        "R$ 1.234.567,89",
        "2019 2020 2021 2022 2023",
    ],
)
def test_other_numbers_are_no_boletos(text: str) -> None:
    assert OtherKind.BOLETO not in kinds(text)


def test_a_pix_code_is_one_whole_or_cut_and_no_phone() -> None:
    pix = (
        "00020126360014br.gov.bcb.pix0114+5511987654321520400005303986540599.905802BR"
        "5915EMPRESA EXEMPLO6009SAO PAULO62070503***6304E883"
    )
    assert kinds(pix) == kinds(pix[:70]) == {OtherKind.PIX}


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """A printed code, cut at one end or both, at times with its last group changed into a document."""
    printed: Print = draw(st.sampled_from(PRINTS))
    digits = code(printed.digits, random.Random(draw(st.integers(0, 2**32))))
    hidden = draw(st.sampled_from(["", "52998224725", "11222333000181"]))
    at = draw(st.integers(0, len(digits) - len(hidden)))
    text = printed.of(digits[:at] + hidden + digits[at + len(hidden) :])
    start, end = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    return text[start:end].strip(" .-\n")


def is_all_documents(text: str) -> bool:
    """Whether a piece that was left is, as it stands, nothing but documents and phones: that cannot be told."""
    if documents.is_valid(text):
        return True
    return all(documents.is_valid(each) or is_phone(each) for each in re.split(r"[^\d]+", text))


@given(pieces())
@example("41013600080-0 52998224725")
@example("3 52998224725")
def test_no_document_is_cut_out_of_a_printed_code_wherever_it_is_cut(text: str) -> None:
    assert valid(text) == [] or is_all_documents(text)


@given(pieces(), pieces())
def test_nor_out_of_two(one: str, other: str) -> None:
    text = f"{one}\n{other}"
    assert valid(text) == [] or is_all_documents(one) or is_all_documents(other)
