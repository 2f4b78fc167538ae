"""SGA (Hinova), API v2: its description, its calls, and what it answers."""
