"""The texts as the page Mensagens shows them: by situation, with a title each and values to preview them with.

What is not in the list is shown too, at the end, under its name: a response added to `domain.yml` is editable at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from segunda_via.conversation import slots
from segunda_via.conversation.responses import QUESTION, Responses

_ASK = "utter_ask_segunda_via_form_segunda_via_"
_OWN = "utter_segunda_via_"

SITUATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Boas-vindas e menu": {
        f"{_OWN}welcome": "Boas-vindas",
        f"{_OWN}menu": "Menu",
        f"{_OWN}help": "Ajuda",
        f"{_OWN}offer": "Oferta da segunda via",
        f"{_OWN}at_your_disposal": "Quando não quer nada agora",
        f"{_OWN}you_are_welcome": "Resposta a um agradecimento",
        f"{_OWN}goodbye": "Despedida",
    },
    "Pedido do documento": {
        QUESTION: "Pergunta do documento (mensagem da fila)",
        f"{_ASK}suggestion": "Faltou o zero do começo",
        f"{_ASK}spelled": "Documento escrito por extenso",
        f"{_ASK}choice": "Mais de um documento",
        f"{_OWN}greeted_again": "Cumprimentou de novo",
        f"{_OWN}help_document": "Ajuda com o documento",
        f"{_OWN}document_next": "Só falta o documento",
        f"{_OWN}document_needed": "Não quer informar o documento",
        f"{_OWN}no_document_there": "Sem documento na mensagem",
        f"{_OWN}cancelled": "Desistiu do pedido",
        f"{_OWN}inactive": "Parou de responder",
    },
    "Documento com problema": {
        f"{_OWN}invalid_check_digits": "Dígito trocado",
        f"{_OWN}invalid_repeated": "Dígitos repetidos",
        f"{_OWN}invalid_too_short": "Números a menos",
        f"{_OWN}invalid_too_long": "Números a mais",
        f"{_OWN}invalid_phone": "É um telefone",
        f"{_OWN}invalid_boleto": "É o código de um boleto",
        f"{_OWN}invalid_pix": "É um código Pix",
    },
    "Entrega da segunda via": {
        f"{_OWN}invoice_next_due": "Fatura a vencer",
        f"{_OWN}invoice_overdue": "Fatura vencida",
        f"{_OWN}invoice_overdue_updated": "Fatura vencida, valor atualizado",
        f"{_OWN}linha_digitavel_shows_less": "Código de barras sem os acréscimos",
        f"{_OWN}pix_shows_less": "Pix sem os acréscimos",
        f"{_OWN}codes_show_less": "Códigos sem os acréscimos",
        f"{_OWN}discount": "Desconto",
        f"{_OWN}check_amount": "Código sem valor",
        f"{_OWN}reissued": "Boleto emitido de novo",
        f"{_OWN}beneficiary": "Recebedor a conferir",
        f"{_OWN}link": "Link de pagamento",
        f"{_OWN}pdf_link": "Link do PDF, onde o canal não leva arquivos",
        f"{_OWN}codes_follow": "Aviso: Pix e código de barras",
        f"{_OWN}pix_follows": "Aviso: só Pix",
        f"{_OWN}linha_digitavel_follows": "Aviso: só código de barras",
        f"{_OWN}missing_link": "Sem link",
        f"{_OWN}missing_pix": "Sem Pix",
        f"{_OWN}missing_linha_digitavel": "Sem código de barras",
        f"{_OWN}others_open_one": "Mais uma fatura em aberto",
        f"{_OWN}others_open": "Mais faturas em aberto",
        f"{_OWN}offer_next_one": "Oferta da outra fatura",
        f"{_OWN}offer_next": "Oferta da próxima fatura",
        f"{_OWN}no_other_open": "Não há outra em aberto",
    },
    "Nada a enviar, ou algo falhou": {
        f"{_OWN}nothing_to_send": "Nenhuma fatura em aberto",
        f"{_OWN}too_many_tries": "Limite de consultas do dia",
        f"{_OWN}another_document": "Tentar outro documento",
        f"{_OWN}unpayable": "Boleto ainda em registro",
        f"{_OWN}suspicious": "Dados a conferir",
        f"{_OWN}unavailable": "Consulta indisponível",
        f"{_OWN}late_promise": "Consulta indisponível: o boleto vem depois",
        f"{_OWN}late_coming": "O boleto prometido está a caminho",
        f"{_OWN}late_with_person": "O boleto prometido fica com a pessoa",
        f"{_OWN}late_stopped": "O boleto prometido não vem mais",
        f"{_OWN}error": "Algo não funcionou",
        f"{_OWN}already_paid": "Já pagou",
        f"{_OWN}still_open": "Já pagou, mas consta em aberto",
    },
    "Atendimento por uma pessoa": {
        f"{_OWN}hand_over": "Passagem para uma pessoa",
        f"{_OWN}hand_over_here": "Passagem, na mesma conversa",
        f"{_OWN}other_matter": "Outro assunto",
        f"{_OWN}back_today": "Fora do horário: volta hoje",
        f"{_OWN}back_tomorrow": "Fora do horário: volta amanhã",
        f"{_OWN}back_on": "Fora do horário: volta em outro dia",
    },
    "Quando não entende": {
        f"{_OWN}not_understood": "Não entendeu",
        f"{_OWN}out_of_scope": "Fora do assunto",
        f"{_OWN}media": "Áudio, foto ou arquivo",
        f"{_OWN}slow_down": "Muitas mensagens de uma vez",
        f"{_OWN}wait": "A resposta demora",
    },
}

SAMPLES: Final[Mapping[str, str]] = {
    "numero": "15924715",
    "vencimento": "10/12/2026",
    "valor": "R$ 189,90",
    "valor_original": "R$ 180,00",
    "beneficiario": "SUA EMPRESA · Banco",
    "link": "https://pagamento.exemplo.com.br/i/15924715",
    "quantidade": "2",
    "hora": "08:00",
    "dia": "segunda-feira, 30/11",
    slots.SUGGESTION: "012.345.678-90",
    slots.SPELLED: "012.•••.•••-90",
    slots.CHOICE: "1) 012.345.678-90\n2) 11.222.333/0001-81",
}


@dataclass(frozen=True)
class Place:
    """Where a text stands: a response and, where the domain has a text for one channel alone, that channel."""

    response: str
    channel: str
    title: str


def places(responses: Responses) -> Iterator[tuple[str, list[Place]]]:
    """The situations, each with the texts that the domain has for it."""
    listed = {response for titles in SITUATIONS.values() for response in titles}
    others = {response: _plain(response) for response in responses if response not in listed}
    for situation, titles in {**SITUATIONS, "Outros textos": others}.items():
        found = [
            Place(response, channel, f"{title} · só em {channel}" if channel else title)
            for response, title in titles.items()
            for channel in _channels(responses, response)
        ]
        if found:
            yield situation, found


def sample(text: str) -> str:
    """`text` as a customer would read it, with made-up values.

    >>> sample("Fatura {numero} de {fulano}")
    'Fatura 15924715 de fulano'
    """
    return re.sub(r"\{(\w+)\}", lambda match: SAMPLES.get(match[1], match[1]), text)


def _channels(responses: Responses, response: str) -> list[str]:
    texts = [each for each in responses.get(response, ()) if "text" in each and not each.get("condition")]
    return list(dict.fromkeys(str(each.get("channel") or "") for each in texts))


def _plain(response: str) -> str:
    return response.removeprefix(_OWN).removeprefix("utter_").replace("_", " ")
