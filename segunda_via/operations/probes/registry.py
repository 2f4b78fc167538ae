"""All probes, in the order in which they are shown."""

from __future__ import annotations

from segunda_via.operations.probes import desk, gateway, installation, whatsapp
from segunda_via.operations.probes.probe import Probe

PROBES: tuple[Probe, ...] = (
    Probe("variables", installation.variables, gate=True),
    Probe("database", installation.database, gate=True),
    Probe("disk", installation.disk, gate=True),
    Probe("gateway", gateway.check, gateway.known, gateway.row),
    Probe("payee", gateway.check_payee, gateway.known_payee),
    Probe("ticket_desk", desk.check, desk.known, desk.row),
    Probe("whatsapp", whatsapp.check, whatsapp.known, whatsapp.row),
    Probe("queue", desk.check_queue, desk.known_queue),
    Probe("public_url", installation.public_url),
    Probe("exposure", installation.exposed_ports),
    Probe("texts", installation.texts),
    Probe("conversations", installation.conversations, gate=True),
    Probe("model", installation.model, gate=True),
)
