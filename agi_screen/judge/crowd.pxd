cdef class Crowd:
    cdef double _asked, _at, _passed, _until

    cpdef bint people(self, double at)
    cdef _fade(self, double at)
