"""The names of the figures, as operators read them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from segunda_via.boletos import check_reasons
from segunda_via.intents.intent_catalogue import INTENTS
from segunda_via.metrics.event import MetricEvent

NAMES: Final[Mapping[MetricEvent, str]] = {
    MetricEvent.ASKED: "Pedidos",
    MetricEvent.DOCUMENT_GIVEN: "Documentos informados",
    MetricEvent.FOUND: "Faturas encontradas",
    MetricEvent.PROMISED: "Prometidos para depois",
    MetricEvent.DELIVERED: "Boletos entregues",
    MetricEvent.FINISHED: "Atendimentos finalizados",
    MetricEvent.HANDED_OVER: "Passados a uma pessoa",
    MetricEvent.ABANDONED: "Abandonados",
    MetricEvent.NOT_UNDERSTOOD: "Mensagens não entendidas",
    MetricEvent.NOTHING_TO_SEND: "Sem fatura em aberto",
    MetricEvent.NEXT_OFFERED: "Próxima fatura oferecida",
    MetricEvent.NEXT_ACCEPTED: "Próxima fatura aceita",
}

REASONS: Final[Mapping[str, str]] = {
    **{code: intent.label for code, intent in INTENTS.items()},
    "falar_com_atendente": "Pediu uma pessoa",
    "outro_assunto": "Outro assunto",
    "overdue": "Fatura vencida",
    "next_due": "Fatura a vencer",
    "partial": "Entregue em parte",
    "unpayable": "Boleto ainda em registro",
    "suspicious": "Fatura que não conferiu",
    "nothing_to_send": "Nenhuma fatura em aberto",
    "invalid_document": "Documento inválido",
    "gateway_unavailable": "Gateway fora do ar",
    "not_configured": "Gateway não configurado",
    "token_rejected": "Acesso recusado",
    "too_many_tries": "Tentativas demais",
    "send_failed": "Falha no envio",
    "abandoned": "Abandonado",
    "error": "Erro do assistente",
    "unknown": "Sem motivo registrado",
    "desk": "A plataforma devolveu",
    "operator": "Um operador devolveu",
    "expired": "O prazo do silêncio acabou",
}
_IN_PART: Final[Mapping[str, str]] = {
    **check_reasons.BY_CODE,
    **{each.value: words for names in (check_reasons.ITEMS, check_reasons.STATUSES) for each, words in names.items()},
}
"""What stands in one reason beside others."""


def reason(code: str) -> str:
    """
    >>> reason("token_rejected"), reason("pix_amount, payee_bank")
    ('Acesso recusado', 'O valor no Pix não é o da fatura; o banco não é o do recebedor confirmado')
    >>> reason("registering"), reason("linha_digitavel, link"), reason("cliente pediu")
    ('O banco ainda registra o boleto', 'Sem linha digitável; sem link de pagamento', 'cliente pediu')
    """
    if code in REASONS:
        return REASONS[code]
    parts = [_IN_PART.get(part) for part in code.split(", ")]
    known = "; ".join(part for part in parts if part)
    return known[:1].upper() + known[1:] if all(parts) else code  # a word that a person wrote


def seconds(value: Decimal) -> str:
    """
    >>> seconds(Decimal("2.34")), seconds(Decimal(75))
    ('2,3 s', '75,0 s')
    """
    return f"{value:.1f} s".replace(".", ",")
