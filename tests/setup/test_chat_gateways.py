"""`GATEWAY=…` of `make chat` and `make demo`: every name finds its simulator, its credentials and its payee."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.server import RunningSandbox
from scripts import playground
from segunda_via import app
from segunda_via.boletos.checks import Payee


@dataclass
class Sandbox:
    """What `scripts.processes.Server` is to the script."""

    base_url: str

    def read(self, path: str) -> Any:
        return httpx.get(f"{self.base_url}{path}").json()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with RunningSandbox() as running:
        yield Sandbox(running.base_url)


@pytest.mark.parametrize(
    ("chosen", "gateway", "adapter"),
    [
        ("asaas", "asaas", "asaas"),
        ("sga", "sga", "sga"),
        ("cobre_facil", "cobre_facil", "cobre_facil"),
        ("mkc", "mkc", "mk_auth"),
        ("mk_auth", "mkc", "mk_auth"),
        ("mk_solutions", "mkc", "mk_solutions"),
    ],
)
async def test_each_gateway_can_be_talked_to(sandbox: Sandbox, chosen: str, gateway: str, adapter: str) -> None:
    told = playground.gateway_settings(sandbox, chosen)  # type: ignore[arg-type]  all it asks of a server is `read`
    root = app.build({**told, "SEGUNDA_VIA_DATABASE_URL": "sqlite://"})
    assert told["SEGUNDA_VIA_GATEWAY"] == gateway
    account = root.account("default")
    assert account.gateway.name == adapter
    await account.gateway.check()
    assert Payee(**sandbox.read("/health")["payees"][adapter])
    await root.close()


def test_a_gateway_that_does_not_exist_is_one_line(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        playground.gateway_settings(sandbox, "stripe")  # type: ignore[arg-type]  as above
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("the sandbox has no stripe: choose GATEWAY among mkc, asaas")


def test_the_credentials_reach_the_environment_as_json(sandbox: Sandbox) -> None:
    told = playground.gateway_settings(sandbox, "mk_solutions")  # type: ignore[arg-type]  as above
    assert json.loads(told["SEGUNDA_VIA_CREDENTIALS"])["profile"] == "mk_solutions"
