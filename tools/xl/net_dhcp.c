/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses for guests: dnsmasq, which also answers their questions for names, or busybox's
 * udhcpd, which hands on dom0's name servers. Either gets a file of its own in NET_RUN and reads
 * no other.
 */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG NET_RUN "/net-dhcp.conf"
#define PID    NET_RUN "/net-dhcp.pid"
#define LEASES NET_RUN "/net-dhcp.leases"
#define WORDS  NET_RUN "/net-dhcp.log"

extern char **environ;

/* In PATH; in that of a root's session, whatever ours is. */
static bool find_program(const char *name, char *path, size_t size)
{
    static const char usual[] = "/usr/sbin:/usr/bin:/sbin:/bin";
    const char *paths[] = { getenv("PATH"), usual };

    for (unsigned int i = 0; i < 2; i++) {
        for (const char *folder = paths[i]; folder && *folder;) {
            size_t length = strcspn(folder, ":");

            snprintf(path, size, "%.*s/%s", (int)length, folder, name);
            if (access(path, X_OK) == 0)
                return true;
            folder += length + (folder[length] == ':');
        }
    }
    return false;
}

const char *net_dhcp_program(void)
{
    char path[PATH_MAX];

    if (find_program("dnsmasq", path, sizeof(path)))
        return "dnsmasq";
    return find_program("udhcpd", path, sizeof(path)) ? "udhcpd" : NULL;
}

/* --- the daemon that runs --- */

/* Its id; 0: none runs. A pid file may be left over, and its number another program's. */
static pid_t running(void)
{
    char path[64], name[32] = "";
    FILE *file = fopen(PID, "re");
    int pid = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%d", &pid) != 1 || pid <= 1)
        pid = 0;
    fclose(file);
    snprintf(path, sizeof(path), "/proc/%d/comm", pid);
    file = pid ? fopen(path, "re") : NULL;
    if (!file)
        return 0;
    if (fscanf(file, "%31s", name) != 1)
        name[0] = '\0';
    fclose(file);
    return strcmp(name, "dnsmasq") == 0 || strcmp(name, "udhcpd") == 0 ||
           strcmp(name, "busybox") == 0 ? pid : 0;
}

bool net_dhcp_runs(void)
{
    return running() != 0;
}

int net_dhcp_stop(void)
{
    pid_t pid = running();

    if (pid && kill(pid, SIGTERM) < 0)
        return net_fail(-errno, "The DHCP server %d cannot be stopped: %s", (int)pid,
                        strerror(errno));
    for (unsigned int i = 0; pid && i < 50 && kill(pid, 0) == 0; i++)
        usleep(20000);
    unlink(PID);
    return 0;
}

/* --- its configuration --- */

/* The range for guests: all but the network's ends and our own. */
static void format_range(const struct net_plan *plan, char first[NET_TEXT], char last[NET_TEXT])
{
    net_format(first, net_own(plan) + 1);
    net_format(last, (plan->network | ~net_mask(plan)) - 1);
}

static void write_dnsmasq(FILE *file, const struct net_plan *plan, bool names)
{
    char first[NET_TEXT], last[NET_TEXT];

    format_range(plan, first, last);
    fprintf(file, "interface=%s\nexcept-interface=lo\nbind-interfaces\n"
            "dhcp-range=%s,%s,12h\ndhcp-authoritative\ndhcp-leasefile=%s\npid-file=%s\n",
            plan->bridge, first, last, LEASES, PID);
    if (!names)
        fprintf(file, "port=0\n");
}

/* dom0's own name servers, but those that only dom0 can ask. */
static void write_name_servers(FILE *file)
{
    FILE *resolv = fopen("/etc/resolv.conf", "re");
    char line[256], server[64];

    while (resolv && fgets(line, sizeof(line), resolv))
        if (sscanf(line, "nameserver %63[0-9.]", server) == 1 && strncmp(server, "127.", 4) != 0)
            fprintf(file, "option dns %s\n", server);
    if (resolv)
        fclose(resolv);
}

