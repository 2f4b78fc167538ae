"""Every table and what is kept elsewhere has a stated expiry, and the page for the company says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.person import new_app

from scripts import stored_data_page
from segunda_via import clock
from segunda_via.app import App
from segunda_via.privacy.data_places import UNFINDABLE
from segunda_via.privacy.expiry import DAY, NO_CUSTOMER
from segunda_via.privacy.stored_data import STORED
from segunda_via.storage import database

OF_OPERATORS = {"segunda_via_operators", "segunda_via_operator_sessions", "segunda_via_sign_in_tries"}
OF_THE_COMPANY = {
    "segunda_via_settings",
    "segunda_via_gateway_sessions",
    "segunda_via_audit",
    "segunda_via_phrase_labels",
}


def test_every_table_of_the_schema_has_a_stated_expiry(engine: sa.engine.Engine) -> None:
    assert App, "every table is known"
    made = {name for name in sa.inspect(engine).get_table_names() if name != "segunda_via_version"}
    assert {stored.name for stored in STORED} == made
    assert made == set(database.metadata.tables)
    assert len(STORED) == len(made), "each once"


def test_an_expiry_is_counted_by_a_column_of_its_own_table() -> None:
    for stored in STORED:
        assert stored.expiries or stored.stays, stored.name
        for expiry in stored.expiries:
            assert expiry.since.table is stored.place
            assert expiry.blanks is None or expiry.blanks.table is stored.place
            assert ("{span}" in expiry.words) is bool(expiry.after) or expiry.after < DAY, expiry.words


def test_whatever_holds_something_of_customers_can_be_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = new_app(tmp_path, clock.now)
    found = {table.name for table in (*app.data_subject_requests.places.rows, *UNFINDABLE)}
    nobodys = {stored.name for stored in STORED if stored.form == NO_CUSTOMER}
    assert found == {stored.name for stored in STORED} - nobodys - OF_OPERATORS - OF_THE_COMPANY


def test_the_page_for_the_company_is_what_the_code_says() -> None:
    page = stored_data_page.PAGE.read_text("utf-8")
    assert stored_data_page.renewed(page) == page, "run `python -m scripts.stored_data_page`"
