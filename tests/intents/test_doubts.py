"""What was answered and is shown to the operator all the same."""

from __future__ import annotations

from typing import Any

import pytest

from segunda_via.intents.doubts import doubtful


def said(text: str, intent: str, confidence: float = 0.95) -> dict[str, Any]:
    return {"event": "user", "text": text, "parse_data": {"intent": {"name": intent, "confidence": confidence}}}


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([said("quero o boleto", "pedir_segunda_via")], None),
        ([said("me vê o trem", "pedir_segunda_via", 0.55)], "me vê o trem"),
        ([said("o poste caiu", "outro_assunto", 0.99)], "o poste caiu"),
        ([said("horários", "outro_assunto", 1.0)], "horários"),
        ([said("boleto", "pedir_segunda_via", 1.0)], None),
        ([said("xyz", "nlu_fallback", 0.3)], None),
        ([said("libera aí", "ja_paguei"), said("Libera aí!", "ja_paguei")], "Libera aí!"),
        ([said("oi", "cumprimentar"), said("oi", "cumprimentar")], None),
        ([said("muda isso", "negar"), said("robô burro", "reclamar")], "muda isso"),
        ([said("robô burro", "reclamar")], None),
        ([], None),
    ],
)
def test_which_message_is_looked_at(events: list[dict[str, Any]], shown: str | None) -> None:
    assert doubtful(events) == shown


def test_between_two_messages_of_the_customer_others_may_stand() -> None:
    events = [said("muda isso", "negar"), {"event": "bot", "text": "ok"}, said("porcaria", "reclamar")]
    assert doubtful(events) == "muda isso"
