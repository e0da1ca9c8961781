/* A clock that is ahead, or behind, for a process and all its children: preloaded, with CLOCK_AHEAD in seconds.

   Only what tells the time of day is moved. Clocks that count from some start, and with them every wait, stay
   as they are, and so does the speed. Debian's libfaketime (0.9.10) is not fit for this: beside an unmoved
   monotonic clock it turns each time.sleep() of Python 3.11 into an error. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST = 4096 };

static char ahead_entry[64];
static char preload_alone[LONGEST];

static const char *own_path(void) {
    return strchr(preload_alone, '=') + 1;
}

static time_t ahead(void) {
    static time_t seconds;
    static int known;
    if (!known) {
        const char *given = getenv("CLOCK_AHEAD");
        Dl_info found;
        seconds = given ? atoll(given) : 0;
        snprintf(ahead_entry, sizeof ahead_entry, "CLOCK_AHEAD=%lld", (long long)seconds);
        dladdr((void *)ahead, &found);
        snprintf(preload_alone, sizeof preload_alone, "LD_PRELOAD=%s", found.dli_fname);
        known = 1;
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = next(clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *at, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, at) == 0 ? base : 0;
}

/* A child that is given an environment of its own, as the database server is, keeps the moved clock; before
   another preloaded library, so that what one of them moves is added. */
int execve(const char *program, char *const arguments[], char *const environment[]) {
    size_t entries = 0, kept = 0;
    char preload[2 * LONGEST];
    ahead();
    strcpy(preload, preload_alone);
    while (environment && environment[entries]) entries++;
    char *given[entries + 3];
    for (size_t place = 0; place < entries; place++) {
        char *entry = environment[place];
        if (!strncmp(entry, "LD_PRELOAD=", 11)) {
            if (strstr(entry, own_path()) || strlen(entry) >= LONGEST) strcpy(preload, "");
            else if (entry[11]) snprintf(preload, sizeof preload, "%s:%s", preload_alone, entry + 11);
            if (!*preload) given[kept++] = entry;
        } else if (strncmp(entry, "CLOCK_AHEAD=", 12)) given[kept++] = entry;
    }
    if (*preload) given[kept++] = preload;
    given[kept++] = ahead_entry;
    given[kept] = NULL;
    return (int)syscall(SYS_execve, program, arguments, given);
}
