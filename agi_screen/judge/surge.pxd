cimport cython

from agi_screen.judge.arrivals cimport Baseline, Leak
from agi_screen.judge.crowd cimport Crowd

cdef double PRIOR, MEMORY, LEAST_RARE


cdef class _Shares:
    cdef public dict counts
    cdef public double total

    @cython.locals(known=cython.double)
    cdef learn(self, key)

    @cython.locals(count=cython.double)
    cpdef double of(self, key)


cdef class _Meter:
    cdef double _calls, _most, _calm, _hot_until
    cdef Leak _leak
    cdef bint high

    cdef add(self, double at, double rate)

    @cython.locals(beyond=cython.double)
    cdef double strength(self, double at, double rate)


cdef class Surge:
    cdef readonly Baseline baseline
    cdef object _config
    cdef readonly _Shares _trunks, _dids, _sorts, _areas
    cdef readonly dict _by_trunk, _by_did
    cdef Crowd _strangers, _acquaintances
    cdef _Meter _unknown, _known, _rare

    @cython.locals(
        at=cython.double, rate=cython.double, trunk=_Meter, did=_Meter, unknown=cython.double, known=cython.double,
        by_trunk=cython.double, by_did=cython.double, rare=cython.double,
    )
    cpdef take(self, call)

    cpdef bint crowd(self, double at)

    @cython.locals(at=cython.double, rate=cython.double, trunk=_Meter, did=_Meter)
    cpdef count(self, call, bint known)

    cpdef learn(self, call, bint known, bint rare=*)
    cpdef count_rare(self, call)
    cdef double _rare_rate(self)
    cdef _Meter _of(self, dict meters, key)
