"""Where a payment link may lead: the hosts that are known, read as a browser reads an address."""

from __future__ import annotations

import pytest

from segunda_via.boletos.trusted_hosts import TrustedHosts, read_names

ASAAS = TrustedHosts(frozenset({"www.asaas.com", "*.example.com.br"}))

REFUSED = {
    "another host": "https://golpe.example/i/asaas.com",
    "the host as a user": "https://www.asaas.com@golpe.example/i",
    "a user at the host": "https://maria@www.asaas.com/i/1",
    "an empty user": "https://@www.asaas.com/i/1",
    "a backslash before the host": "https://golpe.example\\@www.asaas.com/i/1",
    "a backslash after the host": "https://www.asaas.com\\.golpe.example/i/1",
    "a letter that looks like one": "https://www.\u0430saas.com/i/1",
    "a right-to-left mark": "https://www.asaas.com/i/\u202e1",
    "a zero-width space": "https://www.asaas.com\u200b.golpe.example/i/1",
    "full-width letters": "https://www.asaas.com/\uff49/1",
    "a full-width stop": "https://www.asaas\uff0ecom/i/1",
    "a line break": "https://www.asaas.com/i/1\npague em https://golpe.example",
    "a line break that browsers drop": "https://www.asaas.com\n.golpe.example/i/1",
    "a space": "https://www.asaas.com/i/1 https://golpe.example",
    "a host below": "https://golpe.www.asaas.com/i/1",
    "a host beside": "https://golpeasaas.com/i/1",
    "the wildcard's own name": "https://example.com.br/i/1",
    "punycode": "https://www.xn--saas-5cd.com/i/1",
    "an escaped host": "https://www%2easaas.com/i/1",
    "plain http": "http://www.asaas.com/i/1",
    "a script": "javascript:alert(1)//https://www.asaas.com",
    "no scheme": "//www.asaas.com/i/1",
    "a broken port": "https://www.asaas.com:x/i/1",
    "a broken address": "https://[",
    "a sentence": "Boleto cancelado",
    "an endless one": "https://www.asaas.com/" + "a" * 2000,
    "nothing": "",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_anything_but_a_known_host_is_refused(url: str) -> None:
    assert not ASAAS.accepts(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.asaas.com/i/1?a=b&c=%2F#d",
        "https://WWW.Asaas.com/i/1",
        "https://www.asaas.com:443/i/1",
        "https://boleto.example.com.br/x_y~z",
    ],
)
def test_a_known_host_is_accepted_however_it_is_written(url: str) -> None:
    assert ASAAS.accepts(url)


@pytest.mark.parametrize(
    ("base_host", "allow_http", "url", "accepted"),
    [
        ("10.0.0.5", False, "https://10.0.0.5/boleto/1", True),
        ("10.0.0.5", False, "http://10.0.0.5/boleto/1", False),
        ("10.0.0.5", True, "http://10.0.0.5/boleto/1", True),
        ("10.0.0.5", True, "http://www.asaas.com/i/1", False),
        ("127.0.0.1", False, "http://127.0.0.1:8000/i/1", True),
        ("localhost", False, "http://localhost:8000/i/1", True),
        ("::1", False, "http://[::1]:8000/i/1", True),
        ("mk.example.com", False, "https://mk.example.com:8443/i/1", True),
    ],
)
def test_the_operators_own_server_is_trusted(base_host: str, allow_http: bool, url: str, accepted: bool) -> None:
    assert TrustedHosts(frozenset({"www.asaas.com"}), base_host, allow_http).accepts(url) is accepted


def test_nobody_trusts_nothing() -> None:
    assert not TrustedHosts().accepts("https://www.asaas.com/i/1")


@pytest.mark.parametrize(
    "written",
    ["*.example.com", "com", "https://", "https://u@example.com", "\u0430saas.com", "a..com", "-a.com", "a.com\u202e"],
)
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        read_names(f"boleto.example.com, {written}")


def test_hosts_are_read_as_people_paste_them() -> None:
    assert read_names(" a.example.com,\nhttps://B.example.com:8443/x ;c.example.com.br ") == {
        "a.example.com",
        "b.example.com",
        "c.example.com.br",
    }
