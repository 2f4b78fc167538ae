"""What each intent is called, and what it means, for operators who label messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

FALLBACK: Final = "nlu_fallback"
"""What Rasa calls a message below the threshold."""


class Intent(NamedTuple):
    label: str
    meaning: str
    """Ends the sentence "o cliente…"."""


INTENTS: Final[Mapping[str, Intent]] = {
    "pedir_segunda_via": Intent("Segunda via de boleto", "quer pagar: pede boleto, fatura, Pix, código ou o valor"),
    "informar_documento": Intent("Informar o documento", "fala do CPF ou CNPJ dele, sem pedir mais nada"),
    "ja_paguei": Intent("Já paguei", "diz que já pagou, ou fala do comprovante"),
    "falar_com_atendente": Intent("Falar com atendente", "quer uma pessoa, não o assistente"),
    "mudar_vencimento": Intent("Mudar o vencimento", "quer outro dia de vencimento; fatura vencida é segunda via"),
    "negociar_divida": Intent("Negociar dívida", "quer parcelar, desconto ou acordo"),
    "cancelar_servico": Intent("Cancelar o serviço", "quer encerrar o plano ou o contrato"),
    "desbloquear_servico": Intent("Desbloquear o serviço", "está bloqueado e quer o serviço de volta"),
    "suporte_tecnico": Intent("Suporte técnico", "tem um defeito: sem sinal, lento, não funciona"),
    "contratar_servico": Intent("Contratar", "quer ser cliente, outro plano ou mais um serviço"),
    "outro_assunto": Intent("Outro assunto da empresa", "precisa de uma pessoa, para o que não está nesta lista"),
    "fora_de_escopo": Intent("Nada da empresa", "fala de algo que não é com a empresa"),
    "enviar_midia": Intent("Foto, áudio ou arquivo", "diz que vai mandar, ou que mandou, um deles"),
    "cumprimentar": Intent("Cumprimento", "só cumprimenta"),
    "despedir": Intent("Despedida", "só se despede"),
    "agradecer": Intent("Agradecimento", "só agradece"),
    "afirmar": Intent("Sim", "concorda com o que foi perguntado"),
    "negar": Intent("Não", "recusa o que foi perguntado"),
    "cancelar": Intent("Desistir da conversa", "desiste do que está em andamento, não do serviço"),
    "pedir_ajuda": Intent("Ajuda", "pergunta o que o assistente faz, ou como"),
}


def label(intent: str) -> str:
    """
    >>> label("ja_paguei"), label("pedir_pizza")
    ('Já paguei', 'pedir_pizza')
    """
    if intent == FALLBACK:
        return "Não entendida"
    return INTENTS[intent].label if intent in INTENTS else intent
