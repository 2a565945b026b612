/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files conf_*.c share: the way from text to a configuration (config.h).
 *
 *   conf_lex.c     text -> tokens
 *   conf_parse.c   tokens -> settings (names and values as written)
 *   conf_keys*.c   the table of keys: what each means and which function takes it
 *   conf_take*.c, conf_disk.c, conf_vif.c, conf_vfb.c, conf_cpu.c
 *                  settings -> fields of struct xl_config
 *   conf_finish.c  what keys say together
 *   conf_check.c   what this host's files say
 *
 * Nothing here runs in more than one thread.
 */
#ifndef XL_CONF_INTERNAL_H
#define XL_CONF_INTERNAL_H

#include <stdarg.h>

#include "config.h"
#include "xl.h"
#include "xl_conf.h"

/* --- memory that is freed all at once; running out of it ends the program --- */

struct xl_arena;

struct xl_arena *arena_new(void);
void arena_free(struct xl_arena *arena);
void *arena_alloc(struct xl_arena *arena, size_t size);      /* zeroed */
char *arena_copy(struct xl_arena *arena, const char *text, size_t size);
__attribute__((format(printf, 2, 3)))
char *arena_printf(struct xl_arena *arena, const char *format, ...);
/* An array with room for one more than 'count'; doubles as it grows. */
void *arena_grow(struct xl_arena *arena, void *array, unsigned count, size_t item);

/* --- one reading --- */

/* What arguments are called in messages. */
#define CONF_ARGUMENTS "command line"

struct conf_reader {
    struct xl_config *config;       /* NULL while xl.conf is read */
    struct xl_arena *arena;
    const struct xl_report *report;
    const struct xl_conf *conf;     /* may be NULL */
    struct xl_setting *settings;
    unsigned settings_count;
    unsigned errors, warnings;
    const char *file;               /* what is parsed now */
    unsigned line_add;              /* added to lines: the number of an argument */
    /* what was given of things that other keys complete */
    const char *cmdline, *root, *extra;
    bool living;                    /* xl_config_input's */
};

__attribute__((format(printf, 4, 5)))
void conf_error(struct conf_reader *r, struct xl_where where, const char *key,
                const char *format, ...);
__attribute__((format(printf, 4, 5)))
void conf_warn(struct conf_reader *r, struct xl_where where, const char *key,
               const char *format, ...);

/* --- tokens --- */

enum conf_token_type {
    CONF_END,
    CONF_NEWLINE,                   /* or ';' */
    CONF_NAME,
    CONF_NUMBER,                    /* as long as letters and digits follow: may be wrong */
    CONF_STRING,                    /* 'value' is its text, escapes resolved */
    CONF_ASSIGN,
    CONF_APPEND,                    /* += */
    CONF_OPEN,
    CONF_CLOSE,
    CONF_COMMA,
    CONF_WRONG,                     /* 'why' says what is wrong; NULL: a sign without meaning */
};

struct conf_token {
    enum conf_token_type type;
    unsigned line;
    const char *text;               /* in the source */
    size_t size;
    const char *value;
    const char *why;
};

struct conf_lexer {
    struct xl_arena *arena;
    const char *next, *end;
    unsigned line;
    struct conf_token token;        /* the current one */
};

void conf_lex_begin(struct conf_lexer *lexer, struct xl_arena *arena, const char *text,
                    size_t size);
void conf_lex_next(struct conf_lexer *lexer);
void conf_lex_skip_line(struct conf_lexer *lexer);

/* --- parsing --- */

/* Add the settings of a text to the reader's; mistakes are reported and counted. */
void conf_parse(struct conf_reader *r, const char *file, const char *text, size_t size);
/* Add one setting, as the XML reader does: the last one of a name counts. */
void conf_add(struct conf_reader *r, const char *name, const struct xl_value *value,
              struct xl_where where);
struct xl_value *conf_new_value(struct conf_reader *r, enum xl_value_type type, unsigned line);
void conf_list_add(struct conf_reader *r, struct xl_value *list, const struct xl_value *item);
bool conf_number(const char *text, int64_t *number);    /* decimal, 0x hex, 0 octal; all of it */

/* The whole of a file, in the arena; an errno when it cannot be read. */
int conf_load(struct xl_arena *arena, const char *path, char **text, size_t *size);

/* --- the table of keys --- */

enum {
    CONF_STR = 1,                   /* types of values a key takes */
    CONF_NUM = 2,
    CONF_BOOL = 4,
    CONF_LIST = 8,
};

enum {
    CONF_PV = 1,                    /* types of guests a key means something for */
    CONF_PVH = 2,
    CONF_HVM = 4,
    CONF_ARM = 8,
};

