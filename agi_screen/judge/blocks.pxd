cimport cython


cdef double _WINDOW, _SPEAKS
cdef unsigned long long _SPREAD, _STIR, _WHOLE, _ONE

cdef class _Count:
    cdef double at, calls, sequential, turned
    cdef unsigned long long bits, old_bits
    cdef long long last

    @cython.locals(since=double, step=cython.longlong)
    cdef double add(self, double at, long long number, unsigned long long bit)


@cython.locals(mixed=cython.ulonglong)
cdef unsigned long long _bit(unsigned long long number)


cdef class Blocks:
    cdef public tuple limits
    cdef Py_ssize_t _capacity
    cdef tuple _counts, _learned
    cdef double _calls_learned
    cdef int _until_lesson

    @cython.locals(
        number=str, prefix=str, at=double, calls=double, limit=double, over=double, most=double, share=double,
        expected=double, bit=cython.ulonglong, digits=cython.longlong, place=int, counts=dict, count=_Count,
    )
    cpdef take(self, call, double usual)

    @cython.locals(number=str, learned=dict, prefix=str)
    cpdef learn(self, call)

    cpdef double area_share(self, str number)
    cdef double _share(self, int place, str prefix)
    cdef _Count _room(self, dict counts, double at)
