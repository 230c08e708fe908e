"""Types of the compiled sessions of cext/sessions.pyx: they have those of their twins in Python."""

from agi_screen.inbound._sessions_py import Door as Door
from agi_screen.inbound._sessions_py import Session as Session
