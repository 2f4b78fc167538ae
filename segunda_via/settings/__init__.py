"""The settings in force: what the operator saved, overridden by the environment.

environment.py     the variables, parsed and refused with one clear line
store.py           what operators saved, encrypted
fields.py          the fields of a gateway or desk as they were pasted (pasted.py: tokens, cleaned)
others             one setting each
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from segunda_via.boletos.checks import Payee
from segunda_via.errors import NotConfigured
from segunda_via.settings.environment import Environment
from segunda_via.settings.gateway import confirmed_payee
from segunda_via.settings.store import SettingsStore


@dataclass(frozen=True)
class GatewaySettings:
    """The gateway in force, its credentials, and the payee confirmed for exactly these credentials' account."""

    name: str
    credentials: Mapping[str, str] = field(repr=False)
    payee: Payee
    from_environment: bool


def gateway_settings(environment: Environment, store: SettingsStore, company: str) -> GatewaySettings:
    """The gateway in force; NotConfigured when none was chosen, anywhere.

    The environment's gateway without credentials of its own takes the saved ones, if they are that gateway's.
    """
    saved = store.get(company, "gateway")
    saved_name = saved.value["gateway"] if saved else None
    name = environment.gateway or saved_name
    if name is None:
        raise NotConfigured("nenhum gateway configurado: escolha um na tela, ou rode `segunda-via settings set`")
    credentials = environment.credentials
    if credentials is None and saved and saved_name == name:
        credentials = saved.value["credentials"]
    return GatewaySettings(
        name=name,
        credentials=credentials or {},
        payee=confirmed_payee(store, company, name),
        from_environment=environment.gateway is not None or environment.credentials is not None,
    )
