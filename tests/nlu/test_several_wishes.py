"""Two wishes in one message: the policy of docs/understanding.md."""

from __future__ import annotations

import pytest
from support.understanding import Understanding


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("bom dia, quero o boleto e falar com atendente", "falar_com_atendente"),
        ("me manda o boleto e chama um atendente por favor", "falar_com_atendente"),
        ("quero cancelar o plano, mas antes quero falar com uma pessoa", "falar_com_atendente"),
        ("obrigado, mas quero falar com atendente", "falar_com_atendente"),
        ("quero a segunda via e também cancelar meu plano", "cancelar_servico"),
        ("manda o boleto e quero parcelar a dívida", "negociar_divida"),
        ("quero o boleto e mudar a data de vencimento", "mudar_vencimento"),
        ("manda o boleto e desbloqueia minha internet", "desbloquear_servico"),
        ("já paguei, desbloqueia minha internet", "desbloquear_servico"),
        ("já paguei o boleto, por que chegou outra cobrança", "ja_paguei"),
        ("quero o boleto, cpf 529.982.247-25", "pedir_segunda_via"),
    ],
)
def test_the_first_of_the_list_wins(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.intent(text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("oi, tudo bem? me manda o boleto, obrigado", "pedir_segunda_via"),
        ("bom dia, minha internet caiu", "suporte_tecnico"),
    ],
)
def test_small_talk_beside_a_wish_does_not_count(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.intent(text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("não quero cancelar, quero o boleto", "pedir_segunda_via"),
        ("não quero boleto, quero cancelar meu plano", "cancelar_servico"),
        ("não quero falar com atendente, só quero o boleto", "pedir_segunda_via"),
        ("não quero conversar com pessoa nenhuma, me manda logo a segunda via", "pedir_segunda_via"),
        ("não quero o boleto, quero falar com um atendente", "falar_com_atendente"),
        ("não entendi o boleto, quero falar com uma pessoa", "falar_com_atendente"),
    ],
)
def test_a_negated_wish_is_none(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.intent(text) == intent
