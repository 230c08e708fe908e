cimport cython

cdef double _WINDOW, _FADE, _GAP_MEMORY, SPEAKS, COMMON
cdef int _DEPTHS, _AREA, _NEAR, SHORTEST
cdef unsigned long long _SPREAD, _STIR, _WHOLE, _ONE

cdef class _Count:
    cdef double at, calls, gap, sequential, spread, turned
    cdef long long gaps
    cdef unsigned long long bits, old_bits
    cdef long long last

    @cython.locals(since=cython.double, step=cython.longlong)
    cdef double add(self, double at, long long number, unsigned long long bit)

    @cython.locals(off=cython.double, weight=cython.double)
    cdef _spaced(self, double gap)


@cython.locals(mixed=cython.ulonglong)
cdef unsigned long long _bit(unsigned long long number)


cdef _unremarkable(double share)


cdef class Blocks:
    cdef public object limits
    cdef Py_ssize_t _capacity
    cdef readonly tuple _counts, _learned
    cdef readonly double _calls_learned
    cdef int _until_lesson

    @cython.locals(
        number=str, prefix=str, at=cython.double, digits=cython.longlong, bit=cython.ulonglong, share=cython.double, most=cython.double,
        place=cython.int, depth=cython.int, limit=cython.double, counts=dict, count=_Count, calls=cython.double, over=cython.double,
    )
    cpdef take(self, call, double usual)

    @cython.locals(
        number=str, prefix=str, at=cython.double, share=cython.double, most=cython.double, place=cython.int, depth=cython.int, limit=cython.double, count=_Count, calls=cython.double, over=cython.double,
    )
    cpdef peek(self, call, double usual)

    cdef double _over(self, int place, str prefix, double calls, double usual)

    @cython.locals(expected=cython.double, over=cython.double)
    cdef _block(self, int place, str prefix, _Count count, double calls, double usual, double share)

    @cython.locals(number=str, learned=dict, prefix=str, place=cython.int, depth=cython.int)
    cpdef learn(self, call)

    cpdef double area_share(self, str number)
    cpdef double _share(self, int place, str prefix)
    cdef _Count _room(self, dict counts, double at)
