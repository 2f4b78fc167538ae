"""Fixtures that tests of several packages use, and how Hypothesis draws its examples."""

from hypothesis import HealthCheck, settings
from support.browser import browser, browser_page
from support.databases import database_url, empty_database_url, engine

__all__ = ["browser", "browser_page", "database_url", "empty_database_url", "engine"]

# A busy machine draws slowly: that is no fault of what is tested, and no time is asserted.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
