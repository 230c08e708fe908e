# What the kernel offers a door of many sessions, and Cython has no word for: epoll, accept4, sends that must be whole.

cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <errno.h>
    #include <fcntl.h>
    #include <string.h>
    #include <sys/epoll.h>
    #include <sys/socket.h>
    #include <time.h>
    #include <unistd.h>

    static inline int agi_watch(int epoll, int how, int fd, uint32_t events) {
        struct epoll_event event = {.events = events, .data.fd = fd};
        return epoll_ctl(epoll, how, fd, &event);
    }
    static inline double agi_monotonic(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec + now.tv_nsec * 1e-9;
    }
    /* One command at a time is far less than any socket buffer: what does not go in at once has no reader. */
    static inline int agi_send(int fd, const char *data, Py_ssize_t length) {
        ssize_t sent;
        do sent = send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT); while (sent < 0 && errno == EINTR);
        return sent == length;
    }
    #define agi_accept(fd) accept4((fd), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)
    #define agi_epoll() epoll_create1(EPOLL_CLOEXEC)
    #define agi_ready(epoll, events, most) epoll_wait((epoll), (events), (most), 0)
    #define agi_spare() open("/dev/null", O_RDONLY | O_CLOEXEC)
    """
    ctypedef union epoll_data:
        int fd
    struct epoll_event:
        epoll_data data
    int ADD "EPOLL_CTL_ADD"
    int DELETE "EPOLL_CTL_DEL"
    int READABLE "EPOLLIN"
    int new_epoll "agi_epoll"() nogil
    int ready_now "agi_ready"(int epoll, epoll_event* events, int most) nogil
    int epoll_watch "agi_watch"(int epoll, int how, int fd, unsigned int events) nogil
    int accept_one "agi_accept"(int listening) nogil
    int spare_fd "agi_spare"() nogil
    int close_fd "close"(int fd) nogil
    bint send_whole "agi_send"(int fd, const char* data, Py_ssize_t length) nogil
    Py_ssize_t recv(int fd, void* data, size_t room, int flags) nogil
    void* memmem(const void* data, size_t length, const char* wanted, size_t wanted_length) nogil
    double monotonic "agi_monotonic"() nogil
