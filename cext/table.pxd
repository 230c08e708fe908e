# The bucket table: one cache line holds five buckets of 12 bytes (64-bit theoretical arrival time, 32-bit tag).
# A key may be in any of the ten places of its two lines; when all are taken, others move over to their second line.

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from memory cimport equal5, low_bit, prefetch, unlikely, wide
from siphash cimport Sip

cdef enum:
    WAYS = 5          # buckets in a line: 5 * (4 + 8) = 60 of its 64 bytes
    KINDS = 64        # limits at most
    SEARCH = 96       # lines looked at for a free place; all taken has odds under 1e-12 at 90 % load
    MOVED = 65536     # moves remembered between two pieces of a snapshot


cdef struct Line:
    uint32_t tag[5]
    uint32_t spare
    int64_t tat[5]    # 0: never used; not after now: full, which is the same as absent


cdef struct Law:
    int64_t interval  # ns in which one token comes back
    int64_t burst     # ns to fill an emptied bucket
    int64_t cap       # ns to fill one at its deepest overdraft
    int64_t max_cost  # the cost up to which 64 bits suffice
    Sip start         # hash state of this kind's plain keys


cdef struct Table:
    Line* lines
    uint32_t size
    int guard[2]
    int64_t latest            # the greatest now ever seen: time never goes back
    uint64_t key0
    uint64_t key1
    int64_t crowded_until     # before this moment another search for a free place is as good as hopeless
    uint64_t evicted
    uint64_t moves
    uint32_t* moved           # lines that got a moved bucket after the snapshot had passed them; NULL: no snapshot
    uint32_t moved_count
    uint32_t saved_lines
    int kinds
    Law laws[64]


cdef struct Place:
    uint32_t first
    uint32_t second
    uint32_t tag


cdef struct Step:
    uint32_t line
    int from_step
    int from_slot


cdef inline uint32_t scale(uint32_t x, uint32_t size) noexcept nogil:
    return <uint32_t>((<uint64_t>x * size) >> 32)


cdef inline uint32_t other_line(const Table* t, uint32_t line, uint32_t tag) noexcept nogil:
    """The second line of a bucket, from either of its lines and its tag alone."""
    cdef uint32_t total = scale(tag * <uint32_t>0x9E3779B1, t.size)
    return total - line if total >= line else total + t.size - line


cdef inline Place place_of(const Table* t, uint64_t hashed) noexcept nogil:
    cdef Place p
    p.tag = <uint32_t>hashed
    p.first = scale(<uint32_t>(hashed >> 32), t.size)
    p.second = other_line(t, p.first, p.tag)
    return p


cdef inline void fetch(const Table* t, Place p) noexcept nogil:
    prefetch(&t.lines[p.first])
    prefetch(&t.lines[p.second])


cdef inline uint32_t full_buckets(const Line* line, int64_t now) noexcept nogil:
    """Bits of the places whose bucket has filled up: free for another key."""
    return (
        <uint32_t>(line.tat[0] <= now) | <uint32_t>(line.tat[1] <= now) << 1 | <uint32_t>(line.tat[2] <= now) << 2
        | <uint32_t>(line.tat[3] <= now) << 3 | <uint32_t>(line.tat[4] <= now) << 4
    )


cdef inline int64_t* find_in(Line* line, uint32_t tag, int64_t now) noexcept nogil:
    """The live bucket of a tag, or NULL."""
    cdef uint32_t bits = equal5(line.tag, tag)
    cdef int i
    while bits:
        i = low_bit(bits)
        if line.tat[i] > now:
            return &line.tat[i]
        bits &= bits - 1
    return NULL


cdef inline int64_t* find(const Table* t, Place p, int64_t now) noexcept nogil:
    cdef int64_t* tat = find_in(&t.lines[p.first], p.tag, now)
    return tat if tat is not NULL else find_in(&t.lines[p.second], p.tag, now)


cdef inline void put(Table* t, uint32_t line, int slot, uint32_t tag, int64_t tat) noexcept nogil:
    t.lines[line].tag[slot] = tag
    t.lines[line].tat[slot] = tat


cdef inline void note_move(Table* t, uint32_t from_line, uint32_t to_line) noexcept nogil:
    """A bucket that moves behind a snapshot's back is written once more, or it would be missing."""
    t.moves += 1
    if t.moved is NULL or from_line < t.saved_lines or to_line >= t.saved_lines:
        return
    if t.moved_count < MOVED:
        t.moved[t.moved_count] = to_line
    t.moved_count += 1


cdef inline int clear_way(Table* t, Step* steps, int last, int64_t now) noexcept nogil:
    """Moves each bucket of the path one line on, from its end; returns the place that gets free in its first line."""
    cdef int free = low_bit(full_buckets(&t.lines[steps[last].line], now))
    cdef Line* source
    while steps[last].from_step >= 0:
        source = &t.lines[steps[steps[last].from_step].line]
        put(t, steps[last].line, free, source.tag[steps[last].from_slot], source.tat[steps[last].from_slot])
        note_move(t, steps[steps[last].from_step].line, steps[last].line)
        free = steps[last].from_slot
        source.tat[free] = 0
        last = steps[last].from_step
    steps[0].line = steps[last].line
    return free


