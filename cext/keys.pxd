# A key as C sees it: the hash of a Python string, straight from where CPython keeps its characters.

from cpython.ref cimport PyObject
from libc.stdint cimport uint8_t, uint64_t

from siphash cimport sip_end, sip_start
from table cimport Table

# Pointers here, not objects: Cython would count references on the hottest path.
cdef extern from "Python.h":
    Py_ssize_t text_length "PyUnicode_GET_LENGTH"(PyObject* text) noexcept nogil
    int text_width "PyUnicode_KIND"(PyObject* text) noexcept nogil
    void* text_data "PyUnicode_DATA"(PyObject* text) noexcept nogil


cdef inline uint64_t hash_of(const Table* t, int kind, PyObject* key) noexcept nogil:
    cdef int width = text_width(key)
    cdef const uint8_t* data = <const uint8_t*>text_data(key)
    cdef size_t length = text_length(key)
    if width == 1:
        return sip_end(t.laws[kind].start, data, length)
    return sip_end(sip_start(t.key0, t.key1, kind | <uint64_t>width << 32), data, length * width)
