# Environment → Call, with its fields taken by their places; the same as agi_screen/inbound/_request_py.py.

import secrets

from agi_screen.base.call import Call
from agi_screen.inbound.environment import Environment

from libc.stdint cimport uint32_t, uint64_t

cdef enum:
    MAX_TEXT = 80
    MAX_LANGUAGE = 20
    MAX_IDENTITY = 4096
    MAX_VERSTAT = 200
    CHANNEL = 1
    LANGUAGE = 2
    UNIQUEID = 3
    CALLERID = 4
    NAME = 5
    DNID = 6
    RAW = 7
    DID = 8
    TRUNK = 9
    IDENTITY = 10
    AGENT = 12
    VERSTAT = 13
    ATTEST = 14
    TAMPERING = 16

cdef uint32_t process = int(secrets.token_hex(2), 16)
cdef uint32_t made = 0
cdef const char* HEX = "0123456789abcdef"


cdef inline str new_call_id(double started):
    """11 digits of milliseconds, 4 of this process, 4 of a count."""
    global made
    cdef char text[19]
    cdef uint64_t left = <uint64_t>(started * 1000)
    cdef uint32_t tail = process << 16 | (made & 0xFFFF)
    cdef int i
    made += 1
    for i in range(10, -1, -1):
        text[i] = HEX[left & 15]
        left >>= 4
    for i in range(18, 10, -1):
        text[i] = HEX[tail & 15]
        tail >>= 4
    return text[:19].decode("ascii")


cdef inline str within(str text, Py_ssize_t most):
    return text if len(text) <= most else text[:most]


cdef inline str trunk_of(str channel):
    """`PJSIP/trunk` of `PJSIP/trunk-0000001f`."""
    cdef Py_ssize_t dash = channel.rfind("-")
    return channel[:dash] if dash > 0 else channel


def to_call(environment, plan, clock):
    """The facts of the call behind an AGI environment. Never raises on any caller's text."""
    cdef tuple said = <tuple>environment  # a NamedTuple: its fields have their places
    cdef double started = clock.wall()
    cdef str channel = within(said[CHANNEL], MAX_TEXT)
    cdef str number = said[CALLERID]
    cdef str name = said[NAME]
    if number == "" or number == "unknown":
        number = said[RAW] or number
    return tuple.__new__(Call, (
        new_call_id(started),
        plan.number(number),
        plan.dialled(said[DID] or said[DNID]),
        within(said[TRUNK], MAX_TEXT) or trunk_of(channel),
        channel,
        within(said[UNIQUEID], MAX_TEXT),
        started,
        clock.ticks(),
        "" if name == "unknown" else within(name, MAX_TEXT),
        within(said[LANGUAGE], MAX_LANGUAGE) or "en",
        within(said[IDENTITY], MAX_IDENTITY),
        said[TAMPERING],
        within(said[AGENT], MAX_TEXT),
        within(said[VERSTAT], MAX_VERSTAT),
        within(said[ATTEST], MAX_TEXT),
    ))