static void write_udhcpd(FILE *file, const struct net_plan *plan)
{
    char first[NET_TEXT], last[NET_TEXT], own[NET_TEXT], mask[NET_TEXT];

    format_range(plan, first, last);
    net_format(own, net_own(plan));
    net_format(mask, net_mask(plan));
    fprintf(file, "interface %s\nstart %s\nend %s\nmax_leases 254\nlease_file %s\npidfile %s\n"
            "option subnet %s\noption router %s\noption lease 43200\n",
            plan->bridge, first, last, LEASES, PID, mask, own);
    write_name_servers(file);
}

static int write_config(const struct net_plan *plan, bool dnsmasq, bool names)
{
    FILE *file;

    mkdir(NET_RUN, 0755);
    file = fopen(CONFIG, "we");
    if (!file)
        return net_fail(-errno, "%s: %s", CONFIG, strerror(errno));
    if (dnsmasq)
        write_dnsmasq(file, plan, names);
    else
        write_udhcpd(file, plan);
    if (fclose(file) != 0)
        return net_fail(-errno, "%s: %s", CONFIG, strerror(errno));
    /* udhcpd wants it to be there. */
    close(open(LEASES, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    return 0;
}

/* --- start --- */

/* The last line that it printed. */
static void last_words(char *words, size_t size)
{
    FILE *file = fopen(WORDS, "re");
    char line[256];

    snprintf(words, size, "it says nothing");
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0])
            snprintf(words, size, "%s", line);
    }
    if (file)
        fclose(file);
}

/* Both daemons leave the foreground by themselves when all is well. */
static int spawn(char *const *args)
{
    posix_spawn_file_actions_t actions;
    char words[256];
    int status, rc;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, WORDS, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    rc = posix_spawn(&pid, args[0], &actions, NULL, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return net_fail(-rc, "%s cannot be started: %s", args[0], strerror(rc));
    if (waitpid(pid, &status, 0) < 0)
        return net_fail(-errno, "%s: %s", args[0], strerror(errno));
    if (status == 0)
        return 0;
    last_words(words, sizeof(words));
    return net_fail(-EPROTO, "%s did not start: %s", args[0], words);
}

static bool wait_until_it_runs(void)
{
    for (unsigned int i = 0; i < 100; i++) {
        if (running())
            return true;
        usleep(20000);
    }
    return false;
}

static int start_dnsmasq(const struct net_plan *plan, char *path)
{
    char *args[] = { path, "--conf-file=" CONFIG, NULL };
    int rc = write_config(plan, true, true);

    if (rc == 0)
        rc = spawn(args);
    if (rc != -EPROTO)
        return rc;
    /* Another one may answer for names on all interfaces: then ours does not. */
    rc = write_config(plan, true, false);
    return rc < 0 ? rc : spawn(args);
}

static int start_udhcpd(const struct net_plan *plan, char *path)
{
    char *args[] = { path, CONFIG, NULL };
    int rc = write_config(plan, false, false);

    return rc < 0 ? rc : spawn(args);
}

int net_dhcp_start(const struct net_plan *plan)
{
    const char *program = net_dhcp_program();
    char path[PATH_MAX];
    int rc;

    if (!program)
        return net_fail(-ENOENT, "Neither dnsmasq nor udhcpd is installed, so guests get no "
                        "address by themselves. Type: apt-get install dnsmasq-base; then this "
                        "command again");
    find_program(program, path, sizeof(path));
    net_dhcp_stop();
    rc = strcmp(program, "dnsmasq") == 0 ? start_dnsmasq(plan, path) : start_udhcpd(plan, path);
    if (rc == 0 && !wait_until_it_runs())
        rc = net_fail(-EPROTO, "%s ended as soon as it had started", path);
    return rc;
}
