"""The judge's own modules compiled, beside their source only in name: see `agi_screen.judge`."""
