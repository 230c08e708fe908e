# Work on many buckets under one lock: the keys of a call, pieces of a batch, pieces of a snapshot.

from cpython.ref cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from keys cimport hash_of
from memory cimport equal5, prefetch, unlikely
from table cimport (
    WAYS, Line, Place, Table, advance, fetch, find, find_in, full_buckets, other_line, place_of, store, take,
    take_from,
)

cdef enum:
    FAR = 48          # keys of a batch whose first line is on its way into the cache
    NEAR = 16         # keys whose second line is, where the first does not hold the key
    PIECE = 512       # keys of a batch under one lock: others wait some microseconds at most


cdef struct Entry:
    uint32_t line
    uint32_t tag
    int64_t remaining  # ns until the bucket is full


cdef inline void take_each(Table* t, PyObject** keys, int count, int64_t now, double* left) noexcept nogil:
    """All keys of one call: their lines come into the cache together."""
    cdef Place places[64]
    cdef int i
    for i in range(count):
        if keys[i] is not <PyObject*>None:
            places[i] = place_of(t, hash_of(t, i, keys[i]))
            fetch(t, places[i])
    for i in range(count):
        if keys[i] is not <PyObject*>None:
            left[i] = take(t, places[i], &t.laws[i], now, 1)


cdef struct Sought:
    Place place
    uint32_t likely   # the line that holds the key, if any does


cdef inline void look(const Table* t, Sought* s) noexcept nogil:
    """The first line is in the cache: only where the key is not in it, the second is worth the memory's time."""
    cdef uint32_t there = -<uint32_t>(equal5(t.lines[s.place.first].tag, s.place.tag) != 0)
    s.likely = s.place.second ^ ((s.place.first ^ s.place.second) & there)
    prefetch(&t.lines[s.likely])


cdef inline int64_t* find_sought(const Table* t, const Sought* s, int64_t now) noexcept nogil:
    """A key is live in one of its lines only, so the order of looking makes no difference."""
    cdef int64_t* tat = find_in(&t.lines[s.likely], s.place.tag, now)
    if tat is not NULL:
        return tat
    return find_in(&t.lines[s.place.first ^ s.place.second ^ s.likely], s.place.tag, now)


cdef inline Py_ssize_t take_piece(
    Table* t, const uint64_t* hashes, const uint8_t* kinds, const int64_t* times, double* left,
    Py_ssize_t stop, int64_t top,
) noexcept nogil:
    """Takes the first `stop` keys, PIECE at most; returns where it ended: there, or at a kind without a limit."""
    cdef Sought sought[512]
    cdef Py_ssize_t step, at
    cdef int kind
    cdef int64_t now
    for step in range(stop + FAR):
        if step < stop:
            sought[step].place = place_of(t, hashes[step])
            prefetch(&t.lines[sought[step].place.first])
        if FAR - NEAR <= step < stop + FAR - NEAR:
            look(t, &sought[step - (FAR - NEAR)])
        if step < FAR:
            continue
        at = step - FAR
        kind = (<const volatile uint8_t*>kinds)[at]  # once: the caller may be writing into it
        if unlikely(kind >= t.kinds):
            return at
        now = advance(t, min(max(times[at], 0), top))
        left[at] = take_from(t, sought[at].place, find_sought(t, &sought[at], now), &t.laws[kind], now, 1)
    return stop


cdef inline Entry* export_line(const Table* t, Entry* entry, uint32_t index, int64_t now) noexcept nogil:
    cdef const Line* line = &t.lines[index]
    cdef int slot
    for slot in range(WAYS):
        if line.tat[slot] > now:
            entry.line = index
            entry.tag = line.tag[slot]
            entry.remaining = line.tat[slot] - now
            entry += 1
    return entry


cdef inline Entry* export_lines(Table* t, Entry* entry, int room, int64_t now) noexcept nogil:
    """So many lines: first those that got a bucket from a line not yet saved, then the next ones in turn."""
    while room > 0 and t.moved_count > 0:
        t.moved_count -= 1
        entry = export_line(t, entry, t.moved[t.moved_count], now)
        room -= 1
    while room > 0 and t.saved_lines < t.size:
        entry = export_line(t, entry, t.saved_lines, now)
        t.saved_lines += 1
        room -= 1
    return entry


cdef inline bint load_entry(Table* t, const Entry* entry, int64_t now, int64_t elapsed, int64_t top) noexcept nogil:
    """A bucket met twice (it moved while it was saved) keeps the later of its times: nothing is forgiven."""
    cdef Place p
    cdef int64_t* at
    cdef int64_t tat
    if entry.line >= t.size or entry.remaining <= 0 or entry.remaining >= top:
        return False
    if entry.remaining <= elapsed:
        return True
    tat = now + (entry.remaining - elapsed)
    p.first, p.tag = entry.line, entry.tag
    p.second = other_line(t, p.first, p.tag)
    at = find(t, p, now)
    if at is NULL:
        store(t, p, now, tat)
    else:
        at[0] = max(at[0], tat)
    return True


cdef inline uint32_t live_buckets(const Table* t, uint32_t lines, int64_t now) noexcept nogil:
    """How many buckets of the first so many lines are not full."""
    cdef uint32_t live = 0, i, bits
    for i in range(lines):
        live += WAYS
        bits = full_buckets(&t.lines[i], now)
        while bits:
            bits &= bits - 1
            live -= 1
    return live
