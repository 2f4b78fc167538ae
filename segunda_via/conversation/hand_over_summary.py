"""The line that an agent reads on a ticket that is handed over: what was asked, what was found, for which document."""

from __future__ import annotations

from collections.abc import Mapping

from segunda_via.boletos import check_reasons
from segunda_via.boletos.outcome import Outcome

_ASKED: Mapping[str, str] = {
    "falar_com_atendente": "falar com uma pessoa",
    "mudar_vencimento": "mudar o vencimento",
    "negociar_divida": "negociar a dívida",
    "cancelar_servico": "cancelar o serviço",
    "desbloquear_servico": "desbloquear o serviço",
    "suporte_tecnico": "suporte técnico",
    "contratar_servico": "contratar um serviço",
    "outro_assunto": "outro assunto",
}
_SEGUNDA_VIA = "segunda via do boleto"
_FOUND: Mapping[str, str] = {
    Outcome.UNPAYABLE.value: "fatura encontrada, mas ainda sem forma de pagamento",
    Outcome.NOTHING_TO_SEND.value: "nenhuma fatura em aberto encontrada",
    Outcome.INVALID_DOCUMENT.value: "nenhum documento válido informado",
    Outcome.SUSPICIOUS.value: "fatura encontrada, mas os dados não conferem; nada foi enviado",
    Outcome.GATEWAY_UNAVAILABLE.value: "o gateway não respondeu",
    Outcome.NOT_CONFIGURED.value: "nenhum gateway configurado",
    Outcome.TOKEN_REJECTED.value: "o gateway recusou a credencial",
    Outcome.TOO_MANY_TRIES.value: "o limite de consultas do dia foi atingido; nada foi consultado",
}


def one_line(asked: str, outcome: str | None = None, reason: str | None = None, masked: str | None = None) -> str:
    """
    >>> one_line("informar_documento", "nothing_to_send", "nothing_to_send", "***.982.247-**")
    'Pediu: segunda via do boleto. Nenhuma fatura em aberto encontrada. Documento: ***.982.247-**'
    >>> one_line("pedir_segunda_via", "suspicious", "pix_malformed").rpartition(";")[2]
    ' nada foi enviado (o Pix está malformado).'
    >>> one_line("cancelar_servico")
    'Pediu: cancelar o serviço.'
    """
    parts = [f"Pediu: {_ASKED.get(asked, _SEGUNDA_VIA)}."]
    if outcome is not None and outcome in _FOUND:
        found = _FOUND[outcome]
        failed = "; ".join(check_reasons.failures(reason))
        why = f" ({failed})" if failed else ""
        parts.append(f"{found[0].upper()}{found[1:]}{why}.")
    if masked:
        parts.append(f"Documento: {masked}")
    return " ".join(parts)
