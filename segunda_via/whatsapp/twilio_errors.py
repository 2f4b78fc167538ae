"""Twilio's error codes: what they mean to an operator, and how far they reach.

Source: https://www.twilio.com/docs/api/errors and /docs/whatsapp/api/error-code-mapping.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reach(str, Enum):
    PASSING = "passing"  # try again soon
    ACCOUNT = "account"  # nothing can be sent until the operator mends it
    CUSTOMER = "customer"  # nothing can be sent to this customer
    MESSAGE = "message"  # this message cannot be sent; the next one may


@dataclass(frozen=True)
class Meaning:
    text: str
    reach: Reach


_P, _A, _C, _M = Reach.PASSING, Reach.ACCOUNT, Reach.CUSTOMER, Reach.MESSAGE

MEANINGS: dict[int, Meaning] = {
    code: Meaning(text, reach)
    for code, text, reach in (
        (11200, "a Twilio não conseguiu abrir o endereço da mídia", _M),
        (11751, "o arquivo passa do tamanho que o WhatsApp aceita", _M),
        (20003, "a Twilio recusou o Account SID ou o Auth Token", _A),
        (20404, "a conta não existe na Twilio", _A),
        (20429, "a Twilio pediu para enviar mais devagar", _P),
        (20500, "a Twilio falhou por dentro", _P),
        (20503, "a Twilio está indisponível", _P),
        (21211, "o número do cliente não é válido", _C),
        (21603, "falta o número da empresa", _A),
        (21604, "falta o número do cliente", _C),
        (21608, "conta de teste: o número do cliente não foi verificado", _C),
        (21609, "o endereço de status não é válido", _A),
        (21610, "o cliente pediu para não receber mensagens (STOP)", _C),
        (21611, "a fila de envio do número está cheia", _P),
        (21612, "este número não pode escrever para o do cliente", _C),
        (21614, "o número do cliente não recebe mensagens", _C),
        (21617, "a mensagem passa de 1600 caracteres", _M),
        (21619, "a mensagem está vazia", _M),
        (21620, "o endereço da mídia não é válido", _M),
        (21623, "mídias demais em uma mensagem", _M),
        (21655, "o modelo (ContentSid) não existe", _M),
        (21656, "as variáveis do modelo não são válidas", _M),
        (21910, "o número da empresa e o do cliente não são do mesmo canal", _A),
        (30001, "a fila de envio transbordou", _P),
        (30002, "a conta da Twilio está suspensa", _A),
        (30003, "o aparelho do cliente não pode ser alcançado", _C),
        (30004, "a mensagem foi bloqueada", _C),
        (30005, "o número do cliente não existe", _C),
        (30006, "o número do cliente não recebe mensagens", _C),
        (30008, "falha desconhecida na entrega", _M),
        (63001, "o WhatsApp recusou as credenciais do número", _A),
        (63003, "o cliente não foi encontrado no WhatsApp", _C),
        (63005, "o WhatsApp não aceitou o conteúdo da mensagem", _M),
        (63007, "o número da empresa não está ativo no WhatsApp da Twilio", _A),
        (63010, "o WhatsApp falhou por dentro", _P),
        (63012, "o WhatsApp não respondeu", _P),
        (63013, "a mensagem foi recusada pelas políticas do WhatsApp", _C),
        (63015, "sandbox: o cliente ainda não entrou com o código join", _C),
        (63016, "fora da janela de 24 horas: só um modelo aprovado pode ser enviado", _C),
        (63018, "limite de mensagens por segundo do WhatsApp", _P),
        (63019, "o WhatsApp não conseguiu baixar a mídia", _M),
        (63021, "o WhatsApp não aceitou o tipo ou o tamanho do conteúdo", _M),
        (63024, "o cliente não recebe mensagens deste número", _C),
        (63032, "o cliente faz parte de um teste do WhatsApp e não recebe esta mensagem", _C),
        (63036, "o número do cliente não recebe mensagens pelo WhatsApp", _C),
        (63037, "o WhatsApp não recebeu a mídia", _M),
        (63038, "limite diário de mensagens da conta", _A),
        (63049, "o WhatsApp decidiu não entregar a mensagem", _C),
        (63051, "a conta do WhatsApp da empresa está bloqueada", _A),
    )
}


def meaning(code: int | None, status: int = 400) -> Meaning:
    """What a code says; an unknown one is judged by its HTTP status.

    >>> meaning(63016).reach.value, meaning(None, 503).reach.value, meaning(99999).text
    ('customer', 'passing', 'erro 99999 da Twilio')
    """
    if code in MEANINGS:
        return MEANINGS[code]
    if status == 429 or status >= 500:
        return Meaning(f"a Twilio respondeu HTTP {status}", Reach.PASSING)
    if status in {401, 403}:
        return Meaning("a Twilio recusou o Account SID ou o Auth Token", Reach.ACCOUNT)
    return Meaning(f"erro {code} da Twilio" if code else f"a Twilio respondeu HTTP {status}", Reach.MESSAGE)
