"""`talk` is a customer with a scripted delivery (what the gateway would have led to); `sandbox_talk` has the whole
application behind it, over HTTP, against the sandbox. `customer` and `sandbox_customer` are theirs on WhatsApp. Each
test is a new customer with a new database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from rasa.core.agent import Agent
from rasa.core.utils import AvailableEndpoints
from support.conversations import TODAY, Conversation, InProcessActionServer, ScriptedDelivery, application
from support.whatsapp_customer import Customer, customer_of

from sandbox.server import RunningSandbox
from scripts.train import ROOT, ensure_model
from segunda_via.rasa_plugin.patches import action_schema


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the files as they stand, trained when it was not yet."""
    return ensure_model()


@pytest.fixture(scope="session")
def action_server() -> InProcessActionServer:
    return InProcessActionServer()


@pytest.fixture(scope="session")
def agent(model: Path, action_server: InProcessActionServer) -> Agent:
    action_schema.install()  # as the channel does
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    return Agent.load(model, action_endpoint=action_server, generator=endpoints.nlg)


@pytest.fixture
def delivery() -> ScriptedDelivery:
    return ScriptedDelivery()


@pytest.fixture
def talk(agent: Agent, delivery: ScriptedDelivery, tmp_path: Path) -> Iterator[Conversation]:
    with application(tmp_path, TODAY) as app:
        app.__dict__["deliver"] = delivery  # what the cached property would hold
        yield Conversation(agent, app, delivery)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(today=lambda: TODAY) as sandbox:
        yield sandbox


@pytest.fixture
async def sandbox_talk(agent: Agent, running_sandbox: RunningSandbox, tmp_path: Path) -> AsyncIterator[Conversation]:
    running_sandbox.reset()
    credentials = json.dumps(running_sandbox.credentials("asaas"))
    with application(tmp_path, TODAY, SEGUNDA_VIA_GATEWAY="asaas", SEGUNDA_VIA_CREDENTIALS=credentials) as app:
        yield Conversation(agent, app)
        await app.close()


@pytest.fixture
async def customer(talk: Conversation) -> AsyncIterator[Customer]:
    async with customer_of(talk) as customer:
        yield customer


@pytest.fixture
async def sandbox_customer(sandbox_talk: Conversation) -> AsyncIterator[Customer]:
    async with customer_of(sandbox_talk) as customer:
        yield customer
