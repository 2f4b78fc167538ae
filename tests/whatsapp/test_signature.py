"""Our signatures beside those of Twilio's own validator, both ways."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from segunda_via.whatsapp import twilio_signature

TOKEN = "0123456789abcdef0123456789abcdef"
URLS = (
    "https://bot.example.com/webhooks/whatsapp/webhook",
    "https://bot.example.com:8443/webhook",
    "https://bot.example.com:443/webhook",
    "http://localhost:5005/webhook",
    "https://bot.example.com/webhook?company=a&b=",
)


class Repeated(dict[str, list[str]]):
    """A form as Django gives it."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def form_of(pairs: list[tuple[str, str]]) -> Repeated:
    form = Repeated()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)


@given(st.sampled_from(URLS), st.lists(st.tuples(texts, texts), max_size=8))
def test_both_sign_and_accept_alike(url: str, pairs: list[tuple[str, str]]) -> None:
    oracle, form = RequestValidator(TOKEN), form_of(pairs)
    theirs = oracle.compute_signature(url, form)
    assert twilio_signature.sign(TOKEN, url, pairs) == theirs
    assert twilio_signature.is_valid(TOKEN, url, pairs, theirs)
    assert oracle.validate(url, form, twilio_signature.sign(TOKEN, url, pairs))


@given(st.lists(st.tuples(texts, texts), max_size=8))
def test_what_travels_as_a_form_is_read_as_it_was_signed(pairs: list[tuple[str, str]]) -> None:
    pairs = [(name, value) for name, value in pairs if name or value]
    assert twilio_signature.parse(urlencode(pairs).encode()) == pairs


@pytest.mark.parametrize("url", URLS)
def test_with_or_without_the_port(url: str) -> None:
    pairs = [("Body", ""), ("From", "whatsapp:+5547999990000")]
    for spelling in twilio_signature.spellings(url):
        signed = RequestValidator(TOKEN).compute_signature(spelling, dict(pairs))
        assert twilio_signature.is_valid(TOKEN, url, pairs, signed)


@pytest.mark.parametrize(
    "wrong", ["", "x", "é", "a" * 28, twilio_signature.sign("another token", URLS[0], [("Body", "oi")])]
)
def test_a_wrong_signature_is_refused(wrong: str) -> None:
    assert not twilio_signature.is_valid(TOKEN, URLS[0], [("Body", "oi")], wrong)


@pytest.mark.parametrize("changed", [[("Body", "oi!")], [("Body", "oi"), ("To", "")], [], [("body", "oi")]])
def test_a_changed_form_is_refused(changed: list[tuple[str, str]]) -> None:
    signed = twilio_signature.sign(TOKEN, URLS[0], [("Body", "oi")])
    assert not twilio_signature.is_valid(TOKEN, URLS[0], changed, signed)


@pytest.mark.parametrize("body", [b"\xff=%ff", b"&".join(b"a=b" for _ in range(500))])
def test_what_is_no_form_is_none(body: bytes) -> None:
    assert twilio_signature.parse(body) is None
