/* SIP callers for the benchmark with a real Asterisk: one UDP socket, RATE calls a second whatever comes back.
 *
 * sip_load PORT NUMBER RATE SECONDS FIRST [OPEN]
 * With OPEN that many calls are open all the time, each ended one replaced: what Asterisk can take at most. RATE is
 * then only a limit.
 * Each call is an INVITE from a number of its own; the answer gets ACK and BYE at once, a refusal its ACK. Times are
 * from the moment the call was due to its final response. Prints one JSON object. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 4096, RESENDS = 3 };
enum state { WAITING, ANSWERED, REFUSED, OVER };

typedef struct { int64_t due, sent; enum state state; int resends; } call;

static call *calls;
static int64_t placed, ended, answered, refused, resent, open_calls, first, *times;
static int sock, port, own_port;
static const char *number;
static unsigned run_id;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what) { perror(what); exit(3); }

static void transmit(const char *text, int length) {
    if (send(sock, text, length, 0) < 0 && errno != EAGAIN && errno != ECONNREFUSED) die("send");
}

/* A caller of its own for each call, in the numbering plan of agi_load.c's first area. */
static void caller(int64_t n, char *text) {
    int64_t spread = ((first + n) * 48271 + 7) % 8000000;
    sprintf(text, "651%03d%04d", (int)(200 + spread % 800), (int)(spread / 800));
}

