"""Reserved words: messages whose meaning the conversation itself relies on, so that no operator can give them another.

A keyword "sim" would leave no answer to a question, a keyword "atendente" no way to a person. Reserved are answers,
numbers, the menu and its options, the ways out (a person, cancelling, help), and greetings, thanks and goodbyes, which
would open a request each time. As with keywords, the whole message counts; case, accents and punctuation do not. Pure.

>>> meaning_of("NÃO!").why, meaning_of("2️⃣").why, meaning_of("não quero boleto")
('responde às perguntas da conversa', 'escolhe uma opção pelo número', None)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from segunda_via.conversation.keywords import normalise
from segunda_via.conversation.menu import CHOOSE, SHOW, Menu, asks_for_menu, number_of

_ANSWERS = "responde às perguntas da conversa"


@dataclass(frozen=True)
class Meaning:
    intent: str
    why: str
    """What the message does already; ends the sentence "“sim” já tem outro sentido: …"."""


_WORDS: Final[dict[Meaning, str]] = {
    Meaning("afirmar", _ANSWERS): """
        sim, s, ss, sim quero, sim por favor, simm, aham, uhum, isso, isso mesmo, isso ai, e isso, ok, okay, okey, ta,
        ta bom, ta certo, tudo bem, blz, beleza, certo, certinho, correto, exato, exatamente, claro, com certeza, pode,
        pode ser, pode sim, pode mandar, manda, quero, quero sim, confirmo, confirmado, confirmar, aceito, positivo,
        perfeito, fechado, combinado, bora, yes
    """,
    Meaning("negar", _ANSWERS): """
        nao, n, nn, nao quero, nao obrigado, nao obrigada, nao precisa, nao e, nao sou eu, agora nao, ainda nao, nops,
        nope, no, negativo, errado, ta errado, incorreto, de jeito nenhum, melhor nao, nunca
    """,
    Meaning("cancelar", "desiste do pedido"): """
        cancelar, cancela, cancele, cancelar pedido, desistir, desisto, desiste, parar, para, pare, sair, encerrar,
        encerra, deixa, deixa pra la, deixa para la, deixa quieto, esquece, esqueca, stop
    """,
    Meaning("falar_com_atendente", "chama uma pessoa"): """
        atendente, atendimento, atendimento humano, humano, humana, pessoa, uma pessoa, alguem, operador, operadora,
        falar com atendente, falar com um atendente, falar com uma atendente, falar com o atendente, falar com alguem,
        falar com pessoa, falar com uma pessoa, quero falar com atendente, quero falar com um atendente
    """,
    Meaning("pedir_ajuda", "pede ajuda"): "ajuda, me ajuda, ajude, socorro, help, como funciona, como usar",
    Meaning("cumprimentar", "é um cumprimento"): """
        oi, oii, oie, oi oi, ola, alo, opa, ei, e ai, eai, hey, hello, bom dia, boa tarde, boa noite, oi bom dia,
        oi boa tarde, oi boa noite, ola bom dia, ola boa tarde, ola boa noite, oi tudo bem, ola tudo bem
    """,
    Meaning("agradecer", "é um agradecimento"): """
        obrigado, obrigada, muito obrigado, muito obrigada, obg, brigado, brigada, valeu, vlw, agradeco, grato, grata
    """,
    Meaning("despedir", "é uma despedida"): "tchau, tchau tchau, ate logo, ate mais, ate amanha, adeus, falou, flw",
}
_MEANINGS: Final = {normalise(word): meaning for meaning, words in _WORDS.items() for word in words.split(",")}
_NUMBER: Final = Meaning(CHOOSE, "escolhe uma opção pelo número")
_MENU: Final = Meaning(SHOW, "mostra o menu")
_OPTION: Final = "é uma opção do menu"


def meaning_of(message: str, menu: Menu | None = None) -> Meaning | None:
    """What the whole message means already, the company's `menu` included; None when it is free.

    >>> meaning_of("Falar com atendente", Menu()).intent, meaning_of("segunda via de boleto", Menu()).intent
    ('falar_com_atendente', 'pedir_segunda_via')
    """
    said = normalise(message)
    if said.replace(" ", "").isdigit() or number_of(message):
        return _NUMBER
    if asks_for_menu(message):
        return _MENU
    if menu is not None and (option := menu.labelled(message)):
        return Meaning(option.leads_to, _OPTION)
    return _MEANINGS.get(said)
