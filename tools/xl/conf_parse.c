/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of xl.cfg and xl.conf:
 *
 *   file:   { [ name ( '=' | '+=' ) value ] ( newline | ';' ) }
 *   value:  number | string | '[' [ value { ',' value } [ ',' ] ] ']'
 *
 * After a mistake, reading goes on in the next line, so that one run shows all of them. '+=' adds
 * to a string or list given before.
 */
#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* vsnd, the deepest, needs two. */
#define MAX_DEPTH 8
#define MAX_FILE  (4u << 20)

struct parser {
    struct conf_reader *r;
    struct conf_lexer lexer;
    const char *name;               /* the key whose value is read */
    unsigned name_line;
};

static struct xl_where where_of(const struct parser *p, unsigned line)
{
    return (struct xl_where){ p->r->file, line + p->r->line_add };
}

/* A token as shown in messages: not too long, and printable. */
static const char *shown(const struct parser *p)
{
    const struct conf_token *token = &p->lexer.token;
    size_t size = token->size > 40 ? 40 : token->size;
    const char *quote;

    switch (token->type) {
    case CONF_END:
        return "the end of the file";
    case CONF_NEWLINE:
        return *token->text == ';' ? "';'" : "the end of the line";
    default:
        break;
    }
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)token->text[i] < ' ' || token->text[i] == 0x7f)
            return arena_printf(p->r->arena, "a byte of value %u", (unsigned char)token->text[i]);
    quote = token->type == CONF_STRING || token->why ? "" : "'";
    return arena_printf(p->r->arena, "%s%.*s%s%s", quote, (int)size, token->text,
                        token->size > 40 ? "..." : "", quote);
}

static void wrong(const struct parser *p, const char *what)
{
    const struct conf_token *token = &p->lexer.token;
    struct xl_where where = where_of(p, token->line);
    const char *key = p->name ? p->name : "syntax";

    if (token->why)
        conf_error(p->r, where, key, "%s: %s", shown(p), token->why);
    else
        conf_error(p->r, where, key, "%s, but %s stands here%s", what, shown(p),
                   token->type != CONF_WRONG ? "" : *token->text == '(' ? "; lists stand in [ ]"
                   : "; a line reads KEY = VALUE, and strings need quotes");
}

bool conf_number(const char *text, int64_t *number)
{
    char *end;
    long long value;

    if (!strchr("-0123456789", *text) || !*text)
        return false;
    errno = 0;
    value = strtoll(text, &end, 0);
    if (*end || end == text || errno)
        return false;
    *number = value;
    return true;
}

struct xl_value *conf_new_value(struct conf_reader *r, enum xl_value_type type, unsigned line)
{
    struct xl_value *value = arena_alloc(r->arena, sizeof(*value));

    value->type = type;
    value->line = line;
    return value;
}

void conf_list_add(struct conf_reader *r, struct xl_value *list, const struct xl_value *item)
{
    list->items = arena_grow(r->arena, list->items, list->count, sizeof(*list->items));
    list->items[list->count++] = item;
}

static void wrong_number(const struct parser *p, const struct conf_token *token)
{
    const struct xl_key *key = conf_key_find(p->name);
    struct xl_where where = where_of(p, token->line);
    size_t digits = strspn(token->value, "0123456789");

    if (digits == token->size && *token->value == '0')
        conf_error(p->r, where, p->name, "'%s' begins with 0 and so is octal, which has no 8 and "
                   "9; write %s", token->value, token->value + strspn(token->value, "0"));
    else if (digits == token->size)
        conf_error(p->r, where, p->name, "%s is too large a number", token->value);
    else
        conf_error(p->r, where, p->name, "'%s' is not a number; write digits without a unit%s%s",
                   token->value, key && key->types & CONF_NUM ? ": " : "",
                   key && key->types & CONF_NUM
                   ? arena_printf(p->r->arena, "%s = %s", p->name, key->value) : "");
}

static const struct xl_value *parse_number(struct parser *p)
{
    const struct conf_token *token = &p->lexer.token;
    struct xl_value *value = conf_new_value(p->r, XL_VALUE_NUMBER, token->line + p->r->line_add);

    value->text = token->value;
    if (!conf_number(token->value, &value->number)) {
        wrong_number(p, token);
        return NULL;
    }
    return value;
}

