"""Links: what goes in comes out, nothing shows, and nothing but what was minted opens."""

from __future__ import annotations

import base64
import random
import string
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet

from segunda_via.boletos import linha_digitavel, pix
from segunda_via.boletos.trusted_hosts import TrustedHosts
from segunda_via.errors import LinkError
from segunda_via.media.links import LIFETIME, MediaLinks, PdfLink, QrLink
from segunda_via.media.slip import Slip, mask_name
from segunda_via.storage.keys import KeyRing

NOW = 1_795_435_200.0
KEYS = KeyRing(Fernet.generate_key().decode())
PIX = pix.make(
    "PROVEDOR EXEMPLO LTDA",
    "JOINVILLE",
    amount=Decimal("195.43"),
    url="pix.example.com/qr/v2/cobv/7f0c2a34-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
    single_use=True,
)
SLIP = Slip(
    gateway="asaas",
    number="15924715",
    due_date=date(2026, 11, 10),
    amount=Decimal("195.43"),
    nominal_amount=Decimal("189.90"),
    beneficiary="Provedor Exemplo Telecomunicações Ltda · Asaas",
    payer="Maria da Silva Souza",
    linha_digitavel=linha_digitavel.to_linha_digitavel(
        linha_digitavel.make_barcode("461", date(2026, 11, 10), Decimal("189.90"), "1234567890123456789012345")
    ),
    pix=PIX,
    pdf_url="https://www.example.com/b/pdf/pngqmn2bxuyccy7z",
    pdf_hosts=TrustedHosts(
        frozenset({"www.example.com", "sandbox.example.com"}), base_host="api.example.com", allow_http=True
    ),
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(clock: Clock) -> MediaLinks:
    return MediaLinks(KEYS.derive("media links"), lambda: "https://bot.example.com", clock)


def token(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.mark.parametrize(
    "slip", [SLIP, replace(SLIP, pdf_hosts=TrustedHosts()), Slip("mkc", "é/7", SLIP.due_date, SLIP.amount, SLIP.amount)]
)
def test_a_slip_comes_out_as_it_went_in(links: MediaLinks, slip: Slip) -> None:
    assert links.open(token(links.pdf(slip))) == PdfLink(slip)


def test_a_pix_comes_out_as_it_went_in(links: MediaLinks) -> None:
    assert links.open(token(links.qr(PIX))) == QrLink(PIX)


@pytest.mark.parametrize(
    "base",
    ["https://bot.example.com", "https://bot.example.com/", "http://localhost:8000", "https://host/webhooks/whatsapp"],
)
def test_the_url_stands_below_the_public_one(base: str, clock: Clock) -> None:
    url = MediaLinks(KEYS.derive("media links"), lambda: base, clock).pdf(SLIP)
    assert url.startswith(base.rstrip("/") + "/media/")
    assert urlsplit(url).query == ""


def test_the_url_of_a_full_slip_is_short_enough_for_every_channel(links: MediaLinks) -> None:
    assert len(links.pdf(SLIP)) < 1_100
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=672))  # hardly compressible
    longest = replace(SLIP, pix=noise[:512], pdf_url=f"https://www.example.com/{noise[512:]}")
    assert len(links.pdf(longest)) < 1_500


def test_the_url_shows_nothing(links: MediaLinks) -> None:
    for url in (links.pdf(SLIP), links.qr(PIX)):
        written = token(url)
        decoded = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        for secret in (SLIP.number, "Maria", "Exemplo", PIX, SLIP.linha_digitavel or "", "asaas"):
            assert secret not in url
            assert secret.encode() not in decoded


def test_two_links_to_the_same_thing_differ(links: MediaLinks) -> None:
    assert links.qr(PIX) != links.qr(PIX)


def test_every_damaged_character_is_noticed(links: MediaLinks) -> None:
    minted = token(links.qr(PIX))
    for i, character in enumerate(minted):
        with pytest.raises(LinkError):
            links.open(minted[:i] + ("A" if character != "A" else "B") + minted[i + 1 :])


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t[:-1],
        lambda t: t + "A",
        lambda t: t + "=",
        lambda t: t + "!",
        lambda t: "!" + t,
        lambda t: "",
        lambda t: "é" + t,
        lambda t: t * 50,
        lambda t: t + "\n",
    ],
)
def test_other_spellings_of_a_token_do_not_open(links: MediaLinks, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(LinkError):
        links.open(damage(token(links.qr(PIX))))


def test_a_link_lives_a_day(links: MediaLinks, clock: Clock) -> None:
    minted = token(links.pdf(SLIP))
    clock.now = NOW + LIFETIME
    assert isinstance(links.open(minted), PdfLink)
    clock.now = NOW + LIFETIME + 1
    with pytest.raises(LinkError):
        links.open(minted)


def test_a_link_of_another_key_does_not_open(links: MediaLinks, clock: Clock) -> None:
    for key in (KEYS.derive("settings"), KeyRing(Fernet.generate_key().decode()).derive("media links")):
        with pytest.raises(LinkError):
            links.open(token(MediaLinks(key, lambda: "https://bot.example.com", clock).qr(PIX)))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'["q"]', b'["p",1,2]', b'["x",1]', b"\xff", b'["p"' + b",null" * 13 + b"]"]
)
def test_a_token_of_another_version_counts_as_expired(links: MediaLinks, content: bytes) -> None:
    cipher = Fernet(base64.urlsafe_b64encode(KEYS.derive("media links")))
    for sealed in (cipher.encrypt_at_time(zlib.compress(content), int(NOW)), cipher.encrypt_at_time(content, int(NOW))):
        with pytest.raises(LinkError):
            links.open(sealed.decode().rstrip("="))


def test_every_refusal_says_the_same(links: MediaLinks, clock: Clock) -> None:
    expired = token(links.qr(PIX))
    clock.now += LIFETIME + 1
    for forged in (expired, "forged", "gAAAAA" + "A" * 200):
        with pytest.raises(LinkError, match=r"^the link is forged, damaged or expired$") as caught:
            links.open(forged)
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_no_repr_shows_a_code_or_a_name(links: MediaLinks) -> None:
    shown = repr(links.open(token(links.pdf(SLIP)))) + repr(QrLink(PIX)) + repr(links)
    for secret in ("Maria", "Provedor", PIX[:20], (SLIP.linha_digitavel or "")[:10], "pngqmn2"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("João Souza", "J*** S***"),
        ("  ana   de  lima ", "a*** de l***"),
        ("JOSE SILVA 52998224725", "J*** S*** ***"),
        ("Élio & Cia.", "É*** *** C***"),
        ("", ""),
    ],
)
def test_a_name_is_reduced_to_initials(name: str, masked: str) -> None:
    assert mask_name(name) == masked
    assert mask_name(masked) == masked
