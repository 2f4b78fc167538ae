"""The settings screen: who may enter it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from segunda_via.composition.teaching import Teaching
from segunda_via.errors import SegundaViaError
from segunda_via.operators.accounts import Operators
from segunda_via.operators.devices import KnownDevices
from segunda_via.operators.first_access import FirstAccess
from segunda_via.operators.lookups import OperatorLookups
from segunda_via.operators.sessions import OperatorSessions
from segunda_via.operators.throttle import Throttle


class Screen(Teaching):
    @cached_property
    def operators(self) -> Operators:
        return Operators(self.engine, self.now, self._company_names)

    @cached_property
    def operator_sessions(self) -> OperatorSessions:
        return OperatorSessions(self.engine, self.keys.derive("operator sessions"), self.now)

    @cached_property
    def throttle(self) -> Throttle:
        return Throttle(self.engine, self.keys.derive("sign-in tries"), self.now)

    @cached_property
    def known_devices(self) -> KnownDevices:
        return KnownDevices(self.keys.derive("known devices"))

    @cached_property
    def operator_lookups(self) -> OperatorLookups:
        return OperatorLookups(self.engine, self.keys.derive("operator look-ups"), self.now, self.today)

    @cached_property
    def first_access(self) -> FirstAccess:
        return FirstAccess(self.engine, self.keys.derive("first access"), self.operators, self.now, self.home)

    def _company_names(self, company: str) -> Iterator[str]:
        """What the company is called, as far as it is known here."""
        yield urlsplit(self.environment.public_url).hostname or ""
        with suppress(SegundaViaError, SQLAlchemyError):
            yield self.gateway_settings(company).payee.pix_receiver or ""
