/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Completion for bash: commands, their options, guests' names where one is wanted, and files.
 */
#include "doc.h"

#include <string.h>

static void print_words(const struct xl_command *command)
{
    const char *options = command->options;
    struct doc_option option;

    printf("    %s) words='-h --help", command->name);
    while (doc_next_option(&options, &option)) {
        if (*option.flag)
            printf(" %s", option.flag);
        if (*option.word)
            printf(" %s", option.word);
    }
    printf("%s' keys=%s what=%s ;;\n", command->flags & XL_CMD_JSON ? " --json" : "",
           strstr(command->usage, "key=value") ? "$all_keys" : "",
           strstr(command->usage, "ConfigFile") && strstr(command->usage, "Domain") ? "both"
           : strstr(command->usage, "File") ? "files"
           : strstr(command->usage, "Domain") ? "guests" : "none");
}

/* What "xl create FILE KEY=" can set. */
static void print_keys(void)
{
    fputs("    local keys= all_keys='", stdout);
    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++)
        for (const struct xl_key *key = chapter->keys; key->name; key++)
            if (key->support == CONF_SUPPORTED)
                printf("%s= ", key->name);
    fputs("'\n", stdout);
}

void doc_completion(void)
{
    fputs("# SPDX-License-Identifier: BSD-2-Clause\n"
          "# Completion of xl's commands for bash; made from xl's table of commands.\n\n"
          "_xl()\n{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} command= words= what=none i\n", stdout);
    print_keys();
    fputs("    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n"
          "        -*) ;;\n"
          "        *) command=${COMP_WORDS[i]}; break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $command in\n"
          "    '') words='-v -N -f -t -T", stdout);
    for (const struct xl_command *command = xl_commands; command->name; command++)
        if (!command->refusal && !(command->flags & XL_CMD_HIDDEN))
            printf(" %s", command->name);
    fputs("' ;;\n", stdout);
    for (const struct xl_command *command = xl_commands; command->name; command++)
        if (!command->refusal && !(command->flags & XL_CMD_HIDDEN))
            print_words(command);
    fputs("    esac\n"
          "    if [[ $current != -* ]]; then\n"
          "        [ -z \"$command\" ] || words=\n"
          "        case $what in\n"
          "        guests|both) words=$(xl list 2>/dev/null | tail -n +2 | cut -d ' ' -f 1) ;;\n"
          "        esac\n"
          "        words+=\" $keys\"\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
          "    case $what in\n"
          "    files|both)\n"
          "        [[ $current == -* ]] ||\n"
          "            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$current\")\n"
          "        compopt -o filenames ;;\n"
          "    esac\n"
          "    [[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace\n"
          "}\n"
          "complete -F _xl xl\n", stdout);
}
