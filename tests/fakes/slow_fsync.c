/* A disk that takes SLOW_SECONDS for each fsync and fdatasync, while the file SLOW_WHILE is there. LD_PRELOAD it:
 * no disk of a test machine can be made so slow, and the waiting is real. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int slowly(const char *name, int file) {
    const char *flag = getenv("SLOW_WHILE"), *seconds = getenv("SLOW_SECONDS");
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (flag && seconds && !access(flag, F_OK)) {
        struct timespec wait = {atoi(seconds), 0};
        nanosleep(&wait, NULL);
    }
    return real(file);
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
