cimport cython

from agi_screen.judge.callers cimport History


cdef class Signals:
    cdef readonly tuple all
    cdef readonly tuple conduct
    cdef list _asked

    @cython.locals(has=cython.int, caller=History)
    cpdef tuple asked(self, facts)


@cython.locals(points=cython.double, surge=cython.double, groups=dict, members=list, found=list)
cpdef score(call, facts, signals, caps)

@cython.locals(points=cython.double)
cdef _evidence(signal, finding)

@cython.locals(against=cython.double, scale=cython.double)
cdef list _capped(list members, double cap)
