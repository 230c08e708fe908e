cimport cython

from agi_screen.judge.blocks cimport Blocks
from agi_screen.judge.callers cimport Callers, History
from agi_screen.judge.level cimport LevelKeeper
from agi_screen.judge.surge cimport Surge


cdef int REPEATS
cdef double _JUMP


cdef class Memory:
    cdef readonly Callers callers
    cdef readonly Blocks blocks
    cdef readonly Surge surge
    cdef readonly LevelKeeper level
    cdef object _arrivals
    cdef double _offset

    @cython.locals(rate=cython.double, usual=cython.double, caller=History)
    cpdef gather(self, call, tokens)

    @cython.locals(offset=cython.double)
    cdef _look_at_clock(self, call)

    @cython.locals(known=cython.bint, share=cython.double, rare=cython.bint, quiet=cython.bint, caller=History)
    cpdef judged(self, call, facts, bint explained, bint clean)
