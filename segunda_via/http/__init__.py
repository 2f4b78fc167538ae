"""Outbound HTTP: client, retries, time budget, API sessions, and reading JSON answers exactly."""
