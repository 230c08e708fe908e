/* Load generator for AGI servers: many connections on one epoll loop, each a session as Asterisk opens it.
 *
 * agi_load PORT MODE CONNECTIONS SESSIONS SECONDS RATE CALLERS FIRST
 *   closed  CONNECTIONS sessions at a time, each ended one replaced, until SESSIONS or SECONDS are over
 *   open    RATE new sessions a second whatever the server does; latency counts from the moment a call was due
 *   hold    opens CONNECTIONS sessions and leaves the first command that plays or listens unanswered, so callers
 *           stay in their CAPTCHA; prints "held N" and ends with its standard input
 * CALLERS: how many different caller numbers, from the FIRST-th on, in turn. Prints one JSON object. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, ENVIRONMENT = 2048, EVENTS = 256, LINES = 10000, EXCHANGES = 800 };
static const int AREAS[] = {201, 202, 212, 213, 214, 215, 218, 305, 312, 313, 314, 317, 320, 404, 408, 410, 412, 415, 503, 504,
                            507, 512, 602, 612, 614, 615, 617, 651, 702, 703, 713, 763, 801, 804, 816, 901, 916, 919, 952, 972};
enum { AREA_COUNT = sizeof AREAS / sizeof *AREAS };

typedef struct session {
    int fd, commands, length, sent;
    int64_t due, begun;
    char line[LINE];
    struct session *next_free;
} session;

static struct {
    int port, connections, held, epoll, open;
    char mode;
    int64_t sessions, callers, first, rate;
    double seconds;
} want;

static struct { int64_t started, answered, failed, commands, allow, challenge, reject, divert, errors, lost_open; } count;
static uint32_t *verdict_at, *whole_at, *late_at; /* tenths of a microsecond */
static int64_t verdicts, wholes, room;
static session *free_sessions;
static const char REPLY[] = "200 result=0\n", PLAYED[] = "200 result=0 endpos=8000\n"; /* endpos=0: could not play */

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static uint32_t tenths(int64_t ns) { return ns < 0 ? 0 : ns / 100 > UINT32_MAX ? UINT32_MAX : (uint32_t)(ns / 100); }

/* A valid North American number for each index below 320 million; neighbours are far apart. */
static void caller(int64_t index, char *text) {
    int64_t spread = (index * 48271 + 7) % ((int64_t)AREA_COUNT * EXCHANGES * LINES);
    int area = AREAS[spread % AREA_COUNT];
    int64_t rest = spread / AREA_COUNT;
    sprintf(text, "%d%03d%04d", area, (int)(200 + rest % EXCHANGES), (int)(rest / EXCHANGES));
}

/* What Asterisk 22 sends for an ordinary call of agi_screen.conf: nothing was cleaned, no trunk is named. */
static int environment(char *out, int64_t n) {
    char number[16];
    caller(want.first + n % want.callers, number);
    return snprintf(out, ENVIRONMENT,
        "agi_network: yes\nagi_network_script: screen\nagi_request: agi://127.0.0.1:%d/screen\n"
        "agi_channel: PJSIP/trunk-%08llx\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1700000000.%lld\n"
        "agi_version: 22.10.1\nagi_callerid: %s\nagi_calleridname: unknown\nagi_callingpres: 0\nagi_callingani2: 0\n"
        "agi_callington: 0\nagi_callingtns: 0\nagi_dnid: 18005550100\nagi_rdnis: unknown\nagi_context: agi-screen\n"
        "agi_extension: s\nagi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 139930\n"
        "agi_arg_1: identity=\n\n",
        want.port, (unsigned long long)n, (long long)(want.first + n), number);
}

static void die(const char *what) { perror(what); exit(3); }

static void watch(session *s, int how, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = s};
    if (epoll_ctl(want.epoll, how, s->fd, &event)) die("epoll_ctl");
}

static void send_environment(session *s) {
    char text[ENVIRONMENT];
    int length = environment(text, s->begun);
    if (send(s->fd, text, length, MSG_NOSIGNAL) == length) s->sent = 1;
    else if (errno != EAGAIN && errno != ENOTCONN) s->sent = -1;
}

static void begin(int64_t due) {
    session *s = free_sessions ? free_sessions : calloc(1, sizeof *s);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(want.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!s) die("calloc");
    free_sessions = s->next_free;
    int64_t now = now_ns();
    s->due = due ? due : now;
    if (count.started < room) late_at[count.started] = tenths(now - s->due);
    s->begun = count.started++;
    s->commands = s->length = s->sent = 0;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (s->fd < 0) die("socket");
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) die("connect");
    send_environment(s); /* on loopback the connection is mostly there at once */
    watch(s, EPOLL_CTL_ADD, s->sent ? EPOLLIN : EPOLLIN | EPOLLOUT);
    want.open++;
}

static void end(session *s) {
    close(s->fd);
    want.open--;
    if (s->commands) {
        count.answered++;
        if (wholes < room) whole_at[wholes++] = tenths(now_ns() - s->due);
    } else count.failed++;
    s->next_free = free_sessions;
    free_sessions = s;
}

static void note_verdict(session *s, const char *line) {
    const char *at = strstr(line, "SCREEN_VERDICT=");
    if (!s->commands && verdicts < room) verdict_at[verdicts++] = tenths(now_ns() - s->due);
    if (!at) return;
    at += 15;
    *(*at == 'a' ? &count.allow : *at == 'c' ? &count.challenge : *at == 'r' ? &count.reject : &count.divert) += 1;
    if (strstr(line, "SCREEN_ERROR=") && strstr(line, "SCREEN_ERROR=")[13] > ' ') count.errors++;
}

