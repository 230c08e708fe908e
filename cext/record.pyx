# Call, decision and outcome → the record that is kept; the same as agi_screen/trail/_record_py.py, by places.

from agi_screen.base.records import CallRecord

cdef enum:  # places in a Call
    ID = 0
    CALLER = 1
    DIALLED = 2
    TRUNK = 3
    UNIQUEID = 5
    STARTED = 6
    NAME = 8
    TAMPERING = 11

cdef enum:  # in a Number
    RAW = 0
    E164 = 1
    KIND = 2
    ALIAS = 3

cdef enum:  # in a Decision
    VERDICT = 0
    SCORE = 1
    LEVEL = 2
    EVIDENCE = 3
    FINAL = 4

cdef enum:  # in an Outcome
    TOLD = 0
    CAPTCHA = 1
    ERROR = 2
    WAY = 3
    ASKED = 4
    CONDUCT = 5
    TOOK = 6


def record_of(call, decision, outcome, decide_us):
    """`outcome` is what the dialplan was told, `decision` what the judge said before any CAPTCHA."""
    cdef tuple c = <tuple>call, d = <tuple>decision, o = <tuple>outcome
    cdef tuple caller = <tuple>c[CALLER], dialled = <tuple>c[DIALLED]
    cdef str e164 = caller[E164], raw = caller[RAW], name = c[NAME]
    if caller[ALIAS]:  # who has one is known by that alone
        raw, name = caller[ALIAS], ""
        e164 = raw if e164 else ""
    return tuple.__new__(CallRecord, (
        c[ID], c[UNIQUEID], c[STARTED],
        e164, raw, caller[KIND], name,
        dialled[E164] or dialled[RAW] or dialled[KIND],
        c[TRUNK],
        d[VERDICT], o[TOLD], d[SCORE], d[LEVEL], d[FINAL], d[EVIDENCE],
        o[CAPTCHA], c[TAMPERING], o[ERROR], decide_us,
        o[WAY], o[ASKED], o[CONDUCT], o[TOOK],
    ))
