"""Speaks, checks and hears the prompts. This half needs Python alone, studio/ the tools of tools.py."""
