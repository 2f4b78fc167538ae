"""The page on adding a desk is followed: what it says is all that it takes, and its desk is told."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support.followed_page import ROOT, FollowedPage

from segunda_via.tickets.ticket import KeepsQueues, TicketDesk

PACKAGE = "segunda_via/desks/exemplo/"

RETURN = """
from segunda_via.desks import registry
from segunda_via.server.desk_routes import returned_ticket

desk = registry.description("exemplo")
print(desk.label, [field.name for field in desk.fields if not field.optional], desk.opens({}))
print(returned_ticket(desk, {"event": "ticket.closed", "id": "481"}), returned_ticket(desk, {"event": "ticket.opened"}))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> FollowedPage:
    return FollowedPage("docs/adding-a-desk.md", tmp_path_factory.mktemp("desk"))


def test_a_package_and_a_line_are_all_that_the_program_needs(page: FollowedPage) -> None:
    made = [path for path in page.made if path.startswith("segunda_via/")]
    assert made == [f"{PACKAGE}{name}.py" for name in ("__init__", "description", "adapter")]
    assert [path for path in page.changed if path.startswith("segunda_via/")] == ["segunda_via/desks/registry.py"]
    registry = Path("segunda_via/desks/registry.py")
    before, after = (ROOT / registry).read_text("utf-8"), (page.folder / registry).read_text("utf-8")
    assert len(after.splitlines()) - len(before.splitlines()) == 1


def test_operators_are_asked_for_its_fields_and_its_own_event_returns_a_conversation(page: FollowedPage) -> None:
    described, returned = page.run(sys.executable, "-c", RETURN).splitlines()
    assert described == "Exemplo ['base_url', 'token'] False"
    assert returned == "481 None"


@pytest.mark.slow
def test_the_commands_of_the_page_run_the_suite_with_it(page: FollowedPage) -> None:
    (suite,) = page.commands()
    passed = re.search(r"(\d+) passed", page.run(*suite, "-n", "0"))
    assert passed
    assert int(passed[1]) > 12


@pytest.mark.slow
def test_what_it_writes_is_as_tidy_as_the_rest(page: FollowedPage) -> None:
    page.check_style(PACKAGE)


@pytest.mark.parametrize("port", [TicketDesk, KeepsQueues])
def test_it_names_everything_that_an_adapter_has(page: FollowedPage, port: type) -> None:
    methods = [name for name, value in vars(port).items() if callable(value) and not name.startswith("_")]
    assert methods
    for name in methods:
        assert f"`{name}`" in page.text
