"""No document, token or code in a log record of any logger at any level, nor in an exception or a repr."""

from __future__ import annotations

import logging
import traceback

import pytest

from segunda_via.boletos import documents
from segunda_via.boletos.invoice import Unreadable, choose
from segunda_via.errors import GatewayError

FAULTS = [
    None,
    "500",
    "401",
    "403",
    "404",
    "400",
    "429",
    "html",
    "redirect",
    "cut",
    "wrong_types",
    "huge_body",
    "truncated",
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("key", ["overdue", "alphanumeric_cnpj"])
async def test_nothing_personal_leaves_the_adapter(kit, caplog, capfd, key, fault):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "stamina"):
        caplog.set_level(logging.DEBUG, logger=name)
    said = []
    if fault:
        kit.order(fault)
    gateway, document = kit.gateway(), kit.document(key)
    try:
        choice = choose(await gateway.open_invoices(document, kit.today), kit.today)
        said.append(repr(choice))
        if not isinstance(choice, Unreadable):
            said.append(repr(await gateway.with_codes(choice.invoice, document, kit.today)))
    except GatewayError as error:
        said += [str(error), repr(error), "".join(traceback.format_exception(error))]
    said += [
        repr(gateway),
        repr(document),
        caplog.text,
        *(repr(vars(record)) for record in caplog.records),
        *capfd.readouterr(),
    ]
    everything = "\n".join(said)
    charges = kit.persona(key).charges
    secrets = {document.value, documents.format(document), kit.contract.token}
    secrets |= {code for charge in charges for code in (charge.pix, charge.linha_digitavel, charge.barcode) if code}
    secrets |= {record.name for record in kit.persona(key).registrations}
    assert not [secret for secret in secrets if secret in everything]


async def test_the_adapter_does_log_what_helps_an_operator(kit, caplog):
    caplog.set_level(logging.DEBUG, logger="segunda_via")
    await kit.gateway().open_invoices(kit.document("overdue"), kit.today)
    assert any(kit.contract.name in record.getMessage() and "200" in record.getMessage() for record in caplog.records)
