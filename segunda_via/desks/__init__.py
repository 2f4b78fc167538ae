"""Ticket desks: the port, the registry, one adapter a desk, and the relay that tells the desk in force."""
