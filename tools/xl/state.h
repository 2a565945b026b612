/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What xl remembers of running guests, below /run/xl:
 *
 *   creating/UUID      a guest that is being made; its maker holds a lock on it until it is done
 *   domains/ID/record  lines "key value": whose it is, what it claims, what must be undone
 *   domains/ID/config  its configuration as given, with what was chosen for it behind
 *   names, macs, disks claims (claims.h)
 *
 * A record is written before what it names is taken, so that whoever finds it can undo all of it,
 * whenever its maker died. Functions that fail print why, and return a negative errno.
 */
#ifndef XL_STATE_H
#define XL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_ROOT      "/run/xl"
#define STATE_UUID_SIZE 37

/* Another folder than STATE_ROOT, for tests. */
void state_set_root(const char *path);
/* The folder, opened (and made, with those in it, if it isn't there). */
int state_root(void);

void state_uuid_print(const uint8_t uuid[16], char text[STATE_UUID_SIZE]);
bool state_uuid_parse(const char *text, uint8_t uuid[16]);

/* --- guests that are being made --- */

/* Announce one; the descriptor returned holds the lock and is kept until state_creation_end(). */
int state_creation_begin(const uint8_t uuid[16]);
void state_creation_end(const uint8_t uuid[16], int fd);
bool state_creation_goes_on(const uint8_t uuid[16]);
/* Readable (inotify) when a maker has ended, in whatever way. */
int state_creation_watch(void);
/*
 * Call 'found' for each guest whose maker died, with the lock held; the announcement goes away
 * when it returns 0. Returns how many there were.
 */
int state_creation_orphans(int (*found)(void *arg, const uint8_t uuid[16]), void *arg);

/* --- records --- */

#define STATE_LINES_MAX 256

struct state_line {
    const char *key, *value;
};

struct state_record {
    uint8_t uuid[16];
    char *text;                     /* the lines' memory */
    unsigned nr;
    struct state_line line[STATE_LINES_MAX];
};

/* A new record: the uuid's line is put before 'lines', which are whole lines. */
int state_record_write(uint32_t domid, const uint8_t uuid[16], const char *lines);
__attribute__((format(printf, 2, 3)))
int state_record_add(uint32_t domid, const char *format, ...);
/* -ENOENT (silently): there is none. */
int state_record_read(uint32_t domid, struct state_record *record);
void state_record_free(struct state_record *record);
/* The last value of a key, or NULL. */
const char *state_record_get(const struct state_record *record, const char *key);

/* A lock of whoever changes or ends this guest. Returns a descriptor; -ENOENT: no record. */
int state_lock(uint32_t domid);

int state_config_write(uint32_t domid, const char *text);
int state_config_add(uint32_t domid, const char *line);
/* To be freed. -ENOENT (silently): there is none. */
int state_config_read(uint32_t domid, char **text);

/* Forget a guest, claims apart. */
void state_remove(uint32_t domid);
/* Ids of all guests that have a record, to be freed; their number is returned. */
int state_list(uint32_t **domids);

#endif
