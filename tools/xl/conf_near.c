/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The word that was probably meant: the one with the least Damerau-Levenshtein distance (letters
 * added, left out, changed, or two neighbours swapped).
 */
#include "conf.h"

#include <ctype.h>
#include <string.h>

#define MAX_WORD 40

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Words longer than MAX_WORD are as far as can be. */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][MAX_WORD + 1], *before = rows[0], *above = rows[1], *row = rows[2];
    size_t size_a = strlen(a), size_b = strlen(b);

    if (size_a > MAX_WORD || size_b > MAX_WORD)
        return MAX_WORD;
    for (unsigned j = 0; j <= size_b; j++)
        above[j] = j;
    for (unsigned i = 1; i <= size_a; i++) {
        unsigned *last;

        row[0] = i;
        for (unsigned j = 1; j <= size_b; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == b[j - 1];

            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        last = before;
        before = above;
        above = row;
        row = last;
    }
    return above[size_b];
}

/* Close enough to be meant: one mistake in three letters. */
static bool is_near(unsigned far, const char *word)
{
    return far <= 1 + strlen(word) / 4 && far < strlen(word);
}

const char *conf_nearest(const char *word, const char *const *words)
{
    const char *best = NULL;
    unsigned least_far = MAX_WORD;

    for (; *words; words++) {
        unsigned far = distance(word, *words);

        if (far < least_far) {
            least_far = far;
            best = *words;
        }
    }
    return best && is_near(least_far, word) ? best : NULL;
}

const char *conf_key_nearest(const char *name)
{
    const char *best = NULL;
    unsigned least_far = MAX_WORD;

    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++) {
        for (const struct xl_key *key = chapter->keys; key->name; key++) {
            unsigned far = distance(name, key->name);

            /* Of equals, the one that is used more. */
            if (far < least_far || (far == least_far && key->mark == XL_CORE)) {
                least_far = far;
                best = key->name;
            }
        }
    }
    return best && is_near(least_far, name) ? best : NULL;
}

const struct xl_key *conf_key_find(const char *name)
{
    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++)
        for (const struct xl_key *key = chapter->keys; key->name; key++)
            if (!strcmp(key->name, name))
                return key;
    return NULL;
}
