"""Speaks, checks and hears the prompts. This half needs Python alone; studio/ needs the tools that tools.py installs."""
