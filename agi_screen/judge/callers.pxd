cimport cython

cdef double GAP_MEMORY, _ONE_SITTING


cdef class History:
    cdef public long calls, gaps, unserved_run, open, talks, shorts, passed, failed, hungup, robot, person, menus, idle
    cdef public double last, gap, spread, unserved, talked, last_talk, captcha_at, marked_at
    cdef public str trunk
    cdef public bint dirty

    @cython.locals(gap=cython.double, off=cython.double, weight=cython.double)
    cpdef called(self, double at)


cdef class Callers:
    cdef public double short_talk, real_talk
    cdef Py_ssize_t _capacity
    cdef dict _known, _others, _changed

    cpdef History seen(self, call)
    cdef History _of(self, caller)
    cdef _put(self, dict room, caller, History history)
