# Work on many buckets under one lock: pieces of a batch, pieces of a snapshot.

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from memory cimport unlikely
from table cimport WAYS, Line, Place, Table, fetch, find, full_buckets, other_line, place_of, store, take

cdef enum:
    AHEAD = 12        # keys of a batch on their way into the cache


cdef struct Entry:
    uint32_t line
    uint32_t tag
    int64_t remaining  # ns until the bucket is full


cdef inline Py_ssize_t take_piece(
    Table* t, const uint64_t* hashes, const uint8_t* kinds, const int64_t* times, double* left,
    Py_ssize_t at, Py_ssize_t stop, int64_t top,
) noexcept nogil:
    """Takes from `at` on; returns where it ended: at `stop`, or at a kind without a limit."""
    cdef Py_ssize_t ahead = at
    cdef int kind
    while at < stop:
        while ahead < stop and ahead < at + AHEAD:
            fetch(t, place_of(t, hashes[ahead]))
            ahead += 1
        kind = (<const volatile uint8_t*>kinds)[at]  # once: the caller may be writing into it
        if unlikely(kind >= t.kinds):
            return at
        left[at] = take(t, place_of(t, hashes[at]), &t.laws[kind], min(max(times[at], 0), top), 1)
        at += 1
    return at


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
