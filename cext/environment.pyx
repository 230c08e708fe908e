# An environment as Asterisk itself writes it, read in one go: each line once, in its order, every argument known.
# Anything else is left to the careful reader in agi_screen/inbound/environment.py, which names what is odd.

from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport memchr, memcmp, strlen


ctypedef struct Slice:
    const char* start
    Py_ssize_t length

cdef enum:
    LINES = 21
    FIELDS = 16       # of an Environment, but for its tampering
    ARGUMENTS = 99    # with more, numbers would have a third digit

cdef const char** LINE = [
    "agi_network_script: ", "agi_request: ", "agi_channel: ", "agi_language: ", "agi_type: ", "agi_uniqueid: ",
    "agi_version: ", "agi_callerid: ", "agi_calleridname: ", "agi_callingpres: ", "agi_callingani2: ",
    "agi_callington: ", "agi_callingtns: ", "agi_dnid: ", "agi_rdnis: ", "agi_context: ", "agi_extension: ",
    "agi_priority: ", "agi_enhanced: ", "agi_accountcode: ", "agi_threadid: ",
]
# the field each line fills: route, channel, language, uniqueid, callerid, calleridname, dnid; -1: not kept
cdef int* FIELD_OF_LINE = [0, -1, 1, 2, -1, 3, -1, 4, 5, -1, -1, -1, -1, 6, -1, -1, -1, -1, -1, -1, -1]
cdef const char** WORD = [
    "raw", "did", "trunk", "identity", "label", "agent", "verstat", "attest", "secret",
    "removed", "control", "pres",
]
cdef enum:
    WORDS = 12
    KEPT_WORDS = 9    # the first of WORD fill the fields after dnid
    CONTROL = 10


cdef inline const char* after(const char* at, const char* end, const char* prefix) noexcept nogil:
    """The place behind a prefix, or NULL."""
    cdef size_t length = strlen(prefix)
    if <size_t>(end - at) < length or memcmp(at, prefix, length):
        return NULL
    return at + length


cdef inline const char* line_end(const char* at, const char* end) noexcept nogil:
    cdef const char* found = <const char*>memchr(at, c"\n", end - at)
    return found if found is not NULL else end


cdef inline const char* read_lines(const char* at, const char* end, Slice* fields) noexcept nogil:
    """Reads the lines of the call itself; returns where the arguments begin, or NULL."""
    cdef const char* value = after(at, end, "agi_network: ")
    cdef const char* stop
    cdef int line
    if value is not NULL:
        at = min(line_end(value, end) + 1, end)
    for line in range(LINES):
        value = after(at, end, LINE[line])
        if value is NULL:
            return NULL
        stop = line_end(value, end)
        if FIELD_OF_LINE[line] >= 0:
            fields[FIELD_OF_LINE[line]] = Slice(value, stop - value)
        at = min(stop + 1, end)
    return at


cdef inline int word_at(const char* at, Py_ssize_t length) noexcept nogil:
    """Which argument this is; WORDS where it is none of ours."""
    cdef int word
    for word in range(WORDS):
        if <size_t>length == strlen(WORD[word]) and not memcmp(at, WORD[word], length):
            return word
    return WORDS


cdef inline const char* numbered(const char* at, const char* end, int number) noexcept nogil:
    """The text of argument so-and-so, which this line must be."""
    at = after(at, end, "agi_arg_")
    if at is NULL or end - at < 4:
        return NULL
    if number > 9:
        if at[0] != c"0" + number // 10:
            return NULL
        at += 1
    return after(at + 1, end, ": ") if at[0] == c"0" + number % 10 else NULL


cdef inline bint read_arguments(const char* at, const char* end, Slice* fields) noexcept nogil:
    """False where an argument is unknown, repeated, out of its order, or tells of control characters."""
    cdef const char* stop
    cdef const char* equals
    cdef int number = 0, seen = 0, word
    cdef Py_ssize_t length
    while at < end:
        number += 1
        if number > ARGUMENTS:
            return False
        at = numbered(at, end, number)
        if at is NULL:
            return False
        stop = line_end(at, end)
        equals = <const char*>memchr(at, c"=", stop - at)
        if equals is NULL:
            return False
        word = word_at(at, equals - at)
        length = stop - equals - 1
        if word == WORDS or seen & (1 << word) or (word == CONTROL and (length != 1 or equals[1] != c"0")):
            return False
        seen |= 1 << word
        if word < KEPT_WORDS:
            fields[FIELDS - KEPT_WORDS + word] = Slice(equals + 1, length)
        at = min(stop + 1, end)
    return True


def ordinary(kind, bytes block not None):
    """The environment as a `kind` (a NamedTuple of sixteen texts and the tampering), or None: not an ordinary one."""
    cdef const char* at = block
    cdef const char* end = at + len(block)
    cdef Slice fields[FIELDS]
    cdef int i
    for i in range(FIELDS):
        fields[i] = Slice(at, 0)
    if at == end or (end - 1)[0] == c"\n":
        return None
    at = read_lines(at, end, fields)
    if at is NULL or not read_arguments(at, end, fields):
        return None
    if memchr(fields[0].start, c"/", fields[0].length) or memchr(fields[0].start, c"?", fields[0].length):
        return None
    return tuple.__new__(kind, (
        text(fields[0]), text(fields[1]), text(fields[2]), text(fields[3]), text(fields[4]), text(fields[5]),
        text(fields[6]), text(fields[7]), text(fields[8]), text(fields[9]), text(fields[10]), text(fields[11]),
        text(fields[12]), text(fields[13]), text(fields[14]), text(fields[15]), (),
    ))


cdef inline str text(Slice value):
    return PyUnicode_DecodeUTF8(value.start, value.length, "replace")
