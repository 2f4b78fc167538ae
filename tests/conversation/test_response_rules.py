"""What a text may be: refused with the reason before it could break a message."""

from __future__ import annotations

import pytest

from segunda_via.conversation.response_rules import LONGEST, checked
from segunda_via.errors import ConfigurationError

INVOICE = ("numero", "valor")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "vazio"),
        (" \n\t ", "vazio"),
        ("Fatura {numero}", "falta no texto a variável {valor}"),
        ("{numero} {valor} {cpf}", "a variável {cpf} não existe"),
        ("{numero} {valor}\n\nObrigado", "linha em branco"),
        ("{numero} {valor}\n \u00a0 \nObrigado", "linha em branco"),
        ("{numero} {valor}\n\u200d\nObrigado", "linha em branco"),
        ("/restart {numero} {valor}", "não pode começar com"),
        ("{numero} {valor}\x07", "caractere invisível"),
        ("{numero} {valor}\u202e", "caractere invisível"),
        ("{numero}\u2028{valor}", "caractere invisível"),
        ("{numero} {valor}" + "x" * LONGEST, "limite é 1024"),
        ("{numero} {valor} 0[800]", "0["),
    ],
)
def test_what_would_break_a_message_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason.replace("{", r"\{").replace("[", r"\[")):
        checked(text, INVOICE)


@pytest.mark.parametrize(
    "attack",
    ["{numero.__class__}", "{numero].__class__[0}", "{0}", "{}", "{{numero}}", "{numero!r}", "{numero:>9}", "{", "}"],
)
def test_whatever_str_format_would_make_more_of_is_refused(attack: str) -> None:
    with pytest.raises(ConfigurationError):
        checked("{numero} {valor} " + attack, INVOICE)


def test_what_whatsapp_shows_is_kept_as_it_is() -> None:
    text = "*Olá!* 👨‍👩‍👧 _{numero}_ 🏴󠁧󠁢󠁥󠁮󠁧󠁿\n~{valor}~ 1️⃣ “é” <b> %s $x {valor_original}"
    assert checked(text, INVOICE, ("valor_original",)) == text


def test_an_optional_variable_may_be_left_out() -> None:
    assert checked("{numero} {valor}", INVOICE, ("valor_original",)) == "{numero} {valor}"
