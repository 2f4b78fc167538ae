"""Asaas, API v3: its description, its calls, and what it answers."""
