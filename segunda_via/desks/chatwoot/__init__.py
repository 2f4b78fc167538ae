"""Chatwoot: its description, and its calls."""
