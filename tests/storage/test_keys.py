"""What earlier versions sealed is opened, and what they hashed is found: keys, purposes and bytes stay as they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import Engine

from segunda_via import clock
from segunda_via.boletos import documents
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.delivery.next_invoice import NextInvoiceOffers
from segunda_via.metrics.recorder import MetricsRecorder
from segunda_via.storage import database
from segunda_via.storage.keys import KeyRing
from segunda_via.tickets.sealing import TicketSealing
from segunda_via.web import csrf

SECRET = Fernet.generate_key().decode()
KEYS = KeyRing(SECRET)


def sub_key(purpose: str) -> bytes:
    root = base64.urlsafe_b64decode(SECRET)
    return HKDF(SHA256(), length=32, salt=None, info=f"segunda-via/{purpose}".encode()).derive(root)


def hashed(purpose: str, text: str) -> str:
    return hmac.new(sub_key(purpose), text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def engine() -> Engine:
    return database.connect("sqlite://")


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_box_opens_what_was_sealed_before_there_were_boxes(ascii_only: bool) -> None:
    value = {"text": "Olá, João 💚", "steps": [1, None]}
    cipher = Fernet(base64.urlsafe_b64encode(sub_key("settings")))
    sealed = cipher.encrypt(json.dumps(value, ensure_ascii=ascii_only).encode()).decode()
    assert KEYS.box("settings").open(sealed) == value
    assert json.loads(cipher.decrypt(KEYS.box("settings").seal(value).encode())) == value


def test_a_box_opens_nothing_of_another_purpose_or_key() -> None:
    sealed = KEYS.box("settings").seal({"token": "segredo"})
    assert "segredo" not in sealed
    for box in (KEYS.box("offers"), KeyRing(Fernet.generate_key().decode()).box("settings")):
        with pytest.raises(InvalidToken):
            box.open(sealed)


def test_whatever_a_customer_wrote_can_be_sealed() -> None:
    broken = "metade de um emoji: \ud83d"
    assert KEYS.box("tickets").open(KEYS.box("tickets").seal([broken])) == [broken]


def test_what_was_hashed_is_found(engine: Engine) -> None:
    conversation = "whatsapp:+14155238886:whatsapp:+5547999990001"
    assert TicketSealing(KEYS).hashed(conversation) == hashed("tickets", conversation)
    assert KEYS.fingerprint("conversation ids")(conversation) == hashed("conversation ids", conversation)
    metrics = MetricsRecorder(engine, KEYS, clock.now)
    assert metrics.fingerprint(conversation) == hashed("flow conversations", conversation)
    offers = NextInvoiceOffers(engine, KEYS, clock.now)
    assert offers.fingerprint(conversation) == hashed("offer conversations", conversation)
    limits = LookupLimits(engine, KEYS.derive("fingerprints"), documents_per_sender=1, senders_per_document=1)
    assert limits.fingerprint(conversation) == hashed("fingerprints", f"sender:{conversation}")
    document = documents.parse("529.982.247-25")
    assert limits.fingerprint_of(document) == hashed("fingerprints", "cpf:52998224725")
    assert csrf.token(KEYS.derive("screen"), "abc") == hashed("screen", "csrf:abc")
