"""agi-screen: call screening for Asterisk. The way of one call is read in `screen.py`."""

__version__ = "0.1.0"