static const struct xl_value *parse_value(struct parser *p, unsigned depth);

static void skip_newlines(struct parser *p)
{
    while (p->lexer.token.type == CONF_NEWLINE && *p->lexer.token.text == '\n')
        conf_lex_next(&p->lexer);
}

/* The current token is '['. */
static const struct xl_value *parse_list(struct parser *p, unsigned depth)
{
    unsigned line = p->lexer.token.line;
    struct xl_value *list = conf_new_value(p->r, XL_VALUE_LIST, line + p->r->line_add);

    conf_lex_next(&p->lexer);
    for (;;) {
        const struct xl_value *item;

        skip_newlines(p);
        if (p->lexer.token.type == CONF_CLOSE)
            break;
        item = parse_value(p, depth + 1);
        if (!item)
            return NULL;
        conf_list_add(p->r, list, item);
        skip_newlines(p);
        if (p->lexer.token.type == CONF_COMMA) {
            conf_lex_next(&p->lexer);
        } else if (p->lexer.token.type != CONF_CLOSE) {
            wrong(p, arena_printf(p->r->arena, "the list that begins in line %u needs ',' or ']'",
                                  line + p->r->line_add));
            return NULL;
        }
    }
    conf_lex_next(&p->lexer);
    return list;
}

/* The shell takes quotes away from arguments. */
static void without_quotes(const struct parser *p)
{
    struct xl_where where = where_of(p, p->lexer.token.line);
    const char *word = p->lexer.token.value;

    if (!strcmp(p->r->file, CONF_ARGUMENTS))
        conf_error(p->r, where, p->name, "'%s' stands without quotes; write '%s=\"%s\"', as the "
                   "shell takes the outer ones", word, p->name, word);
    else
        conf_error(p->r, where, p->name, "'%s' stands without quotes; write \"%s\" if it is a "
                   "string, 1 or 0 for yes or no", word, word);
}

/* NULL after a mistake was reported; the current token is then where it was seen. */
static const struct xl_value *parse_value(struct parser *p, unsigned depth)
{
    const struct xl_value *number;
    struct xl_value *value;

    if (depth > MAX_DEPTH) {
        conf_error(p->r, where_of(p, p->lexer.token.line), p->name,
                   "lists are nested more than %u deep", MAX_DEPTH);
        return NULL;
    }
    switch (p->lexer.token.type) {
    case CONF_OPEN:
        return parse_list(p, depth);
    case CONF_NUMBER:
        number = parse_number(p);
        conf_lex_next(&p->lexer);
        return number;
    case CONF_STRING:
        value = conf_new_value(p->r, XL_VALUE_STRING, p->lexer.token.line + p->r->line_add);
        value->text = p->lexer.token.value;
        conf_lex_next(&p->lexer);
        return value;
    case CONF_NAME:
        without_quotes(p);
        return NULL;
    default:
        wrong(p, "a string in quotes, a number or a list must follow");
        return NULL;
    }
}

static struct xl_setting *find_setting(struct conf_reader *r, const char *name)
{
    for (unsigned i = r->settings_count; i-- > 0;)
        if (!strcmp(r->settings[i].name, name))
            return &r->settings[i];
    return NULL;
}

void conf_add(struct conf_reader *r, const char *name, const struct xl_value *value,
              struct xl_where where)
{
    struct xl_setting *s = find_setting(r, name);

    if (s)
        s->overridden = true;
    r->settings = arena_grow(r->arena, r->settings, r->settings_count, sizeof(*r->settings));
    s = &r->settings[r->settings_count++];
    *s = (struct xl_setting){ conf_key_find(name), name, value, where, false };
}

