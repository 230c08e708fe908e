# SipHash-1-3 with a secret 128-bit key: whoever chooses the numbers cannot choose the places they go to.
# CPython and Rust key their own tables with it for the same reason. Faster hashes (wyhash, xxh3) promise nothing
# against one who looks for collisions; multilinear ones only as long as nothing about the key leaks through timing.

from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy


cdef struct Sip:
    uint64_t a, b, c, d


cdef inline uint64_t turn(uint64_t x, int by) noexcept nogil:
    return (x << by) | (x >> (64 - by))


cdef inline void sip_round(Sip* s) noexcept nogil:
    s.a += s.b
    s.b = turn(s.b, 13) ^ s.a
    s.a = turn(s.a, 32)
    s.c += s.d
    s.d = turn(s.d, 16) ^ s.c
    s.a += s.d
    s.d = turn(s.d, 21) ^ s.a
    s.c += s.b
    s.b = turn(s.b, 17) ^ s.c
    s.c = turn(s.c, 32)


cdef inline void sip_word(Sip* s, uint64_t word) noexcept nogil:
    s.d ^= word
    sip_round(s)
    s.a ^= word


cdef inline Sip sip_start(uint64_t k0, uint64_t k1, uint64_t first) noexcept nogil:
    """The state after its first word, which says what kind of key follows: it is the same for all keys of a kind."""
    cdef Sip s
    s.a = k0 ^ <uint64_t>0x736F6D6570736575
    s.b = k1 ^ <uint64_t>0x646F72616E646F6D
    s.c = k0 ^ <uint64_t>0x6C7967656E657261
    s.d = k1 ^ <uint64_t>0x7465646279746573
    sip_word(&s, first)
    return s


cdef inline uint64_t load(const uint8_t* data) noexcept nogil:
    cdef uint64_t word
    memcpy(&word, data, 8)
    return word


cdef inline uint64_t tail(const uint8_t* end, size_t length, size_t rest) noexcept nogil:
    """The last 0 to 7 bytes as a word, never reading outside the key."""
    cdef uint64_t word = 0
    cdef size_t i
    if rest == 0:
        return 0
    if length >= 8:
        return load(end - 8) >> (8 * (8 - rest))
    for i in range(rest):
        word |= <uint64_t>(end - rest)[i] << (8 * i)
    return word


cdef inline uint64_t sip_end(Sip s, const uint8_t* data, size_t length) noexcept nogil:
    """The hash of the started state's word and these bytes."""
    cdef const uint8_t* end = data + length
    cdef size_t rest = length & 7
    cdef const uint8_t* stop = end - rest
    while data != stop:
        sip_word(&s, load(data))
        data += 8
    sip_word(&s, (<uint64_t>(length + 8) << 56) | tail(end, length, rest))
    s.c ^= 0xFF
    sip_round(&s)
    sip_round(&s)
    sip_round(&s)
    return s.a ^ s.b ^ s.c ^ s.d
