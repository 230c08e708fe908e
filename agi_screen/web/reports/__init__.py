"""Investigations and simulations started from the desk, each a process of its own, one at a time."""
