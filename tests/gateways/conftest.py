"""The simulators over real HTTP, and a kit for each gateway that the contract suite is run with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import httpx
import pytest

from sandbox import asaas as asaas_simulator
from sandbox import cobre_facil as cobre_facil_simulator
from sandbox import mk_auth as mk_auth_simulator
from sandbox import mk_solutions as mk_solutions_simulator
from sandbox import sga as sga_simulator
from sandbox.ledger import Charge, Issuer, Persona
from sandbox.personas import persona
from sandbox.server import RunningSandbox
from scripts import capabilities
from segunda_via.boletos.documents import Document, parse
from segunda_via.gateways import Gateway
from segunda_via.gateways.registry import GATEWAYS
from segunda_via.http.api_client import Retries, new_client
from segunda_via.http.api_sessions import ApiSessions

TODAY = date(2026, 11, 23)
"""A Monday, so that a boleto that fell due on the Saturday before is not overdue yet."""

QUICK = Retries(
    attempts=3, attempt_timeout=0.6, connect_timeout=0.3, wait_initial=0.01, wait_max=0.02, wait_jitter=0.01
)
PATIENT = replace(QUICK, attempt_timeout=20.0, connect_timeout=20.0)
"""For long answers that a busy machine takes its time to write."""


@dataclass(frozen=True)
class Contract:
    """What the suite has to know of a gateway, all of it in one place."""

    name: str
    issuer: Issuer
    token: str
    """A secret that no log may hold."""
    code_call: str
    """A part of the path of the call that fetches the codes."""
    account: str | None = None
    """What it calls the account, where it says."""
    round_trips: int = 3
    """Dependent ones at most, from the document to all codes, the session being warm."""
    listing_call: str = ""
    """A part of the path of the call that lists open invoices."""
    amount: str = ""
    due: str = ""
    """The fields of an amount and of a due date in that listing."""
    lists_by_post: tuple[str, ...] = ()
    """Parts of the paths of listings that are asked for by POST."""

    @property
    def adapter(self) -> Callable[..., Gateway]:
        return GATEWAYS[self.name].adapter_class()

    @property
    def signs_in(self) -> bool:
        """Whether a 401 makes it sign in once more, instead of being final."""
        return GATEWAYS[self.name].signs_in


CONTRACTS = [
    Contract(
        name="asaas",
        issuer=asaas_simulator.ISSUER,
        token=asaas_simulator.TOKEN,
        code_call="billingInfo",
        account="Empresa Teste",
        listing_call="/payments",
        amount="value",
        due="dueDate",
    ),
    Contract(
        name="sga",
        issuer=sga_simulator.ISSUER,
        token=sga_simulator.API_TOKEN,
        code_call="/buscar/boleto/",
        lists_by_post=("/listar/",),
        listing_call="/listar/boleto",
        amount="valor_boleto",
        due="data_vencimento",
    ),
    Contract(
        name="cobre_facil",
        issuer=cobre_facil_simulator.ISSUER,
        token=cobre_facil_simulator.SECRET,
        code_call="/invoices/",
        listing_call="/invoices",
        amount="price",
        due="due_date",
    ),
    Contract(
        name="mk_auth",
        issuer=mk_auth_simulator.ISSUER,
        token=mk_auth_simulator.CLIENT_SECRET,
        code_call="/titulo/",
        round_trips=1,
        listing_call="/titulo/",
        amount="valor",
        due="datavenc",
    ),
    Contract(
        name="mk_solutions",
        issuer=mk_solutions_simulator.ISSUER,
        token=mk_solutions_simulator.PASSWORD,
        code_call="WSMKLDViaSMS",
        listing_call="WSMKFaturasPendentes",
        amount="valor",
        due="data_vencimento",
    ),
]


@dataclass
class Kit:
    """One gateway's adapter beside its simulator."""

    contract: Contract
    sandbox: RunningSandbox
    client: httpx.AsyncClient
    today: date = TODAY
    sessions: ApiSessions = field(default_factory=ApiSessions)
    """Shared by the kit's adapters, as a process shares them."""
    credentials: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.credentials = self.sandbox.credentials(self.contract.name)

    def gateway(self, *, budget: float = 8.0, retries: Retries = QUICK, **credentials: str) -> Gateway:
        shared = {"sessions": self.sessions} if self.contract.signs_in else {}
        return self.contract.adapter(
            {**self.credentials, **credentials}, self.client, budget=budget, retries=retries, **shared
        )

    @property
    def capabilities(self) -> Mapping[str, bool]:
        """What its gateway is said to give."""
        return capabilities.declared()[self.contract.name]

    def persona(self, key: str) -> Persona:
        return persona(key, self.today, self.contract.issuer)

    def document(self, key: str) -> Document:
        return parse(self.persona(key).document)

    def charge(self, key: str, place: int = 0) -> Charge:
        return self.persona(key).charges[place]

    def order(self, fault: str, **details: object) -> None:
        self.sandbox.order(fault, gateway=self.contract.name, **details)

    def calls(self) -> list[dict[str, object]]:
        return [call for call in self.sandbox.sandbox.calls.as_json() if call["depth"]]


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(today=lambda: TODAY) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    running_sandbox.reset()
    yield running_sandbox
    running_sandbox.reset()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client() as client:
        yield client


@pytest.fixture(params=CONTRACTS, ids=lambda contract: contract.name)
def kit(request: pytest.FixtureRequest, sandbox: RunningSandbox, client: httpx.AsyncClient) -> Kit:
    return Kit(request.param, sandbox, client)


@pytest.fixture
def asaas(sandbox: RunningSandbox, client: httpx.AsyncClient) -> Kit:
    return Kit(CONTRACTS[0], sandbox, client)
