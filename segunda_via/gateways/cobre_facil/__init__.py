"""Cobre Fácil, API v1: its description, its calls, and what it answers."""
