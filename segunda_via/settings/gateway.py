"""The gateway and its confirmed payee: a new token replaces the one before it, which can be brought back for 24 hours.

Saved under `gateway` as `{gateway, credentials}`, with the payee that was confirmed for it under `payee`, and what both
replaced under `previous gateway`, erased when its day is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from segunda_via.boletos import payee_comparison as payees
from segunda_via.boletos.checks import Payee
from segunda_via.errors import ConfigurationError, NotConfigured, SecretKeyError
from segunda_via.settings.environment import Environment
from segunda_via.settings.setting import Setting, Settings, Source
from segunda_via.settings.store import Saved, SettingsStore

PAYEE, PROPOSED, PREVIOUS = "payee", "proposed payee", "previous gateway"
RESTORABLE = timedelta(hours=24)


@dataclass(frozen=True)
class ChosenGateway:
    """Which gateway is asked, and what it is asked with."""

    name: str
    credentials: Mapping[str, str] = field(repr=False)


def _read(saved: Mapping[str, Any]) -> ChosenGateway:
    return ChosenGateway(saved["gateway"], saved["credentials"])


def _write(chosen: ChosenGateway | None) -> Mapping[str, Any]:
    return {"gateway": chosen.name, "credentials": dict(chosen.credentials)} if chosen else {}


def _fixed(environment: Environment, saved: Mapping[str, Any]) -> ChosenGateway | None:
    """The environment's gateway without credentials of its own takes the saved ones, if they are that gateway's."""
    name, credentials = environment.gateway or saved.get("gateway"), environment.credentials
    if name is None or (environment.gateway is None and credentials is None):
        return None
    if credentials is None and saved.get("gateway") == name:
        credentials = saved["credentials"]
    return ChosenGateway(name, credentials or {})


GATEWAY_SETTING: Setting[ChosenGateway | None] = Setting("gateway", None, _read, _write, _fixed)


@dataclass(frozen=True)
class GatewaySettings:
    """The gateway in force, its credentials, and the payee confirmed for exactly these credentials' account."""

    name: str
    credentials: Mapping[str, str] = field(repr=False)
    payee: Payee
    from_environment: bool


def in_force(store: Settings, company: str) -> GatewaySettings:
    """The gateway in force; NotConfigured when none was chosen, anywhere."""
    found = GATEWAY_SETTING.with_source(store, company)
    if found.value is None:
        raise NotConfigured("nenhum gateway configurado: escolha um na tela, ou rode `segunda-via settings set`")
    return GatewaySettings(
        name=found.value.name,
        credentials=found.value.credentials,
        payee=confirmed_payee(store, company, found.value.name),
        from_environment=found.source is Source.ENVIRONMENT,
    )


@dataclass(frozen=True)
class Previous:
    """What the gateway in force replaced: when and by whom it had been saved, and when it was replaced."""

    gateway: str
    credentials: Mapping[str, str] = field(repr=False)
    payee: Mapping[str, str | None] | None
    saved_at: datetime
    saved_by: str
    replaced_at: datetime

    @property
    def until(self) -> datetime:
        return self.replaced_at + RESTORABLE


def save(
    store: SettingsStore,
    company: str,
    gateway: str,
    credentials: Mapping[str, str],
    payee: Payee | None,
    *,
    by: str,
    at: datetime,
) -> None:
    """Save them as one. `payee` is who was confirmed with them; without, who was confirmed for that gateway stays.

    Nobody stays confirmed for another gateway: its money may go elsewhere. What that removes is in the audit trail.
    """
    with store.together() as one:
        chosen, old = ChosenGateway(gateway, credentials), _readable(one, company, GATEWAY_SETTING.name)
        if old is None or _read(old.value) != chosen:
            _keep_previous(one, company, at)
            GATEWAY_SETTING.save(one, company, chosen, by=by, at=at)
        _settle_payee(one, company, gateway, payee, by, at)


