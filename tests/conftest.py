"""Fixtures that tests of several rooms use."""

from support.browser import browser, browser_page
from support.databases import database_url, engine

__all__ = ["browser", "browser_page", "database_url", "engine"]
