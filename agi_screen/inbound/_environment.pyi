"""Types of the compiled reader of cext/environment.pyx."""

from agi_screen.inbound._environment_py import ordinary as ordinary
