"""How calls and Asterisk's events come in."""