static void invite(int64_t n) {
    static const char SDP[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                              "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
    char text[PACKET], from[16];
    caller(n, from);
    int length = snprintf(text, PACKET,
        "INVITE sip:%s@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKi%x-%ld\r\n"
        "From: <sip:%s@127.0.0.1>;tag=f%ld\r\nTo: <sip:%s@127.0.0.1>\r\nCall-ID: %ld-%x@load\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:load@127.0.0.1:%d>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
        "Content-Length: %d\r\n\r\n%s",
        number, port, own_port, run_id, n, from, n, number, n, run_id, own_port, (int)sizeof SDP - 1, SDP);
    calls[n].sent = now_ns();
    transmit(text, length);
}

/* ACK or BYE: the dialog's To comes from the response. A refusal's ACK belongs to the INVITE's own branch. */
static void follow(int64_t n, const char *method, int sequence, const char *to, int to_length, const char *branch) {
    char text[PACKET], from[16];
    caller(n, from);
    int length = snprintf(text, PACKET,
        "%s sip:%s@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK%s%x-%ld\r\n"
        "From: <sip:%s@127.0.0.1>;tag=f%ld\r\n%.*s\r\nCall-ID: %ld-%x@load\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n"
        "Content-Length: 0\r\n\r\n",
        method, number, port, own_port, branch, run_id, n, from, n, to_length, to, n, run_id, sequence, method);
    transmit(text, length);
}

static void over(int64_t n) {
    if (calls[n].state == OVER) return;
    calls[n].state = OVER;
    open_calls--;
}

static void final_response(int64_t n, int status, const char *to, int to_length) {
    call *c = &calls[n];
    if (c->state == WAITING) {
        times[ended++] = now_ns() - c->due;
        *(status < 300 ? &answered : &refused) += 1;
        c->state = status < 300 ? ANSWERED : REFUSED;
    }
    follow(n, "ACK", 1, to, to_length, status < 300 ? "a" : "i");
    if (status < 300) follow(n, "BYE", 2, to, to_length, "b");
    else over(n);
}

/* Asterisk hangs up as well: its BYE may cross ours. */
static void request(const char *text) {
    char reply[PACKET];
    const char *via = strstr(text, "\r\nVia:"), *end = strstr(text, "\r\n\r\n"), *id = strstr(text, "\r\nCall-ID: ");
    if (strncmp(text, "BYE", 3) || !via || !end || !id) return;
    int length = snprintf(reply, PACKET, "SIP/2.0 200 OK%.*s\r\n\r\n", (int)(end - via), via);
    if (length < PACKET) transmit(reply, length);
    int64_t n = atoll(id + 11);
    if (n >= 0 && n < placed) over(n);
}

static void response(const char *text) {
    const char *id = strcasestr(text, "\r\nCall-ID: "), *to = strcasestr(text, "\r\nTo:"), *method = strcasestr(text, "\r\nCSeq:");
    int status = atoi(text + 8);
    if (!id || !to || !method || status < 200) return;
    int64_t n = atoll(id + 11);
    const char *which = strchr(id + 11, '-');
    if (n < 0 || n >= placed || !which || strtoul(which + 1, NULL, 16) != run_id) return;
    to += 2;
    if (strstr(method, "INVITE") && strstr(method, "INVITE") < method + 24) final_response(n, status, to, strcspn(to, "\r"));
    else over(n);
}

static void receive(void) {
    char text[PACKET];
    for (ssize_t got; (got = recv(sock, text, PACKET - 1, MSG_DONTWAIT)) > 0;) {
        text[got] = 0;
        if (!strncmp(text, "SIP/2.0 ", 8)) response(text);
        else request(text);
    }
}

/* An INVITE without any final answer goes out again after 0.5, 1.5 and 3.5 s, as SIP wants it. */
static void resend(int64_t now) {
    static int64_t oldest;
    while (oldest < placed && calls[oldest].state != WAITING) oldest++;
    for (int64_t n = oldest; n < placed && now - calls[n].due > 500000000; n++) {
        call *c = &calls[n];
        if (c->state != WAITING || c->resends >= RESENDS || now - c->sent < 500000000LL << c->resends) continue;
        c->resends++;
        resent++;
        invite(n);
    }
}

static void pause_until(int64_t when) {
    int64_t left = when - now_ns();
    if (left > 100000000) left = 100000000;
    struct timespec wait = {0, left > 0 ? left : 0};
    struct pollfd readable = {.fd = sock, .events = POLLIN};
    ppoll(&readable, 1, &wait, NULL);
    receive();
}

static void place(int64_t due) {
    calls[placed] = (call){.due = due};
    open_calls++;
    invite(placed++);
}

static void run_closed(int64_t total, double seconds, int64_t wanted) {
    int64_t stop = now_ns() + (int64_t)(seconds * 1e9), checked = now_ns();
    for (int64_t now; (now = now_ns()) < stop || (open_calls && now < stop + 10000000000LL);) {
        while (now < stop && open_calls < wanted && placed < total) place(now);
        pause_until(now + 100000000);
        if (now - checked > 100000000) resend(checked = now);
    }
}

static void run(int64_t total, double rate) {
    int64_t start = now_ns(), stop = start + (int64_t)(total / rate * 1e9), checked = start;
    while (placed < total || (open_calls && now_ns() < stop + 10000000000LL)) {
        int64_t now = now_ns(), due = placed < total ? start + (int64_t)(placed * 1e9 / rate) : now + 100000000;
        if (placed < total && now >= due) place(due);
        pause_until(now >= due ? now : due);
        if (now - checked > 100000000) resend(checked = now);
    }
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double at(double share) {
    int64_t place = (int64_t)(share * ended);
    return ended ? times[place < ended ? place : ended - 1] / 1e6 : 0;
}

static void open_socket(void) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, there = here;
    socklen_t length = sizeof here;
    int room = 8 << 20;
    there.sin_port = htons(port);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) || bind(sock, (struct sockaddr *)&here, length)
        || connect(sock, (struct sockaddr *)&there, length) || getsockname(sock, (struct sockaddr *)&here, &length))
        die("socket");
    own_port = ntohs(here.sin_port);
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 7) return fprintf(stderr, "see the head of sip_load.c\n"), 2;
    port = atoi(argv[1]);
    number = argv[2];
    double rate = atof(argv[3]), seconds = atof(argv[4]);
    first = atoll(argv[5]);
    int64_t total = (int64_t)(rate * seconds);
    calls = calloc(total, sizeof *calls), times = calloc(total, sizeof *times);
    run_id = (unsigned)now_ns() & 0xffffff;
    open_socket();
    int64_t start = now_ns();
    if (argc == 7) run_closed(total, seconds, atoll(argv[6]));
    else run(total, rate);
    double took = (now_ns() - start) / 1e9;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    qsort(times, ended, sizeof *times, by_size);
    printf("{\"placed\": %ld, \"answered\": %ld, \"refused\": %ld, \"resent\": %ld, \"open\": %ld, \"seconds\": %.3f, "
           "\"cpu_seconds\": %.3f, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n",
           placed, answered, refused, resent, open_calls, took,
           used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
           at(0.5), at(0.9), at(0.99), at(1));
    return 0;
}