static int plays(const char *line) {
    return !strncmp(line, "STREAM", 6) || !strncmp(line, "GET ", 4) || !strncmp(line, "SAY", 3) || !strncmp(line, "WAIT", 4);
}

static void reply(session *s, const char *said) {
    if (send(s->fd, said, strlen(said), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) die("send");
}

static void answer(session *s) {
    char *line = s->line, *stop;
    while ((stop = memchr(line, '\n', s->line + s->length - line))) {
        *stop = 0;
        note_verdict(s, line);
        s->commands++;
        count.commands++;
        if (want.mode == 'h' && plays(line)) want.held++;
        else reply(s, strncmp(line, "STREAM", 6) ? REPLY : PLAYED);
        line = stop + 1;
    }
    s->length -= line - s->line;
    memmove(s->line, line, s->length);
}

/* Zero when the session is over. */
static int readable(session *s) {
    for (;;) {
        ssize_t got = recv(s->fd, s->line + s->length, LINE - s->length, 0);
        if (got < 0 && errno == EAGAIN) return 1;
        if (got <= 0 || s->length + got == LINE) return 0;
        s->length += got;
        answer(s);
        if (s->length + 64 > LINE) return 0;
        if (got < LINE / 2) return 1; /* nothing more for now: saves a call that would say so */
    }
}

static void handle(struct epoll_event *event, int64_t stop) {
    session *s = event->data.ptr;
    if (!s->sent && event->events & EPOLLOUT) {
        send_environment(s);
        if (s->sent) watch(s, EPOLL_CTL_MOD, EPOLLIN);
    }
    if (!(event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || (s->sent > 0 && readable(s))) return;
    end(s);
    if (want.mode == 'c' && count.started < want.sessions && now_ns() < stop) begin(0);
}

static void wait_events(int64_t until, int64_t stop) {
    struct epoll_event events[EVENTS];
    int64_t left = until - now_ns();
    struct timespec wait = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
    int got = epoll_pwait2(want.epoll, events, EVENTS, &wait, NULL);
    if (got < 0 && errno != EINTR) die("epoll_pwait2");
    for (int i = 0; i < got; i++) handle(&events[i], stop);
}

static void run_closed(int64_t start) {
    int64_t stop = start + (int64_t)(want.seconds * 1e9);
    while (want.open < want.connections && count.started < want.sessions) begin(0);
    while (want.open && now_ns() < stop + 10000000000LL) wait_events(now_ns() + 1000000000, stop);
}

static void run_open(int64_t start) {
    int64_t stop = start + (int64_t)(want.seconds * 1e9);
    for (;;) {
        int64_t due = start + (int64_t)(count.started * (1e9 / want.rate)), now = now_ns();
        if (due >= stop || count.started >= want.sessions) break;
        if (now >= due) begin(due);
        wait_events(now >= due ? 0 : due, 0);
    }
    for (int64_t last = now_ns() + 10000000000LL; want.open && now_ns() < last;) wait_events(now_ns() + 1000000000, 0);
}

static void run_hold(int64_t start) {
    int64_t stop = start + (int64_t)(want.seconds * 1e9);
    while (want.held < want.connections && now_ns() < stop) {
        while (want.open < want.connections && want.open < want.held + 500 && count.started < want.sessions) begin(0);
        wait_events(now_ns() + 100000000, 0);
    }
    printf("held %d\n", want.held);
    fflush(stdout);
    while (getchar() != EOF) {}
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, uint32_t *times, int64_t n) {
    static const double SHARES[] = {0.5, 0.9, 0.99, 0.999, 1};
    static const char *NAMES[] = {"p50", "p90", "p99", "p999", "max"};
    qsort(times, n, sizeof *times, by_size);
    printf("\"%s\": {", name);
    for (int i = 0; i < 5; i++) {
        int64_t at = (int64_t)(SHARES[i] * n);
        printf("%s\"%s\": %.1f", i ? ", " : "", NAMES[i], n ? times[at < n ? at : n - 1] / 10.0 : 0);
    }
    printf("}, ");
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void report(double seconds, double cpu) {
    int64_t late = count.started < room ? count.started : room;
    printf("{");
    print_times("verdict_us", verdict_at, verdicts);
    print_times("whole_us", whole_at, wholes);
    print_times("late_us", late_at, late);
    printf("\"started\": %ld, \"answered\": %ld, \"failed\": %ld, \"unfinished\": %d, \"commands\": %ld, ", count.started,
           count.answered, count.failed, want.open, count.commands);
    printf("\"allow\": %ld, \"challenge\": %ld, \"reject\": %ld, \"divert\": %ld, \"errors\": %ld, ", count.allow,
           count.challenge, count.reject, count.divert, count.errors);
    printf("\"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", seconds, cpu);
}

int main(int argc, char **argv) {
    if (argc != 9) return fprintf(stderr, "see the head of agi_load.c\n"), 2;
    want.port = atoi(argv[1]);
    want.mode = *argv[2];
    want.connections = atoi(argv[3]);
    want.sessions = atoll(argv[4]);
    want.seconds = atof(argv[5]);
    want.rate = atoll(argv[6]);
    want.callers = atoll(argv[7]);
    want.first = atoll(argv[8]);
    room = want.sessions < 2000000 ? want.sessions : 2000000;
    verdict_at = calloc(room, 4), whole_at = calloc(room, 4), late_at = calloc(room, 4);
    want.epoll = epoll_create1(0);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    double cpu = cpu_seconds();
    int64_t start = now_ns();
    (want.mode == 'c' ? run_closed : want.mode == 'o' ? run_open : run_hold)(start);
    double seconds = (now_ns() - start) / 1e9;
    report(seconds, cpu_seconds() - cpu);
    return 0;
}