def propose_payee(store: SettingsStore, company: str, gateway: str, payee: Payee, *, by: str, at: datetime) -> None:
    """Keep who an invoice of that gateway pays, for the operator to confirm."""
    store.put(company, PROPOSED, {"gateway": gateway, **asdict(payee)}, by=by, at=at)


def confirm_payee(store: SettingsStore, company: str, gateway: str, payee: Payee, *, by: str, at: datetime) -> None:
    """From now on nothing that pays somebody else is sent."""
    with store.together() as one:
        _settle_payee(one, company, gateway, payee, by, at)


def confirmed_payee(store: Settings, company: str, gateway: str) -> Payee:
    """Who was confirmed for that gateway; SecretKeyError when it was saved under another key."""
    saved = store.get(company, PAYEE)
    return payees.read(saved.value) if saved and saved.value.get("gateway") == gateway else Payee()


def refuse_if_fixed(environment: Environment) -> None:
    """ConfigurationError when the environment says which gateway it is: what is saved would not count."""
    if environment.gateway or environment.credentials:
        raise ConfigurationError("o gateway é fixado pelo ambiente (SEGUNDA_VIA_GATEWAY, SEGUNDA_VIA_CREDENTIALS)")


def previous(store: SettingsStore, company: str, now: datetime) -> Previous | None:
    """What can be brought back; None when there is nothing, or its day is over."""
    kept = _readable(store, company, PREVIOUS)
    if kept is None or now - kept.saved_at >= RESTORABLE:
        return None
    value = kept.value
    return Previous(
        gateway=value["gateway"],
        credentials=value["credentials"],
        payee=value.get("payee"),
        saved_at=datetime.fromisoformat(value["saved_at"]),
        saved_by=value["saved_by"],
        replaced_at=kept.saved_at,
    )


def restore(store: SettingsStore, company: str, *, by: str, at: datetime) -> Previous:
    """Bring back what was replaced last; what stood until now can be brought back in turn.

    Who is confirmed for that gateway by now stays; otherwise who was confirmed when it was replaced is again.
    """
    with store.together() as one:
        old = previous(one, company, at)
        if old is None:
            raise ConfigurationError("não há gateway anterior a restaurar (ele é guardado por 24 horas)")
        confirmed = _readable(one, company, PAYEE)
        stays = confirmed is not None and confirmed.value.get("gateway") == old.gateway
        _keep_previous(one, company, at)
        GATEWAY_SETTING.save(one, company, ChosenGateway(old.gateway, old.credentials), by=by, at=at)
        payee = payees.read(old.payee) if old.payee and not stays else None
        _settle_payee(one, company, old.gateway, payee, by, at)
    return old


def _settle_payee(one: SettingsStore, company: str, gateway: str, payee: Payee | None, by: str, at: datetime) -> None:
    """Confirm `payee`, or keep who is confirmed for `gateway`, or nobody; what was only proposed is over."""
    confirmed = _readable(one, company, PAYEE)
    stays = confirmed is not None and confirmed.value.get("gateway") == gateway
    if payee:
        one.put(company, PAYEE, {"gateway": gateway, **asdict(payee)}, by=by, at=at)
    elif not stays:
        one.remove(company, PAYEE, by=by, at=at)
    one.remove(company, PROPOSED)


def _keep_previous(store: SettingsStore, company: str, at: datetime) -> None:
    old, payee = _readable(store, company, GATEWAY_SETTING.name), _readable(store, company, PAYEE)
    if old is not None:
        value = {
            **old.value,
            "payee": dict(payee.value) if payee else None,
            "saved_at": old.saved_at.isoformat(),
            "saved_by": old.saved_by,
        }
        store.put(company, PREVIOUS, value, by=old.saved_by, at=at)


def _readable(store: SettingsStore, company: str, name: str) -> Saved | None:
    """What is saved; None as well when another key encrypted it, since nobody can read it."""
    try:
        return store.get(company, name)
    except SecretKeyError:
        return None
