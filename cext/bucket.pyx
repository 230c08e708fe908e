# The compiled bucket table: a take allocates nothing but its result, and holds one short lock.
# Its twin with the same behaviour is agi_screen/base/_bucket_py.py; both pass the same tests.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.ref cimport Py_INCREF, PyObject
from cpython.tuple cimport PyTuple_New
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from bulk cimport PIECE, Entry, export_lines, live_buckets, load_entry, take_each, take_piece
from keys cimport hash_of
from memory cimport FREE_THREADED, let_in, lock, new_lines, unlikely, unlock
from siphash cimport load, sip_start
from table cimport KINDS, MOVED, WAYS, Law, Line, Place, Table, fetch, lift, peek, place_of, take

# Pointers here, not objects: Cython would count references on the hottest path.
cdef extern from "Python.h":
    bint is_str "PyUnicode_CheckExact"(PyObject* thing) noexcept nogil
    PyObject* new_float "PyFloat_FromDouble"(double value) noexcept
    PyObject** items_of "PySequence_Fast_ITEMS"(object sequence) noexcept
    Py_ssize_t length_of "PySequence_Fast_GET_SIZE"(object sequence) noexcept
    void set_item "PyTuple_SET_ITEM"(object made, Py_ssize_t at, PyObject* value) noexcept
    long long PyLong_AsLongLongAndOverflow(object number, int* overflow) except? -1

cdef enum:
    SAMPLE = 262144   # lines (16 MiB) looked at to tell how many buckets are in use

cdef int64_t TOP = <int64_t>1 << 62
cdef object NOTHING = float("nan")
cdef object ONE = 1

cdef inline int64_t within(object number) except? -1:
    """An int, held to 0 … 2**62."""
    cdef int overflow = 0
    cdef long long value = PyLong_AsLongLongAndOverflow(number, &overflow)
    if unlikely(overflow != 0):
        return TOP if overflow > 0 else 0
    return min(max(value, 0), TOP)


cdef inline tuple as_tuple(PyObject** keys, const double* left, int count):
    cdef tuple made = PyTuple_New(count)
    cdef PyObject* value
    cdef int i
    for i in range(count):
        if keys[i] is <PyObject*>None:
            Py_INCREF(NOTHING)
            value = <PyObject*>NOTHING
        else:
            value = new_float(left[i])
        if value is NULL:
            raise MemoryError("no memory for a result")
        set_item(made, i, value)
    return made


cdef object no_kind(object kind, int kinds):
    return IndexError(f"kind {kind}: this table has {kinds} limits")


