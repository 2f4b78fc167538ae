"""Whaticket and its forks: their description, and their calls."""