cdef inline int widen(const Table* t, Step* steps, int at, int count) noexcept nogil:
    """Adds the second lines of all buckets of a line to the search."""
    cdef Line* line = &t.lines[steps[at].line]
    cdef int slot
    for slot in range(WAYS):
        if count == SEARCH:
            break
        steps[count].line = other_line(t, steps[at].line, line.tag[slot])
        steps[count].from_step = at
        steps[count].from_slot = slot
        prefetch(&t.lines[steps[count].line])
        count += 1
    return count


cdef inline bint make_room(Table* t, Place p, int64_t now, uint32_t* line, int* slot) noexcept nogil:
    """Breadth first: the shortest chain of moves that frees a place. Nothing moves when there is none in reach."""
    cdef Step steps[96]
    cdef int at = 0, count = 2, i
    cdef int64_t soonest = (<int64_t>1 << 62) + ((<int64_t>1 << 62) - 1)
    steps[0].line, steps[0].from_step = p.first, -1
    steps[1].line, steps[1].from_step = p.second, -1
    while at < count:
        if full_buckets(&t.lines[steps[at].line], now):
            slot[0] = clear_way(t, steps, at, now)
            line[0] = steps[0].line
            return True
        for i in range(WAYS):
            soonest = min(soonest, t.lines[steps[at].line].tat[i])
        count = widen(t, steps, at, count)
        at += 1
    # Hundreds of random places, all live until `soonest`: the table is over 90 % full until then. Of a small table
    # the search may have seen one closed corner only, so there it proves nothing (and costs little).
    if t.size >= 16 * SEARCH:
        t.crowded_until = soonest
    return False


cdef inline void evict_for(Table* t, Place p, int64_t tat) noexcept nogil:
    """Of the ten buckets and the new one, the one nearest to full goes: forgetting it forgives least."""
    cdef int64_t* nearest = NULL
    cdef int64_t soonest = tat
    cdef uint32_t* tag = NULL
    cdef int side, i
    cdef Line* line
    t.evicted += 1
    for side in range(2):
        line = &t.lines[p.second if side else p.first]
        for i in range(WAYS):
            if line.tat[i] < soonest:
                soonest = line.tat[i]
                nearest = &line.tat[i]
                tag = &line.tag[i]
    if nearest is not NULL:
        nearest[0] = tat
        tag[0] = p.tag


cdef inline void store(Table* t, Place p, int64_t now, int64_t tat) noexcept nogil:
    """Gives an absent key its place."""
    cdef uint32_t line = p.first
    cdef int slot
    cdef uint32_t free = full_buckets(&t.lines[line], now)
    if not free:
        line = p.second
        free = full_buckets(&t.lines[line], now)
    if free:
        put(t, line, low_bit(free), p.tag, tat)
    elif now >= t.crowded_until and make_room(t, p, now, &line, &slot):
        put(t, line, slot, p.tag, tat)
    else:
        evict_for(t, p, tat)


cdef inline double left_over(const Law* law, int64_t need, int64_t cost) noexcept nogil:
    """Tokens left, with the sign exact: one rounding of the numerator and one of the division."""
    cdef wide big
    if unlikely(cost > law.max_cost):
        big = <wide>law.burst - need - <wide>cost * law.interval
        return <double>big / <double>law.interval
    return <double>(law.burst - need - cost * law.interval) / <double>law.interval


cdef inline int64_t advance(Table* t, int64_t now) noexcept nogil:
    """The table's time: the greatest ever given."""
    if now > t.latest:
        t.latest = now
    return t.latest


cdef inline double take_from(
    Table* t, Place p, int64_t* at, const Law* law, int64_t now, int64_t cost
) noexcept nogil:
    """Takes from the bucket found, or from a full one where there is none."""
    cdef int64_t need = 0, after
    if at is not NULL:
        need = min(at[0] - now, law.cap)
    after = law.cap if cost > law.max_cost else min(need + cost * law.interval, law.cap)
    if at is not NULL:
        at[0] = now + after
    elif after > 0:
        store(t, p, now, now + after)
    return left_over(law, need, cost)


cdef inline double take(Table* t, Place p, const Law* law, int64_t now, int64_t cost) noexcept nogil:
    """The law: see `Buckets` in agi_screen/base/buckets.py. `now` and `cost` are 0 to 2**62."""
    now = advance(t, now)
    return take_from(t, p, find(t, p, now), law, now, cost)


cdef inline double peek(const Table* t, Place p, const Law* law, int64_t now) noexcept nogil:
    cdef int64_t* at
    now = max(now, t.latest)
    at = find(t, p, now)
    return left_over(law, 0 if at is NULL else min(at[0] - now, law.cap), 0)


cdef inline void lift(Table* t, Place p, const Law* law, int64_t now, int64_t lacking) noexcept nogil:
    """The bucket lacks so much of being full, in ns, or what it lacks already where that is more."""
    cdef int64_t* at
    now = advance(t, now)
    lacking = min(lacking, law.cap)
    at = find(t, p, now)
    if at is not NULL:
        at[0] = max(at[0], now + lacking)
    elif lacking > 0:
        store(t, p, now, now + lacking)
