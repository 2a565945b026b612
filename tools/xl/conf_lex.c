/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of xl.cfg and xl.conf.
 *
 * As in xl: names are lower-case letters, digits, '_' and '.'; strings stand in '...' or "..." on
 * one line with C's escapes; '#' starts a comment; newlines inside a list mean nothing (the parser
 * skips them). A CR before a newline is taken as part of it.
 */
#include "conf.h"

#include <string.h>

void conf_lex_begin(struct conf_lexer *lexer, struct xl_arena *arena, const char *text,
                    size_t size)
{
    memset(lexer, 0, sizeof(*lexer));
    lexer->arena = arena;
    lexer->next = text;
    lexer->end = text + size;
    lexer->line = 1;
    /* Editors of other systems put a byte order mark in front. */
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        lexer->next += 3;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

static void wrong(struct conf_token *token, const char *why)
{
    token->type = CONF_WRONG;
    token->why = why;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character of \xHH or \OOO, both with all their digits; 0 is not permitted. -1: wrong. */
static int numbered_char(const char **from, const char *end)
{
    const char *at = *from;
    bool hex = *at == 'x';
    unsigned digits = hex ? 2 : 3, value = 0;

    if (hex)
        at++;
    for (; digits; digits--, at++) {
        int digit = at < end ? hex_digit(*at) : -1;

        if (digit < 0 || (!hex && digit > 7))
            return -1;
        value = value * (hex ? 16 : 8) + (unsigned)digit;
    }
    *from = at;
    return value && value < 256 ? (int)value : -1;
}

/* Copy a string without its quotes. 'text' and 'end' enclose what is between them. */
static void unescape(struct conf_lexer *lexer, const char *text, const char *end)
{
    static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\v";
    char *out = arena_alloc(lexer->arena, (size_t)(end - text) + 1);

    lexer->token.value = out;
    while (text < end) {
        const char *found;
        int c;

        if (*text != '\\') {
            *out++ = *text++;
            continue;
        }
        text++;
        if (is_digit(*text) || *text == 'x') {
            c = numbered_char(&text, end);
            if (c < 0) {
                wrong(&lexer->token, "a numbered character must be written \\xHH or \\OOO, with "
                                     "all its digits, and may not be 0");
                return;
            }
            *out++ = (char)c;
            continue;
        }
        found = strchr("abfnrtv", *text);
        if (!found && !strchr("\\'\"", *text)) {
            wrong(&lexer->token, "an unknown character follows a backslash; "
                                 "write \\\\ for a backslash");
            return;
        }
        *out++ = found ? escapes[2 * (found - "abfnrtv") + 1] : *text;
        text++;
    }
}

static void lex_string(struct conf_lexer *lexer)
{
    struct conf_token *token = &lexer->token;
    char quote = *lexer->next;
    const char *at = lexer->next + 1;

    while (at < lexer->end && *at != quote && *at != '\n' && *at)
        at += *at == '\\' && at + 1 < lexer->end && at[1] != '\n' && at[1] ? 2 : 1;
    lexer->next = at;
    token->size = (size_t)(at - token->text);
    if (at >= lexer->end || *at != quote) {
        wrong(token, quote == '"' ? "the string has no end on its line; put a \" there"
                                  : "the string has no end on its line; put a ' there");
        return;
    }
    lexer->next++;
    token->size++;
    token->type = CONF_STRING;
    unescape(lexer, token->text + 1, at);
}

static void lex_word(struct conf_lexer *lexer, enum conf_token_type type)
{
    const char *at = lexer->next + 1;

    while (at < lexer->end && is_word(*at))
        at++;
    lexer->next = at;
    lexer->token.type = type;
    lexer->token.size = (size_t)(at - lexer->token.text);
    lexer->token.value = arena_copy(lexer->arena, lexer->token.text, lexer->token.size);
}

static void skip_blanks(struct conf_lexer *lexer)
{
    while (lexer->next < lexer->end) {
        char c = *lexer->next;

        if (c == '#') {
            while (lexer->next < lexer->end && *lexer->next != '\n')
                lexer->next++;
            continue;
        }
        if (c != ' ' && c != '\t' && c != '\f' && c != '\v' &&
            !(c == '\r' && lexer->next + 1 < lexer->end && lexer->next[1] == '\n'))
            return;
        lexer->next++;
    }
}

static void lex_sign(struct conf_lexer *lexer)
{
    static const char signs[] = "\n;=[],";
    static const enum conf_token_type types[] = {
        CONF_NEWLINE, CONF_NEWLINE, CONF_ASSIGN, CONF_OPEN, CONF_CLOSE, CONF_COMMA,
    };
    struct conf_token *token = &lexer->token;
    char c = *lexer->next++;
    const char *sign = c ? strchr(signs, c) : NULL;

    token->size = 1;
    if (sign) {
        token->type = types[sign - signs];
        if (c == '\n')
            lexer->line++;
    } else if (c == '+' && lexer->next < lexer->end && *lexer->next == '=') {
        lexer->next++;
        token->size = 2;
        token->type = CONF_APPEND;
    } else if (c == '\\') {
        wrong(token, "a line cannot go on after a backslash; only lists span lines");
    } else {
        wrong(token, NULL);
    }
}

void conf_lex_next(struct conf_lexer *lexer)
{
    struct conf_token *token = &lexer->token;
    char c;

    skip_blanks(lexer);
    memset(token, 0, sizeof(*token));
    token->line = lexer->line;
    token->text = lexer->next;
    if (lexer->next >= lexer->end) {
        token->type = CONF_END;
        return;
    }
    c = *lexer->next;
    if (c == '"' || c == '\'')
        lex_string(lexer);
    else if (is_digit(c) ||
             (c == '-' && lexer->next + 1 < lexer->end && is_digit(lexer->next[1])))
        lex_word(lexer, CONF_NUMBER);
    else if (is_word(c))
        lex_word(lexer, CONF_NAME);
    else
        lex_sign(lexer);
}

void conf_lex_skip_line(struct conf_lexer *lexer)
{
    while (lexer->token.type != CONF_END && lexer->token.type != CONF_NEWLINE) {
        /* Quotes that do not match must not hide the end of the line. */
        if (lexer->token.type == CONF_WRONG)
            while (lexer->next < lexer->end && *lexer->next != '\n')
                lexer->next++;
        conf_lex_next(lexer);
    }
}
