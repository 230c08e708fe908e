"""Types of cext/request.pyx: those of its twin in Python."""

from agi_screen.inbound._request_py import to_call as to_call
