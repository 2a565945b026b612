/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * storm SECONDS WORKERS: a load of fork, exec, mmap, mprotect, signals and context switches that
 * checks itself. What it proves: copy-on-write keeps parent and child apart, remapped pages read
 * as they should, protection faults reach the right instruction, signals are not lost, and SSE
 * registers survive switches. Exit status 0 and one line of counts, or the first thing found wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 64
#define EXEC_STATUS 42

static sigjmp_buf fault_return;
static volatile sig_atomic_t signals_seen;

static void wrong(const char *what)
{
    fprintf(stderr, "storm: %s (errno %d)\n", what, errno);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fill(uint64_t *area, uint64_t seed)
{
    for (size_t i = 0; i < PAGES * PAGE / sizeof(*area); i += 64)
        area[i] = seed + i;
}

static int holds(const uint64_t *area, uint64_t seed)
{
    for (size_t i = 0; i < PAGES * PAGE / sizeof(*area); i += 64)
        if (area[i] != seed + i)
            return 0;
    return 1;
}

static void *map_area(void)
{
    void *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                      -1, 0);

    if (area == MAP_FAILED)
        wrong("mmap failed");
    return area;
}

static void wait_for(pid_t child, int wanted, const char *what)
{
    int status;

    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != wanted)
        wrong(what);
}

/* Parent and child write the same pages after fork; each must see only its own. */
static void check_copy_on_write(uint64_t seed)
{
    uint64_t *area = map_area();
    pid_t child;

    fill(area, seed);
    child = fork();
    if (child == 0) {
        int good = holds(area, seed);

        fill(area, ~seed);
        _exit(good && holds(area, ~seed) ? 0 : 1);
    }
    if (child < 0)
        wrong("fork failed");
    fill(area, seed + 1);
    wait_for(child, 0, "a child saw wrong memory after fork");
    if (!holds(area, seed + 1))
        wrong("a child's writes reached its parent");
    munmap(area, PAGES * PAGE);
}

static void check_exec(void)
{
    pid_t child = fork();

    if (child == 0) {
        execl("/proc/self/exe", "storm", "--exit", NULL);
        _exit(1);
    }
    if (child < 0)
        wrong("fork failed");
    wait_for(child, EXEC_STATUS, "exec did not reach the new program's end");
}

static void on_fault(int number)
{
    (void)number;
    siglongjmp(fault_return, 1);
}

static int write_faults(volatile uint64_t *address)
{
    if (sigsetjmp(fault_return, 1))
        return 1;
    *address = 1;
    return 0;
}

/* Remaps and protects pages that are in use. */
static void check_protection(uint64_t seed)
{
    uint64_t *area = map_area();

    fill(area, seed);
    if (mprotect(area, PAGES * PAGE, PROT_READ) < 0 || !holds(area, seed))
        wrong("memory changed when it became read-only");
    if (!write_faults(area))
        wrong("a write to read-only memory did not fault");
    if (mprotect(area, PAGES * PAGE, PROT_READ | PROT_WRITE) < 0 || write_faults(area + 1))
        wrong("a write to writable memory faulted");
    area = mremap(area, PAGES * PAGE, 2UL * PAGES * PAGE, MREMAP_MAYMOVE);
    if (area == MAP_FAILED || !holds(area, seed))
        wrong("mremap lost memory");
    if (madvise(area, PAGES * PAGE, MADV_DONTNEED) < 0 || area[0] != 0)
        wrong("dropped memory does not read as zero");
    munmap(area, 2UL * PAGES * PAGE);
    if (!write_faults(area))
        wrong("a write to unmapped memory did not fault");
}

static void on_signal(int number)
{
    (void)number;
    signals_seen++;
}

static void check_signals(void)
{
    int before = signals_seen;

    for (int i = 0; i < 100; i++)
        if (kill(getpid(), SIGUSR1) < 0)
            wrong("kill failed");
    if (signals_seen - before != 100)
        wrong("signals to oneself were lost");
}

/* Registers must survive whatever runs in between. */
static void check_registers(uint64_t seed)
{
    uint64_t in[2] = { seed, ~seed }, out[2];
    struct timespec pause = { 0, 20000 };

    for (int i = 0; i < 20; i++) {
        register long number __asm__("rax") = 35; /* nanosleep: others run meanwhile */

        __asm__ volatile("movdqu %[in], %%xmm7\n\t"
                         "syscall\n\t"
                         "movdqu %%xmm7, %[out]"
                         : [out] "=m"(out), "+r"(number)
                         : [in] "m"(in), "D"(&pause), "S"(0)
                         : "xmm7", "rcx", "r11", "memory");
        if (memcmp(in, out, sizeof(in)) != 0)
            wrong("an SSE register changed across a context switch");
    }
}

static void work(double end, unsigned int worker)
{
    struct sigaction fault = { .sa_handler = on_fault }, usr = { .sa_handler = on_signal };
    uint64_t rounds = 0;

    sigaction(SIGSEGV, &fault, NULL);
    sigaction(SIGUSR1, &usr, NULL);
    while (now() < end) {
        uint64_t seed = ((uint64_t)worker << 56) + (rounds << 20);

        check_copy_on_write(seed);
        check_exec();
        check_protection(seed);
        check_signals();
        check_registers(seed);
        rounds++;
    }
    printf("storm: worker %u did %lu rounds\n", worker, (unsigned long)rounds);
    exit(rounds ? 0 : 1);
}

int main(int argc, char **argv)
{
    double end;
    unsigned int workers;

    if (argc == 2 && strcmp(argv[1], "--exit") == 0)
        return EXEC_STATUS;
    if (argc != 3) {
        fprintf(stderr, "usage: storm SECONDS WORKERS\n");
        return 2;
    }
    end = now() + atof(argv[1]);
    workers = (unsigned int)strtoul(argv[2], NULL, 10);
    for (unsigned int i = 0; i < workers; i++) {
        pid_t child = fork();

        if (child == 0)
            work(end, i);
        if (child < 0)
            wrong("fork failed");
    }
    for (unsigned int i = 0; i < workers; i++) {
        int status;

        if (wait(&status) < 0 || status != 0)
            wrong("a worker failed");
    }
    return 0;
}
