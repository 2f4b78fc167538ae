"""Strangers with lists of CPFs meet a limit; customers who come back do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from stdnum.br import cpf
from support.databases import engine_in_memory, migrated_sqlite
from support.retention import erase_old

from segunda_via.boletos.documents import Document, parse
from segunda_via.clock import SAO_PAULO
from segunda_via.delivery.lookup_limits import LookupLimits
from segunda_via.storage import database

TODAY = date(2026, 11, 23)


def document(number: int) -> Document:
    base = f"{390533447 + number:09d}"
    return parse(base + cpf._calc_check_digits(base))


def make_limits(engine: Engine) -> LookupLimits:
    return LookupLimits(engine, b"k" * 32, documents_per_sender=5, senders_per_document=10)


@pytest.fixture
def limits() -> LookupLimits:
    return make_limits(engine_in_memory())


def test_the_sixth_document_of_a_sender_is_refused(limits: LookupLimits) -> None:
    assert [limits.admit("default", "ana", document(n), TODAY) for n in range(6)] == [True] * 5 + [False]


def test_a_document_already_admitted_may_be_asked_for_again(limits: LookupLimits) -> None:
    for n in range(6):
        limits.admit("default", "ana", document(n), TODAY)
    assert limits.admit("default", "ana", document(0), TODAY)
    assert not limits.admit("default", "ana", document(5), TODAY), "a refused one was not counted, nor let in later"


def test_the_eleventh_sender_of_a_document_is_refused(limits: LookupLimits) -> None:
    admitted = [limits.admit("default", f"sender {n}", document(0), TODAY) for n in range(11)]
    assert admitted == [True] * 10 + [False]


def test_ten_strangers_do_not_keep_out_a_customer_who_received_it_before(limits: LookupLimits) -> None:
    limits.received("default", "ana", document(0), TODAY - timedelta(days=30))
    assert all(limits.admit("default", f"stranger {n}", document(0), TODAY) for n in range(10))
    assert limits.admit("default", "ana", document(0), TODAY)
    assert limits.admit("default", "ana", document(0), TODAY), "and again"
    assert not limits.admit("default", "the eleventh stranger", document(0), TODAY)


def test_a_customer_takes_no_strangers_place_and_none_of_their_own(limits: LookupLimits) -> None:
    for n in range(5):
        limits.received("default", "ana", document(n), TODAY - timedelta(days=1))
        assert limits.admit("default", "ana", document(n), TODAY)
    limits.received("default", "bia", document(0), TODAY - timedelta(days=1))
    assert limits.admit("default", "bia", document(0), TODAY)
    assert all(limits.admit("default", "ana", document(n), TODAY) for n in range(10, 15)), "five others, as anybody"
    assert not limits.admit("default", "ana", document(15), TODAY)
    assert all(limits.admit("default", f"stranger {n}", document(0), TODAY) for n in range(10))


def test_who_received_it_today_for_the_first_time_counts_today(limits: LookupLimits) -> None:
    for n in range(10):
        assert limits.admit("default", f"stranger {n}", document(0), TODAY)
        limits.received("default", f"stranger {n}", document(0), TODAY)
    assert not limits.admit("default", "the eleventh stranger", document(0), TODAY)


def test_the_next_day_and_the_other_company_begin_anew(limits: LookupLimits) -> None:
    for n in range(6):
        limits.admit("default", "ana", document(n), TODAY)
    assert limits.admit("default", "ana", document(7), TODAY + timedelta(days=1))
    assert limits.admit("other", "ana", document(7), TODAY)


def test_only_fingerprints_are_kept_and_only_for_the_day() -> None:
    limits = make_limits(engine_in_memory())
    limits.admit("default", "whatsapp:+5511987654321", document(0), TODAY)
    with limits._engine.connect() as connection:
        row = connection.execute(sa.select(database.lookups)).one()
    assert document(0).value not in str(row)
    assert "5511987654321" not in str(row)
    midnight = datetime.combine(TODAY + timedelta(days=1), time(), SAO_PAULO)
    assert erase_old(limits._engine, database.lookups, midnight - timedelta(seconds=1)) == 0
    assert erase_old(limits._engine, database.lookups, midnight) == 1


def test_requests_at_once_do_not_slip_through(tmp_path: Path) -> None:
    limits = make_limits(database.connect(migrated_sqlite(tmp_path)))
    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda n: limits.admit("default", "ana", document(n), TODAY), range(24)))
    assert sum(admitted) == 5
