cdef double _STEP


cdef class Baseline:
    cdef readonly double rate, learned_rate
    cdef double _began, _floor, _start
    cdef long long _calls
    cdef list _lessons, _rates

    cpdef taught(self, double at, bint usual)
    cpdef quiet(self)
    cpdef clock_set(self)


cdef class Leak:
    cdef double _at, _times
    cdef readonly double level, most

    cpdef double add(self, double at, double rate, double calls=*)
    cpdef double settle(self, double at, double rate)
