/* SPDX-License-Identifier: ISC
 *
 * What both programs that are compared share: their arguments and how the CPU time is taken, so
 * that the comparison is of the work between.
 */
#ifndef REACHD_TESTS_BENCH_METER_H
#define REACHD_TESTS_BENCH_METER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct bench_args {
    uint16_t port; /* on 127.0.0.1 */
    const char *servername;
    const char *ca;
    long count;
    long at_once;
    long pause_ms; /* between two probes, for caches as cold as those of an idle daemon */
};

static inline int64_t bench_cpu_us(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * INT64_C(1000000) + use.ru_utime.tv_usec +
           use.ru_stime.tv_usec;
}

static inline struct bench_args bench_take(int argc, char **argv)
{
    if (argc != 6 && argc != 7) {
        fprintf(stderr, "usage: %s PORT SERVERNAME CA COUNT AT_ONCE [PAUSE_MS]\n", argv[0]);
        exit(2);
    }
    return (struct bench_args){.port = (uint16_t)strtol(argv[1], NULL, 10),
                               .servername = argv[2],
                               .ca = argv[3],
                               .count = strtol(argv[4], NULL, 10),
                               .at_once = strtol(argv[5], NULL, 10),
                               .pause_ms = argc == 7 ? strtol(argv[6], NULL, 10) : 0};
}

/* Prints CPU microseconds for each; a probe that failed spoils the figure. */
static inline int bench_tell(int64_t cpu_us, long count, long failed)
{
    if (failed) {
        fprintf(stderr, "%ld of %ld failed\n", failed, count);
        return 1;
    }
    printf("%.1f\n", (double)cpu_us / (double)count);
    return 0;
}

#endif
