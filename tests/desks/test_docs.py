"""The receiver that the docs show is run as it stands there, and the tables name what the registry has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desks.conftest import COMPANY, CUSTOMER, SECRET, Clock, app_with, telling, until
from support.jobs import nothing_waits
from support.receiver import Receiver

from segunda_via.boletos.outcome import Outcome
from segunda_via.desks import registry
from segunda_via.desks.signature import HEADER

PAGE = (Path(__file__).parents[2] / "docs" / "desks.md").read_text("utf-8")


def test_the_page_has_the_desks_of_the_registry_and_their_fields() -> None:
    for name in registry.names():
        assert f"| `{name}`" in PAGE
        for field in registry.fields(name):
            assert f"`{field.name}`" in PAGE, field.name


async def test_the_receiver_of_the_docs_takes_what_is_told_once(
    tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    code = PAGE.partition("<!-- receiver:begin -->\n```python\n")[2].partition("```")[0]
    example: dict[str, Any] = {}
    exec(code, example)  # noqa: S102  what readers will copy
    assert len(code.strip().splitlines()) <= 13, "imports, and a function of ten lines"
    app = app_with(tmp_path, "webhook", {"base_url": receiver.url, "secret": SECRET}, Clock())
    app.tickets.open(COMPANY, CUSTOMER)
    app.tickets.finish(COMPANY, CUSTOMER, Outcome.OVERDUE)
    async with telling(app):
        await until(lambda: nothing_waits(app.engine, "desk"))
    await app.desk(COMPANY).check()
    seen: set[str] = set()
    for headers, body in receiver.requests * 2:
        assert example["receive"](body, headers[HEADER], SECRET, seen) == 204
        assert example["receive"](body + b" ", headers[HEADER], SECRET, seen) == 401
        assert example["receive"](body, headers[HEADER], "outro", seen) == 401
    assert capsys.readouterr().out.splitlines() == [
        f"ticket.transferred {CUSTOMER}#1",
        f"ticket.finished {CUSTOMER}#1",
        "ticket.ping ",
    ]
    assert [event.get("outcome") for event in receiver.events] == [None, "overdue", None]
    await app.close()
