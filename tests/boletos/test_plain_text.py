"""Texts of a gateway as plain text: no formatting, no link, nothing that looks like something else, bounded."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import pypdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.factories import TODAY, examine, invoice, pix_code

from segunda_via.boletos.checks import Payee
from segunda_via.boletos.invoice import Invoice, InvoiceChoice
from segunda_via.boletos.plain_text import LONGEST, comparable, plain
from segunda_via.delivery.bundle import Code, MediaUrls, Text, messages
from segunda_via.delivery.deliver_segunda_via import Account
from segunda_via.gateways import GatewayIdentity
from segunda_via.media import boleto_pdf
from segunda_via.media.delivery_links import DeliveryLinks
from segunda_via.media.links import MediaLinks, PdfLink

BENT = {
    "bold": ("*URGENTE*", "URGENTE"),
    "italic, struck and code": ("_a_ ~b~ ```c```", "a b c"),
    "a quote": ("> aviso", "aviso"),
    "an item of a list": ("- aviso", "aviso"),
    "a link of Markdown": ("[pague](https://golpe.example)", "pague ("),
    "HTML": ("<b>a</b>", "b a /b"),
    "a link": ("pague em https://golpe.example/pix agora", "pague em agora"),
    "a link in capitals": ("HTTPS://GOLPE.EXAMPLE/pix", ""),
    "a link by www": ("www.golpe.example/pix", ""),
    "a link without a scheme": ("golpe.example/pix", "golpe example/pix"),
    "a link by an IP address": ("pague em 203.0.113.7/pix.", "pague em 203 0 113 7/pix."),
    "a link with a scheme of another app": ("whatsapp://send?text=a", ""),
    "a script": ("javascript:alert(1)", ""),
    "a link around a zero-width space": ("golpe\u200b.\u200bcom.br", "golpe com br"),
    "a link around formatting": ("golpe.*com*", "golpe. com"),
    "a link in full-width letters": ("ｇｏｌｐｅ．ｃｏｍ", "golpe com"),
    "a link by an ideographic stop": ("golpe。com", "golpe com"),
    "an e-mail": ("ana@golpe.com", "ana@golpe com"),
    "a right-to-left mark": ("1234\u202e5678", "12345678"),
    "an isolate": ("\u2066a\u2069", "a"),
    "zero-width characters": ("a\u200bb\u200dc\ufeffd\u2060e\u00adf", "abcdef"),
    "letters of tags": ("a\U000e0041\U000e007f", "a"),
    "control characters": ("a\x00b\x1bc\x7fd\x85e", "abcd e"),
    "line breaks": ("a\n\nb\r\nc\u2028d\u2029e", "a b c d e"),
    "white space of any kind": (" a\u00a0\u3000\tb ", "a b"),
    "invisible letters": ("a\u3164b\u2800c\u115fd", "abcd"),
    "piled-up marks": ("a\u0300\u0301\u0489\u0316b", "àb"),
    "letters in disguise": ("𝗨𝗥𝗚𝗘𝗡𝗧𝗘", "URGENTE"),
    "a lone surrogate": ("a\ud800b", "ab"),
    "nothing but formatting": ("***", ""),
    "nothing": ("", ""),
}
HONEST = [
    "15924715",
    "2026/11-0042",
    "COB00000909",
    "nº 1.234 (2ª via)",
    "José da Conceição & Cia. Ltda.",
    "D'Ávila Comércio S.A.",
    "São João Telecom, 3ª Filial",
    "FATURA 12.345.678/0001-95",
    "{link}",
]


@pytest.mark.parametrize(("text", "shown"), BENT.values(), ids=BENT)
def test_what_could_be_misread_is_taken_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", HONEST)
def test_what_people_write_stays(text: str) -> None:
    assert plain(text) == text


def test_the_length_is_bounded_and_the_cut_is_seen() -> None:
    assert plain("a" * 101) == "a" * 99 + "…"
    assert plain("a" * 100) == "a" * 100
    assert plain("ab " * 50_000, 10) == "ab ab ab…"


@given(st.text(max_size=60))
@example("a.de1" * 40)
@example("hhttps://ttps://x")
@example("ﷺ" * 30)
def test_nothing_can_be_built_that_gets_through(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    assert len(shown) <= LONGEST
    assert not re.search(r"[*_~`<>\[\]]|://|\w\.[^\W\d_]{2}|  |\n", shown)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zl", "Zp"}


def test_names_are_compared_as_people_read_them() -> None:
    assert comparable("CLICK.NET  Telecomunicações") == comparable("Click net telecomunicacoes")
    assert comparable("EMPRESA A") != comparable("EMPRESA B")


HOSTILE = "*URGENTE* \u202e_pague_\u200b em https://golpe.example/pix ou golpe.example"
HARMLESS = "URGENTE pague em ou golpe example"


def hostile_invoice() -> Invoice:
    asked = invoice(number=HOSTILE[:60], beneficiary=HOSTILE, payer=HOSTILE)
    return replace(asked, codes=replace(asked.codes, pix=pix_code("189.90", receiver="*GOLPE* golpe.example")))


def test_every_text_of_an_invoice_is_plain_whoever_makes_it() -> None:
    asked = hostile_invoice()
    assert (asked.beneficiary, asked.payer) == (HARMLESS, HARMLESS)
    assert asked.number.startswith("URGENTE pague em")
    assert replace(asked, number="*1*").number == "1"
    assert invoice(number="***", beneficiary="\u200b", payer=" ").number == "pay 0001", "a number is always told"
    assert invoice(beneficiary="\u200b").beneficiary is None


def test_whose_account_and_who_receives_are_plain_too() -> None:
    assert GatewayIdentity(HOSTILE, "production").account == HARMLESS
    assert GatewayIdentity("\u202e", "production").account is None
    assert Payee(pix_receiver=HOSTILE).pix_receiver == HARMLESS
    assert not Payee(pix_receiver="***")
    assert examine(hostile_invoice(), TODAY).payee.pix_receiver == "GOLPE golpe example"


def test_a_receiver_that_was_confirmed_as_plain_is_still_the_same() -> None:
    verdict = examine(hostile_invoice(), TODAY)
    assert examine(hostile_invoice(), TODAY, payee=verdict.payee).failures == ()


@pytest.mark.parametrize("beneficiary", [HOSTILE, None])
def test_the_customer_reads_nothing_of_it(beneficiary: str | None) -> None:
    asked = replace(hostile_invoice(), beneficiary=beneficiary)
    parts = messages(InvoiceChoice(asked, overdue=False, others=0), examine(asked, TODAY), Payee(), MediaUrls())
    lines = [line for part in parts if isinstance(part, Text) for line in part.lines]
    told = " ".join(value for line in lines for value in line.values.values())
    assert "golpe example" in told
    assert not re.search(r"golpe\.example|[*_~`\u202e\u200b]", told)
    codes = [part.text for part in parts if isinstance(part, Code)]
    assert "*GOLPE* golpe.example" in codes[0], "a code stays as it is"


def test_our_own_pdf_shows_nothing_of_it() -> None:
    asked = hostile_invoice()
    links = MediaLinks(b"k" * 32, lambda: "https://bot.example.com", clock=lambda: 0.0)
    account = Account(SimpleNamespace(name="fake"))  # type: ignore[arg-type]  only its name is asked for
    link = links.open((DeliveryLinks(links).links(account, asked).pdf or "").rpartition("/")[2])
    assert isinstance(link, PdfLink)
    page = pypdf.PdfReader(io.BytesIO(boleto_pdf.render(link.slip, TODAY))).pages[0].extract_text()
    assert "URGENTE pague em" in page
    assert page.count("golpe.example") == 1, "in the Pix code itself, which stays as it is"
