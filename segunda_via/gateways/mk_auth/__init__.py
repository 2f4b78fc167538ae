"""MK-AUTH, on the provider's own server: its description, its calls, and what it answers."""
