# AGI sessions on an epoll of their own, nested in the event loop: one turn of the loop handles all that is ready, with
# no transport, buffer or callback a session. Its twin with the same behaviour is agi_screen/inbound/_sessions_py.py;
# both pass the same tests. All methods belong to the loop's thread.

import asyncio

from agi_screen.base.agi_wire import parse_reply
from agi_screen.inbound.environment import parse_environment

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from libc.errno cimport EAGAIN, EINTR, EMFILE, ENFILE, errno
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcmp

from sockets cimport (
    ADD, DELETE, READABLE, accept_one, close_fd, epoll_event, epoll_watch, memmem, monotonic, new_epoll, ready_now, recv,
    send_whole, spare_fd,
)

cdef enum:
    SCRATCH = 65536
    EVENTS = 64       # at a time: other work of the loop waits no longer than these take
    MAX_LINE = 8192
    MAX_NOISE = 64

cdef char scratch[SCRATCH]
cdef const char* DONE = "200 result=0"
cdef object LAST = object()  # in place of a callback: the session closes at its reply


cdef class Door:
    """Where sessions come in. `close` takes no more of them; those that are open go on."""

    cdef object owner
    cdef double environment_time
    cdef Py_ssize_t environment_bytes
    cdef double reply_time
    cdef int epoll
    cdef int spare            # given up for a moment when there is no other descriptor left to take a caller with
    cdef list listening
    cdef PyObject** sessions  # by descriptor
    cdef int room
    cdef Py_ssize_t count
    cdef bint paused          # for want of descriptors, until the next sweep
    cdef bint held            # by our owner

    def __init__(self, owner, limits):
        self.owner = owner
        self.listening = []
        self.configure(limits)

    def __cinit__(self):
        self.epoll = new_epoll()
        self.spare = spare_fd()

    def __dealloc__(self):
        self.forget_all()
        free(self.sessions)
        close_fd(self.epoll)
        close_fd(self.spare)

    def configure(self, limits):
        """Holds for what begins from now on."""
        self.environment_time = limits.environment_time
        self.environment_bytes = limits.environment_bytes
        self.reply_time = limits.reply_time

    def __len__(self):
        """Open sessions."""
        return self.count

    async def listen(self, listening):
        """Takes sessions from a bound socket, which is the door's from now on."""
        listening.setblocking(False)
        listening.listen(4096)
        if epoll_watch(self.epoll, ADD, listening.fileno(), READABLE) < 0:
            raise OSError(errno, "cannot be watched")
        if not self.listening:
            asyncio.get_running_loop().add_reader(self.epoll, self.run)
        self.listening.append(listening)

    def hold(self):
        """Takes nobody for a while: callers wait in the kernel's queue, and lose nothing but the time."""
        self.held = True
        for listening in self.listening:
            epoll_watch(self.epoll, DELETE, listening.fileno(), 0)

    async def release(self):
        """Takes them, and all who come."""
        self.held = False
        for listening in self.listening:
            epoll_watch(self.epoll, ADD, listening.fileno(), READABLE)

    def unread(self):
        """Sessions of which the request is still to come."""
        cdef int fd, found = 0
        cdef Session session
        for fd in range(self.room):
            session = self.at(fd)
            if session is not None and not session.asked:
                found += 1
        return found

    def close(self):
        self.hold()  # a socket that another process has too would be told of for ever, closed or not
        for listening in self.listening:
            listening.close()

    def shut(self, str why):
        """The end: nothing is read any more."""
        self.abort_all(why)
        if self.listening:
            asyncio.get_running_loop().remove_reader(self.epoll)

    def run(self):
        """Handles what is ready now, and no more than so much of it; the loop calls again while there is more."""
        cdef epoll_event events[EVENTS]
        cdef int found = ready_now(self.epoll, events, EVENTS), i
        cdef Session session
        for i in range(found):
            session = self.at(events[i].data.fd)
            if session is None:
                self.take_in(events[i].data.fd)
            else:
                session.read()

    def expire(self):
        """Ends the sessions whose time is over."""
        cdef double now = monotonic()
        cdef Session session
        cdef int fd
        for fd in range(self.room):
            session = self.at(fd)
            if session is not None and session.deadline < now:
                session.abort("no answer in time" if session.asked else "no environment in time")
        if self.paused and not self.held:
            self.paused = False
            for listening in self.listening:
                epoll_watch(self.epoll, ADD, listening.fileno(), READABLE)

    cdef int abort_all(self, str why) except -1:
        cdef Session session
        cdef int fd
        for fd in range(self.room):
            session = self.at(fd)
            if session is not None:
                session.abort(why)
        return 0

    cdef Session at(self, int fd):
        return <Session>self.sessions[fd] if 0 <= fd < self.room and self.sessions[fd] is not NULL else None

    cdef int take_in(self, int listening) except -1:
        """Accepts who waits. Most have sent their environment already, which saves watching for it."""
        cdef int fd, _
        cdef Session session
        for _ in range(EVENTS):
            fd = accept_one(listening)
            if fd < 0:
                if errno == EMFILE or errno == ENFILE:
                    self.turn_away(listening)
                elif errno != EAGAIN:
                    continue  # this one gave up in the queue
                return 0
            session = Session.__new__(Session)
            session.door, session.fd, session.deadline = self, fd, monotonic() + self.environment_time
            self.keep(session)
            session.read()
            if session.fd >= 0 and epoll_watch(self.epoll, ADD, session.fd, READABLE) < 0:
                session.abort("cannot be watched")
        return 0

    cdef int turn_away(self, int listening) except -1:
        """No descriptor is left: the caller goes on at once instead of waiting in a queue that nobody serves."""
        cdef int fd
        close_fd(self.spare)
        fd = accept_one(listening)
        close_fd(fd)
        self.spare = spare_fd()
        if fd >= 0:
            self.owner.turned_away()
        else:  # others were quicker: the queue waits for the next sweep, or it would be looked at without an end
            epoll_watch(self.epoll, DELETE, listening, 0)
            self.paused = True
        return 0

    cdef int keep(self, Session session) except -1:
        cdef int room = self.room
        cdef PyObject** sessions
        if session.fd >= room:
            room = max(64, 2 * session.fd)
            sessions = <PyObject**>realloc(self.sessions, room * sizeof(PyObject*))
            if sessions is NULL:
                raise MemoryError("no memory for more sessions")
            self.sessions = sessions
            while self.room < room:
                self.sessions[self.room] = NULL
                self.room += 1
        Py_INCREF(session)
        self.sessions[session.fd] = <PyObject*>session
        self.count += 1
        return 0

    cdef int ended(self, Session session) except -1:
        """Forgets a session whose descriptor is closed."""
        self.sessions[session.fd] = NULL
        self.count -= 1
        session.fd = -1
        Py_DECREF(session)
        if session.why:
            self.owner.aborted(session.why)
        if not self.count:
            self.owner.idle()
        return 0

    cdef void forget_all(self) noexcept:
        cdef int fd
        for fd in range(self.room):
            if self.sessions[fd] is not NULL:
                close_fd(fd)
                Py_DECREF(<object>self.sessions[fd])