/* What stood before with what '+=' adds; NULL after a mistake was reported. */
static const struct xl_value *append(struct parser *p, const struct xl_setting *before,
                                     const struct xl_value *value, struct xl_where where)
{
    struct xl_value *sum;

    if (value->type == XL_VALUE_NUMBER ||
        (before && before->value->type != value->type)) {
        conf_error(p->r, where, p->name, "'+=' adds a string to a string or a list to a list%s",
                   value->type == XL_VALUE_NUMBER ? ", not numbers; use '='"
                   : value->type == XL_VALUE_LIST ? "; what was given before is no list"
                                                  : "; write the addition in [ ]");
        return NULL;
    }
    if (!before)
        return value;
    sum = conf_new_value(p->r, value->type, value->line);
    if (value->type == XL_VALUE_STRING) {
        sum->text = arena_printf(p->r->arena, "%s%s", before->value->text, value->text);
        return sum;
    }
    for (unsigned i = 0; i < before->value->count; i++)
        conf_list_add(p->r, sum, before->value->items[i]);
    for (unsigned i = 0; i < value->count; i++)
        conf_list_add(p->r, sum, value->items[i]);
    return sum;
}

static void assign(struct parser *p, bool add, const struct xl_value *value)
{
    const struct xl_setting *before = find_setting(p->r, p->name);
    struct xl_where where = where_of(p, p->name_line);

    if (add) {
        value = append(p, before, value, where);
        if (!value)
            return;
    } else if (before && !strcmp(before->where.file, where.file) && !p->r->line_add) {
        conf_warn(p->r, where, p->name,
                  "given again: what line %u says no longer counts; remove one of them",
                  before->where.line);
    }
    conf_add(p->r, p->name, value, where);
}

/* One assignment, up to and without what ends its line. False after a mistake. */
static bool parse_assignment(struct parser *p)
{
    const struct xl_value *value;
    bool add;

    if (p->lexer.token.type != CONF_NAME) {
        wrong(p, "the name of a key must stand here");
        return false;
    }
    p->name = p->lexer.token.value;
    p->name_line = p->lexer.token.line;
    conf_lex_next(&p->lexer);
    if (p->lexer.token.type != CONF_ASSIGN && p->lexer.token.type != CONF_APPEND) {
        wrong(p, "'=' must follow the key");
        return false;
    }
    add = p->lexer.token.type == CONF_APPEND;
    conf_lex_next(&p->lexer);
    value = parse_value(p, 0);
    if (!value)
        return false;
    if (p->lexer.token.type != CONF_NEWLINE && p->lexer.token.type != CONF_END) {
        wrong(p, "the value must be followed by ';' or the end of the line");
        return false;
    }
    assign(p, add, value);
    return true;
}

void conf_parse(struct conf_reader *r, const char *file, const char *text, size_t size)
{
    struct parser p = { .r = r };

    r->file = file;
    if (memchr(text, 0, size)) {
        conf_error(r, (struct xl_where){ file, 0 }, "file", "is not a configuration, nor any text: "
                   "byte %zu has the value 0", strnlen(text, size) + 1);
        return;
    }
    conf_lex_begin(&p.lexer, r->arena, text, size);
    conf_lex_next(&p.lexer);
    while (p.lexer.token.type != CONF_END) {
        p.name = NULL;
        if (p.lexer.token.type == CONF_NEWLINE) {
            conf_lex_next(&p.lexer);
            continue;
        }
        if (!parse_assignment(&p))
            conf_lex_skip_line(&p.lexer);
    }
}

static int read_all(struct xl_arena *arena, int fd, size_t hint, char **text, size_t *size)
{
    size_t room = hint + 1, used = 0;
    char *buffer = arena_alloc(arena, room + 1);

    for (;;) {
        ssize_t got = read(fd, buffer + used, room - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (!got)
            break;
        used += (size_t)got;
        if (used > MAX_FILE)
            return -EFBIG;
        if (used == room) {
            char *bigger = arena_alloc(arena, room * 2 + 1);

            memcpy(bigger, buffer, used);
            buffer = bigger;
            room *= 2;
        }
    }
    *text = buffer;
    *size = used;
    return 0;
}

int conf_load(struct xl_arena *arena, const char *path, char **text, size_t *size)
{
    struct stat st;
    int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st))
        rc = -errno;
    else if (S_ISDIR(st.st_mode))
        rc = -EISDIR;
    else if (st.st_size > MAX_FILE)
        rc = -EFBIG;
    else
        rc = read_all(arena, fd, st.st_size > 0 ? (size_t)st.st_size : 4096, text, size);
    close(fd);
    return rc;
}
