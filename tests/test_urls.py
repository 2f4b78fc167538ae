"""A web address is read in one way, whoever asks: what is none is refused by every place where one is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from segunda_via import urls
from segunda_via.boletos import trusted_hosts
from segunda_via.errors import ConfigurationError
from segunda_via.http import base_url
from segunda_via.settings import contacts, fields, whatsapp
from segunda_via.settings.environment import Environment

MALFORMED = (
    "erp.example.com",
    "ftp://erp.example.com/x",
    "https://",
    "https:///x",
    "https://[",
    "https://erp.example.com:x/y",
    "https://erp.example.com:0/y",
    "https://erp.example.com:99999/y",
    "https://erp.example.com/a b",
    "https://erp.example.com/a\nb",
    "https://erp.example.com/\u202ea",
)
UNPROTECTED = "http://erp.example.com/x"


def refuses(check: Callable[[str], object]) -> Callable[[str], bool]:
    def refused(text: str) -> bool:
        try:
            return check(text) in (None, False)
        except ConfigurationError:
            return True

    return refused


PLACES: dict[str, Callable[[str], bool]] = {
    "an API": refuses(lambda text: base_url.base_url({"base_url": text}, default=None)),
    "a form": lambda text: fields.malformed("base_url", {"base_url": text}) is not None,
    "alerts": refuses(contacts.checked_url),
    "WhatsApp": lambda text: "public_url" in whatsapp.problems({"public_url": text}),
    "a payment link": refuses(trusted_hosts.parse),
    "the public address": refuses(lambda text: Environment.read({"SEGUNDA_VIA_PUBLIC_URL": text})),
    "Twilio's API": refuses(lambda text: Environment.read({"TWILIO_API_URL": text})),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_address_is_refused_everywhere(place: str, text: str) -> None:
    assert PLACES[place](text)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ["https://erp.example.com:8443/x", "http://127.0.0.1:5055/x", "http://[::1]/x"])
def test_an_address_is_accepted_everywhere(place: str, text: str) -> None:
    assert not PLACES[place](text)


@pytest.mark.parametrize("place", ["an API", "a form", "alerts", "Twilio's API"])
def test_where_secrets_go_the_address_is_protected(place: str) -> None:
    assert PLACES[place](UNPROTECTED)
    assert PLACES[place]("http://localhost.example.com/x")


@pytest.mark.parametrize("place", ["an API", "a form"])
@pytest.mark.parametrize("more", ["?a=b", "#a"])
def test_nothing_can_be_appended_to_a_query(place: str, more: str) -> None:
    assert PLACES[place](f"https://erp.example.com/x{more}")
    assert PLACES[place]("https://maria:senha@erp.example.com/x")


def test_who_permits_plain_http_has_it() -> None:
    assert base_url.base_url({"base_url": UNPROTECTED, "allow_http": "true"}, default=None) == UNPROTECTED
    assert fields.malformed("base_url", {"base_url": UNPROTECTED, "allow_http": "true"}) is None


def test_this_machine_is_known_by_all_its_names() -> None:
    assert all(map(urls.is_loopback, ("localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::1%lo")))
    others = ("", "localhost.example.com", "10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1.nip.io")
    assert not any(map(urls.is_loopback, others))