@cython.final
@cython.freelist(256)
cdef class Session:
    """Until it has `asked`, the environment is read; then `then` is whom the next reply is for."""

    cdef readonly bint asked
    cdef readonly bint hungup
    cdef readonly int noise
    cdef readonly str why
    cdef double deadline
    cdef int fd               # -1: over
    cdef object then
    cdef bytes rest           # what came of an unfinished message
    cdef Door door

    def __cinit__(self):
        self.why = ""
        self.fd = -1

    def send(self, bytes line not None, then, double within):
        """Sends one command; `then` is called once, with its reply or with None when there will be none."""
        if self.fd < 0:
            if then is not LAST:
                then(None)
            return
        self.then = then
        self.deadline = monotonic() + within
        if not send_whole(self.fd, PyBytes_AS_STRING(line), PyBytes_GET_SIZE(line)):
            self.lost()

    def finish(self, bytes line not None):
        """The last command: the session closes at its reply."""
        self.send(line, LAST, self.door.reply_time)

    def abort(self, str why not None):
        """Ends the session at once; Asterisk goes on in the dialplan without a verdict."""
        if self.fd >= 0:
            self.why = self.why or why
            self.lost()

    cdef int read(self) except -1:
        cdef Py_ssize_t got = recv(self.fd, scratch, SCRATCH, 0)
        if got < 0 and (errno == EAGAIN or errno == EINTR):
            return 0
        try:
            if got > 0:
                self.received(got)
            else:
                self.lost()
        except Exception:  # boundary: a fault at one session must not reach the others
            self.door.owner.faulty(self)
        return 0

    cdef int received(self, Py_ssize_t got) except -1:
        cdef bytes whole = self.rest
        cdef const char* data = scratch
        cdef Py_ssize_t seen = 0
        if whole is not None:
            seen = PyBytes_GET_SIZE(whole)
            whole += PyBytes_FromStringAndSize(scratch, got)
            data, got = PyBytes_AS_STRING(whole), PyBytes_GET_SIZE(whole)
            self.rest = None
        if self.asked:
            return self.lines(data, got)
        return self.environment(data, got, max(seen - 1, 0))

    cdef int environment(self, const char* data, Py_ssize_t length, Py_ssize_t seen) except -1:
        cdef const char* end = <const char*>memmem(data + seen, length - seen, "\n\n", 2)
        cdef bytes block
        if (length if end is NULL else end - data) > self.door.environment_bytes:
            self.abort(f"environment over {self.door.environment_bytes} bytes")
        elif end is NULL:
            self.rest = PyBytes_FromStringAndSize(data, length)
        else:
            block = PyBytes_FromStringAndSize(data, end - data)
            self.asked = True
            if end + 2 < data + length:
                self.lines(end + 2, data + length - end - 2)
            self.door.owner.requested(self, parse_environment(block))
        return 0

    cdef int lines(self, const char* data, Py_ssize_t length) except -1:
        cdef const char* end
        while length and self.fd >= 0:
            end = <const char*>memchr(data, c"\n", length)
            if end is NULL:
                if length > MAX_LINE:
                    self.abort(f"a reply over {MAX_LINE} bytes without its end")
                else:
                    self.rest = PyBytes_FromStringAndSize(data, length)
                return 0
            self.line(data, end - data)
            length -= end + 1 - data
            data = end + 1
        return 0

    cdef int line(self, const char* data, Py_ssize_t length) except -1:
        cdef str text
        if self.then is LAST and length == 12 and not memcmp(data, DONE, 12):  # nearly all of them
            return self.over()
        text = data[:length].decode("utf-8", "replace")
        if text == "HANGUP":
            self.hungup = True
            return 0
        reply = parse_reply(text)
        if reply is None or self.then is None:
            self.noise += 1  # the text inside a 520, or forged by a caller; many of them are an attack
            if self.noise > MAX_NOISE:
                self.abort(f"more than {MAX_NOISE} lines that are no reply")
        elif text[3:4] != "-":  # `520-…`: the error's text follows, up to `520 End of proper usage.`
            self.hungup = self.hungup or reply.code == 511  # not permitted on a dead channel
            self.answer(reply)
        return 0

    cdef int answer(self, reply) except -1:
        then, self.then = self.then, None
        if then is LAST:
            if reply is not None:
                self.over()
        elif then is not None:
            then(reply)
        return 0

    cdef int over(self) except -1:
        self.then = None
        close_fd(self.fd)
        return self.door.ended(self)

    cdef int lost(self) except -1:
        """Nobody is there any more, whatever way it ended."""
        close_fd(self.fd)
        self.hungup = True
        self.door.ended(self)
        return self.answer(None)