cdef class BucketTable:
    """Buckets of all kinds in one block of memory. See `agi_screen.base.buckets.Buckets`, which is this and more."""

    cdef Table t

    def __init__(self, size, limits, bytes seed not None):
        if self.t.lines is not NULL:
            raise TypeError("a table is made once")
        if not 0 < size < 2**31:
            raise ValueError(f"size {size}: a table has 1 to 2**31 - 1 lines")
        if len(seed) != 16:
            raise ValueError(f"seed of {len(seed)} bytes: it takes 16")
        self.t.size = size
        self.t.lines = <Line*>new_lines(self.t.size * sizeof(Line))
        if self.t.lines is NULL:
            raise MemoryError(f"no memory for {size} lines of buckets")
        memset(self.t.lines, 0, self.t.size * sizeof(Line))
        self.t.key0 = load(<const uint8_t*>PyBytes_AS_STRING(seed))
        self.t.key1 = load(<const uint8_t*>PyBytes_AS_STRING(seed) + 8)
        self.put_laws(limits)

    def __dealloc__(self):
        free(self.t.lines)
        free(self.t.moved)

    cdef inline void enter(self) noexcept nogil:
        """Always, not only where a batch may run without the GIL: half a nanosecond."""
        lock(self.t.guard)

    cdef inline void leave(self) noexcept nogil:
        unlock(self.t.guard)

    def put_laws(self, limits):
        """Replaces the limits: (interval, burst, cap) each, in ns."""
        cdef Law laws[64]
        cdef int kinds = len(limits), kind
        if kinds > KINDS:
            raise ValueError(f"{kinds} limits: a table takes {KINDS}")
        for kind in range(kinds):
            laws[kind].interval, laws[kind].burst, laws[kind].cap = limits[kind]
            laws[kind].max_cost = TOP // laws[kind].interval
        self.enter()
        for kind in range(kinds):
            laws[kind].start = sip_start(self.t.key0, self.t.key1, kind | <uint64_t>1 << 32)
        memcpy(self.t.laws, laws, kinds * sizeof(Law))
        self.t.kinds = kinds
        self.leave()

    def take(self, int kind, str key not None, now_ns, cost=ONE):
        """Takes `cost` tokens; what is left, negative when over the limit."""
        cdef int64_t now = within(now_ns), tokens = 1 if cost is ONE else within(cost)
        cdef double left = 0
        cdef Place place
        cdef int kinds
        if unlikely(tokens == 0) and cost < 0:
            raise ValueError(f"cost {cost}: tokens are only taken")
        self.enter()
        kinds = self.t.kinds
        if <unsigned int>kind < <unsigned int>kinds:
            place = place_of(&self.t, hash_of(&self.t, kind, <PyObject*>key))
            fetch(&self.t, place)  # both lines at once: one key in eight is in its second, and would wait twice
            left = take(&self.t, place, &self.t.laws[kind], now, tokens)
        self.leave()
        if unlikely(<unsigned int>kind >= <unsigned int>kinds):
            raise no_kind(kind, kinds)
        return left

    def peek(self, int kind, str key not None, now_ns):
        """What is left, without taking."""
        cdef int64_t now = within(now_ns)
        cdef double left = 0
        cdef int kinds
        self.enter()
        kinds = self.t.kinds
        if <unsigned int>kind < <unsigned int>kinds:
            left = peek(&self.t, place_of(&self.t, hash_of(&self.t, kind, <PyObject*>key)), &self.t.laws[kind], now)
        self.leave()
        if unlikely(<unsigned int>kind >= <unsigned int>kinds):
            raise no_kind(kind, kinds)
        return left

    def lift(self, int kind, str key not None, now_ns, lacking_ns):
        """What others know of a bucket: it lacks at least so many ns of being full."""
        cdef int64_t now = within(now_ns), lacking = within(lacking_ns)
        cdef int kinds
        self.enter()
        kinds = self.t.kinds
        if <unsigned int>kind < <unsigned int>kinds:
            lift(&self.t, place_of(&self.t, hash_of(&self.t, kind, <PyObject*>key)), &self.t.laws[kind], now, lacking)
        self.leave()
        if unlikely(<unsigned int>kind >= <unsigned int>kinds):
            raise no_kind(kind, kinds)

    def take_all(self, keys, now_ns):
        """One token from the bucket of each key, in one crossing; nan where the key is None."""
        cdef int64_t now = within(now_ns)  # first: it may run code that changes the list
        cdef object names = keys if not FREE_THREADED and type(keys) in (list, tuple) else tuple(keys)
        cdef PyObject** items = items_of(names)
        cdef int count = <int>min(length_of(names), KINDS + 1), kinds, i
        cdef double left[64]
        for i in range(count):
            if not is_str(items[i]) and items[i] is not <PyObject*>None:
                raise TypeError(f"key {i}: expected str or None, got {type(<object>items[i]).__name__}")
        self.enter()
        kinds = self.t.kinds
        if count <= kinds:
            take_each(&self.t, items, count, now, left)
        self.leave()
        if count > kinds:
            raise no_kind(count - 1, kinds)
        return as_tuple(items, left, count)

    def hash_key(self, int kind, str key not None):
        """What `take_batch` knows this key by; another seed (a restored snapshot) changes it."""
        cdef uint64_t hashed = 0
        cdef int kinds
        self.enter()
        kinds = self.t.kinds
        if <unsigned int>kind < <unsigned int>kinds:
            hashed = hash_of(&self.t, kind, <PyObject*>key)
        self.leave()
        if <unsigned int>kind >= <unsigned int>kinds:
            raise no_kind(kind, kinds)
        return hashed

    def take_batch(
        self, const uint64_t[::1] hashes, const uint8_t[::1] kinds, const int64_t[::1] times, double[::1] left
    ):
        """One token for each hash in turn, without the GIL. A bad kind ends it there; those before it are taken."""
        cdef Py_ssize_t count = hashes.shape[0], done = 0, stop
        if kinds.shape[0] != count or times.shape[0] != count or left.shape[0] != count:
            raise ValueError("hashes, kinds, times and left must be of one length")
        with nogil:
            while done < count:
                stop = min(done + PIECE, count)
                self.enter()
                done += take_piece(&self.t, &hashes[done], &kinds[done], &times[done], &left[done], stop - done, TOP)
                self.leave()
                if done < stop:
                    break
                let_in(self.t.guard)
        if done < count:
            raise IndexError(f"kinds[{done}] = {kinds[done]}: this table has {self.t.kinds} limits")

    def start_export(self):
        """Begins a snapshot; False when one is under way."""
        cdef uint32_t* moved = <uint32_t*>malloc(MOVED * sizeof(uint32_t))
        cdef bint begun = False
        if moved is NULL:
            raise MemoryError("no memory for a snapshot")
        self.enter()
        if self.t.moved is NULL:
            self.t.moved, self.t.moved_count, self.t.saved_lines = moved, 0, 0
            begun = True
        self.leave()
        if not begun:
            free(moved)
        return begun

    def end_export(self):
        cdef uint32_t* moved
        self.enter()
        moved = self.t.moved
        self.t.moved = NULL
        self.leave()
        free(moved)

    def export(self, int lines, now_ns):
        """The next piece of a snapshot: entries of so many lines; None at its end."""
        cdef int64_t now = within(now_ns)
        cdef bytes out = PyBytes_FromStringAndSize(NULL, lines * WAYS * sizeof(Entry))
        cdef Entry* entry = <Entry*>PyBytes_AS_STRING(out)
        cdef bint finished = False, lost = False
        self.enter()
        if self.t.moved is NULL or self.t.moved_count > MOVED:
            lost = True
        elif self.t.saved_lines == self.t.size and self.t.moved_count == 0:
            finished = True
        else:
            entry = export_lines(&self.t, entry, lines, now)
        self.leave()
        if lost:
            raise RuntimeError("too many buckets moved between two pieces of the snapshot")
        return None if finished else out[: <char*>entry - PyBytes_AS_STRING(out)]

    def load(self, bytes entries not None, now_ns, elapsed_ns):
        """Puts a piece of a snapshot into this (new) table; False when an entry cannot be of such a table."""
        cdef int64_t now = within(now_ns), elapsed = within(elapsed_ns)
        cdef const Entry* entry = <const Entry*>PyBytes_AS_STRING(entries)
        cdef Py_ssize_t count = len(entries) // sizeof(Entry), i
        cdef bint good = len(entries) % sizeof(Entry) == 0
        self.enter()
        for i in range(count):
            if not good:
                break
            good = load_entry(&self.t, &entry[i], now, elapsed, TOP)
        self.leave()
        return good

    def adopt(self, BucketTable other not None):
        """Takes over the buckets and the seed of a table of the same size that nobody else uses; it gets ours."""
        cdef int kind
        if other is self or other.t.size != self.t.size:
            raise ValueError("only a table of the same size can be taken over")
        self.enter()
        self.t.lines, other.t.lines = other.t.lines, self.t.lines
        self.t.key0, self.t.key1 = other.t.key0, other.t.key1
        self.t.latest = max(self.t.latest, other.t.latest)
        self.t.crowded_until = 0
        for kind in range(self.t.kinds):
            self.t.laws[kind].start = sip_start(self.t.key0, self.t.key1, kind | <uint64_t>1 << 32)
        self.leave()

    def seed(self):
        """The secret of the hash; a snapshot carries it."""
        cdef uint64_t keys[2]
        self.enter()
        keys[0], keys[1] = self.t.key0, self.t.key1
        self.leave()
        return PyBytes_FromStringAndSize(<char*>keys, 16)

    def counts(self, now_ns):
        """(live buckets in the lines looked at, lines looked at, evicted, moves, bytes)."""
        cdef int64_t now = within(now_ns)
        cdef uint32_t looked = min(self.t.size, <uint32_t>SAMPLE), live
        cdef uint64_t evicted, moves
        self.enter()
        live = live_buckets(&self.t, looked, max(now, self.t.latest))
        evicted, moves = self.t.evicted, self.t.moves
        self.leave()
        return live, looked, evicted, moves, self.t.size * sizeof(Line) + sizeof(Table)
