/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl_doc NAME: print one of the texts made from the tables.
 */
#include "doc.h"

#include <string.h>

const char *doc_support(const struct xl_key *key)
{
    return key->support == CONF_SUPPORTED ? "supported"
           : key->support == CONF_REFUSED ? "refused"
           : key->support == CONF_ALWAYS ? "always on" : "no effect";
}

void doc_keys(void)
{
    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++)
        for (const struct xl_key *key = chapter->keys; key->name; key++)
            printf("xl.cfg\t%s\t%s\n", key->name, doc_support(key));
    for (const struct conf_row *row = conf_rows; row->name; row++)
        printf("xl.conf\t%s\t\n", row->name);
}

void doc_commands(void)
{
    for (const struct xl_command *command = xl_commands; command->name; command++)
        printf("%s\t%s\n", command->name, command->refusal ? "refused"
               : command->flags & XL_CMD_HIDDEN ? "hidden" : "runs");
}

void doc_troff(const char *text)
{
    bool start = true;

    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        start = *text == '\n';
    }
}

static void copy(char *to, size_t room, const char *from, size_t size)
{
    if (size >= room)
        size = room - 1;
    memcpy(to, from, size);
    to[size] = 0;
}

bool doc_next_option(const char **options, struct doc_option *option)
{
    const char *line = *options, *tab;
    size_t size;

    if (!line || !*line)
        return false;
    memset(option, 0, sizeof(*option));
    size = strcspn(line, "\n");
    tab = memchr(line, '\t', size);
    if (!tab)
        tab = line + size;
    for (const char *at = line; at < tab;) {
        size_t part = strcspn(at, ",=\t \n");

        if (at[0] == '-' && at[1] == '-')
            copy(option->word, sizeof(option->word), at, part);
        else if (at[0] == '-')
            copy(option->flag, sizeof(option->flag), at, part);
        else
            copy(option->argument, sizeof(option->argument), at, (size_t)(tab - at));
        at += part;
        at += at < tab ? strspn(at, ",= ") : 0;
    }
    option->text = tab < line + size ? tab + 1 : tab;
    option->text_size = (size_t)(line + size - option->text);
    *options = line + size + (line[size] == '\n');
    return true;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } texts[] = {
        { "xl.1", doc_man_xl }, { "xl.cfg.5", doc_man_cfg }, { "xl.conf.5", doc_man_conf },
        { "completion", doc_completion },
        { "xl-cfg.md", doc_table }, { "keys", doc_keys },
        { "commands", doc_commands },
    };

    for (unsigned i = 0; argc == 2 && i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!strcmp(argv[1], texts[i].name)) {
            texts[i].print();
            return ferror(stdout) || fflush(stdout) ? 1 : 0;
        }
    }
    fputs("usage: xl_doc xl.1|xl.cfg.5|xl.conf.5|completion|xl-cfg.md|keys|commands\n", stderr);
    return 2;
}
