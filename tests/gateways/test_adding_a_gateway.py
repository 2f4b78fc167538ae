"""The page on adding a gateway is followed: what it says is all that it takes, and its gateway delivers."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from support.followed_page import ROOT, FollowedPage

from segunda_via.gateways.port import Gateway

PACKAGE = "segunda_via/gateways/exemplo/"

DELIVERY = """
import asyncio, json, sys
from sandbox.server import RunningSandbox, listing
from segunda_via.app import build
from segunda_via.gateways import foreign_codes, registry
from segunda_via.operations import pasted_gateway

async def deliver(sandbox):
    credentials = sandbox.credentials("exemplo")
    app = build({
        "SEGUNDA_VIA_GATEWAY": "exemplo",
        "SEGUNDA_VIA_CREDENTIALS": json.dumps(credentials),
        "SEGUNDA_VIA_DATABASE_URL": "sqlite:///exemplo.db",
    })
    read = pasted_gateway.read("exemplo", None, lambda field: credentials.get(field, ""), {})
    answered = await pasted_gateway.ask(app, "exemplo", read.credentials)
    delivery = await app.deliver("default", "whatsapp:+5547999990001", listing(app.today())[0]["document"])
    await app.close()
    return read.problems, answered["account"], answered["warnings"], delivery.outcome.value, len(delivery.messages)

with RunningSandbox() as sandbox:
    print(*asyncio.run(deliver(sandbox)))
print(foreign_codes.complaint(registry.fields("asaas")[0], "exemplo_000segundavia"))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> FollowedPage:
    return FollowedPage("docs/adding-a-gateway.md", tmp_path_factory.mktemp("gateway"))


def test_a_package_and_a_line_are_all_that_the_program_needs(page: FollowedPage) -> None:
    made = [path for path in page.made if path.startswith("segunda_via/")]
    assert made == [f"{PACKAGE}{name}.py" for name in ("__init__", "description", "reading", "adapter")]
    assert [path for path in page.changed if path.startswith("segunda_via/")] == ["segunda_via/gateways/registry.py"]
    registry = Path("segunda_via/gateways/registry.py")
    before, after = (ROOT / registry).read_text("utf-8"), (page.folder / registry).read_text("utf-8")
    assert len(after.splitlines()) - len(before.splitlines()) == 1


def test_it_delivers_and_operators_are_asked_for_its_fields(page: FollowedPage) -> None:
    answered, recognised = page.run(sys.executable, "-c", DELIVERY).splitlines()
    assert answered == "{} Empresa Teste [] overdue 5"
    assert recognised == "isto parece um token do Exemplo, não a chave do Asaas"


@pytest.mark.slow
def test_the_commands_of_the_page_run_the_contract_suite_with_it(page: FollowedPage) -> None:
    *others, suite = page.commands()
    for command in others:
        page.run(*command)
    passed = re.search(r"(\d+) passed", page.run(*suite, "-n", "0"))
    assert passed
    assert int(passed[1]) > 150
    assert "| `exemplo` | yes |" in (page.folder / "docs" / "gateways.md").read_text("utf-8")


@pytest.mark.slow
def test_what_it_writes_is_as_tidy_as_the_rest(page: FollowedPage) -> None:
    page.check_style(PACKAGE)


def test_it_names_everything_that_an_adapter_has(page: FollowedPage) -> None:
    for name in Gateway.__annotations__:
        assert f"`{name}`" in page.text
    assert "three methods" in page.text
    assert sum(callable(value) and not name.startswith("_") for name, value in vars(Gateway).items()) == 3