enum conf_support {
    CONF_SUPPORTED,
    CONF_REFUSED,                   /* 'note' says why; an error when used */
    CONF_NO_EFFECT,                 /* 'note' says why; a warning when used */
    CONF_ALWAYS,                    /* 'note' says why; an error when switched off */
};

struct xl_key {
    const char *name;
    enum xl_mark mark;
    uint8_t types;
    uint8_t guests;
    enum conf_support support;
    bool deprecated;                /* works; 'note' says what to write instead */
    const char *value;              /* what stands for the value in help: "MIB" */
    const char *help;
    const char *note;
    void (*take)(struct conf_reader *r, const struct xl_setting *s);
};

/* All keys: chapters of the manual, each with its rows, which end with a name of NULL. */
struct conf_chapter {
    const char *title;
    const struct xl_key *keys;
};

extern const struct conf_chapter conf_chapters[];       /* ends with a title of NULL */
extern const struct xl_key conf_keys_general[], conf_keys_cpu[], conf_keys_boot[],
    conf_keys_life[], conf_keys_devices[], conf_keys_limits[], conf_keys_time[],
    conf_keys_passthrough[], conf_keys_hvm[], conf_keys_graphics[], conf_keys_model[],
    conf_keys_arm[];

/* The keys of xl.conf; the last row's name is NULL. */
struct conf_row {
    const char *name;
    void (*take)(struct conf_reader *r, struct xl_conf *conf, const struct xl_setting *s);
    const char *value;
    const char *help;
};

extern const struct conf_row conf_rows[];

const struct xl_key *conf_key_find(const char *name);
/* The key with the least Damerau-Levenshtein distance, or NULL when none is close. */
const char *conf_key_nearest(const char *name);
/* The same over any list of words, which ends with NULL. */
const char *conf_nearest(const char *word, const char *const *words);

/* --- taking values: true and the output set, or false after an error was reported --- */

bool conf_take_string(struct conf_reader *r, const struct xl_setting *s, const char **out);
bool conf_take_number(struct conf_reader *r, const struct xl_setting *s, int64_t min, int64_t max,
                      int64_t *out);
bool conf_take_flag(struct conf_reader *r, const struct xl_setting *s, enum xl_flag *out);
/* The items of a list as strings. */
bool conf_take_list(struct conf_reader *r, const struct xl_setting *s,
                    const struct xl_value *const **items, unsigned *count);
/* One of several words; 'out' is its place in the list, which ends with NULL. */
bool conf_take_word(struct conf_reader *r, const struct xl_setting *s, const char *const *words,
                    unsigned *out);

/* The handlers named in the table. */
#define CONF_TAKER(name) void conf_take_##name(struct conf_reader *r, const struct xl_setting *s)
CONF_TAKER(name); CONF_TAKER(type); CONF_TAKER(builder); CONF_TAKER(uuid); CONF_TAKER(memory);
CONF_TAKER(maxmem); CONF_TAKER(vcpus); CONF_TAKER(maxvcpus); CONF_TAKER(kernel);
CONF_TAKER(ramdisk); CONF_TAKER(cmdline); CONF_TAKER(root); CONF_TAKER(extra);
CONF_TAKER(bootloader); CONF_TAKER(bootloader_args); CONF_TAKER(firmware); CONF_TAKER(disk);
CONF_TAKER(vif); CONF_TAKER(vfb); CONF_TAKER(cpus); CONF_TAKER(cpus_soft); CONF_TAKER(cpu_weight);
CONF_TAKER(cap); CONF_TAKER(pool); CONF_TAKER(action); CONF_TAKER(limit); CONF_TAKER(localtime);
CONF_TAKER(rtc_timeoffset); CONF_TAKER(tsc_mode); CONF_TAKER(nomigrate); CONF_TAKER(driver_domain);
CONF_TAKER(seclabel);
#undef CONF_TAKER

/* Types of values and actions by name, in the order of their enums; end with NULL. */
extern const char *const conf_action_names[], *const conf_guest_names[],
    *const conf_format_names[], *const conf_backend_names[], *const conf_tsc_names[];

/* --- comma-separated specifications: disk, vif, vfb --- */

/* Copy a part without blanks at its ends. */
char *conf_trim(struct xl_arena *arena, const char *text, size_t size);

bool conf_disk_parse(struct conf_reader *r, struct xl_where where, const char *spec,
                     struct xl_disk *disk);
bool conf_vif_parse(struct conf_reader *r, struct xl_where where, const char *spec,
                    unsigned place, struct xl_vif *vif);

/*
 * What the keys say together; sets what is composed of several. What is not there is no mistake
 * where the text is not 'whole': what could not be read may have been it.
 */
void conf_finish(struct conf_reader *r, bool whole);

#endif
