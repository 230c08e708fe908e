"""Types of cext/record.pyx: those of its twin in Python."""

from agi_screen.trail._record_py import record_of as record_of
