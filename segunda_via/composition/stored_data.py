"""What becomes of everything that is stored: how long it lives, and what is told and erased of a person."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property, partial

from segunda_via.composition.screen import Screen
from segunda_via.privacy.data_places import Places
from segunda_via.privacy.data_subject_requests import Requests
from segunda_via.privacy.retention import Retention
from segunda_via.storage import endpoints_file
from segunda_via.storage.leases import Leases

COMPANY = "default"


class StoredData(Screen):
    @cached_property
    def retention(self) -> Retention:
        return Retention(
            self.engine,
            Leases(self.engine, self.now),
            lambda: self.now(),
            timedelta(days=self.environment.retention_days),
            close_days=partial(self.stats.close_days, COMPANY),
            conversations=partial(endpoints_file.conversations, self.keys),
        )

    @cached_property
    def data_subject_requests(self) -> Requests:
        places = Places(self.keys, self.flow, self.offers, self.limits)
        return Requests(self.engine, places, partial(endpoints_file.conversations, self.keys), lambda: self.now())
