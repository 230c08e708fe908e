cimport cython

from agi_screen.judge.arrivals cimport Baseline, Leak
from agi_screen.judge.crowd cimport Crowd


cdef class _Shares:
    cdef public dict counts
    cdef public double total

    cdef learn(self, key)
    cdef double of(self, key)


cdef class _Meter:
    cdef double _calls, _most, _calm, _hot_until
    cdef Leak _leak
    cdef bint high

    cdef add(self, double at, double rate)

    @cython.locals(beyond=double)
    cdef double strength(self, double at, double rate)


cdef class Surge:
    cdef readonly Baseline baseline
    cdef object _config
    cdef _Shares _trunks, _dids, _sorts
    cdef dict _by_trunk, _by_did
    cdef Crowd _strangers, _acquaintances
    cdef _Meter _unknown, _known

    @cython.locals(at=double, rate=double, trunk=_Meter, did=_Meter, people=bint)
    cpdef take(self, call)

    cpdef bint crowd(self, double at)

    @cython.locals(at=double, rate=double, trunk=_Meter, did=_Meter)
    cpdef count(self, call, bint known)

    cpdef learn(self, call, bint known)
    cdef _Meter _of(self, dict meters, key)
