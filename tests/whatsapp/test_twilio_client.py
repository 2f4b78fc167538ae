"""Twilio's answers, whatever they hold: read in bounds, or not at all."""

from __future__ import annotations

from datetime import datetime, timezone

import httpx
import pytest

from segunda_via.settings import whatsapp
from segunda_via.whatsapp.twilio_client import TwilioClient, TwilioRefused, new_client

NUMBER = whatsapp.checked(
    {
        "account_sid": "AC" + "0" * 32,
        "auth_token": "token",
        "number": "+14155238886",
        "public_url": "https://bot.example.com",
    }
)
FORM = {"To": "whatsapp:+5547999990001", "From": NUMBER.number, "Body": "oi"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"sid": "' + b"x" * 3_000_000 + b'"}', b"[" * 100_000, b'{"messages": [' + b"{}," * 200_000 + b"{}]}",
        b'{"sid": "a", "sid": "b"',
    ],
)  # fmt: skip
async def test_an_answer_without_bounds_is_no_word_of_twilios(body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(201, stream=httpx.ByteStream(body)))
    async with new_client(transport) as http:
        client = TwilioClient("https://twilio.test", http)
        refused = await client.send(NUMBER, FORM)
        assert isinstance(refused, TwilioRefused)
        assert refused.ambiguous, "the message may have been taken"
        assert not await client.find(NUMBER, FORM, datetime.now(timezone.utc))
