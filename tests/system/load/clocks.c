/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clocks check SECONDS: one thread on each CPU reads CLOCK_MONOTONIC under a common lock; time
 * must never be seen to go back, neither on one CPU nor between two. Says what it saw.
 * clocks tick SECONDS: prints CLOCK_MONOTONIC_RAW (ns) ten times a second, for whoever has
 * another clock.
 * clocks date: prints CLOCK_REALTIME (ns).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS 64

static volatile int lock;
static int64_t latest, worst, reads, end;
static int latest_cpu, worst_from, worst_to;

static int64_t now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *watch(void *arg)
{
    int cpu = (int)(intptr_t)arg;
    int64_t t;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) < 0) {
        perror("clocks: sched_setaffinity");
        exit(1);
    }
    do {
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
            sched_yield();
        t = now(CLOCK_MONOTONIC);
        reads++;
        if (t - latest < worst) {
            worst = t - latest;
            worst_from = latest_cpu;
            worst_to = cpu;
        }
        latest = t;
        latest_cpu = cpu;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    } while (t < end);
    return NULL;
}

static int check(double seconds)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread[MAX_CPUS];

    latest = now(CLOCK_MONOTONIC);
    end = latest + (int64_t)(seconds * 1e9);
    for (long i = 0; i < cpus && i < MAX_CPUS; i++)
        if (pthread_create(&thread[i], NULL, watch, (void *)(intptr_t)i) != 0)
            return 1;
    for (long i = 0; i < cpus && i < MAX_CPUS; i++)
        pthread_join(thread[i], NULL);
    if (worst < 0) {
        printf("time went back by %ld ns from CPU %d to CPU %d\n", (long)-worst, worst_from,
               worst_to);
        return 1;
    }
    printf("%ld reads on %ld CPUs, time never went back\n", (long)reads, cpus);
    return 0;
}

static int tick(double seconds)
{
    for (int i = 0; i < (int)(seconds * 10); i++) {
        printf("%ld\n", (long)now(CLOCK_MONOTONIC_RAW));
        fflush(stdout);
        usleep(100000);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        return check(atof(argv[2]));
    if (argc == 3 && strcmp(argv[1], "tick") == 0)
        return tick(atof(argv[2]));
    if (argc == 2 && strcmp(argv[1], "date") == 0) {
        printf("%ld\n", (long)now(CLOCK_REALTIME));
        return 0;
    }
    fprintf(stderr, "usage: clocks check|tick SECONDS, or clocks date\n");
    return 2;
}
