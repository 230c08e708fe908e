cimport cython

from agi_screen.judge.arrivals cimport Leak


cdef class LevelKeeper:
    cdef public object on_change, change, override, level, fixed, learned
    cdef object _elsewhere, _elsewhere_why
    cdef double _calm_since, _calm, _elevated_calls, _siege_calls
    cdef Leak _elevated, _siege

    @cython.locals(at=cython.double, elevated=cython.double, siege=cython.double)
    cpdef arrived(self, ticks, double wall, double rate, bint crowd=*)

    cdef _move(self, wanted, double at, double wall, double rate)
