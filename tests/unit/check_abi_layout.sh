#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Compares our public headers with those of Debian's libxen-dev: the size of each structure, the
# place and size of each field, the value of each constant.
#   check_abi_layout.sh
# What is compared stands in check_abi_layout.list. Constants are not listed there: every
# object-like macro of a header counts, except those the list says not to compare. Each structure
# that a header asserts the size of must be in the list, so none is forgotten.
# Prints one TAP line a header and the differences; exit status 0 if there is none.
# Environment: CC (gcc), XEN_REFERENCE_INCLUDE (/usr/include: where the folder xen/ is).

here=$(cd "$(dirname "$0")" && pwd)
ours=$here/../../xen/include/public
list=$here/check_abi_layout.list
theirs=${XEN_REFERENCE_INCLUDE:-/usr/include}
cc=${CC:-gcc}

if [ ! -f "$theirs/xen/xen.h" ]; then
    echo "1..1"
    echo "skip: no public headers of Xen in $theirs/xen; apt-get install libxen-dev"
    echo "ok 1 - test_headers # SKIP"
    exit 0
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# constants HEADER: names of its object-like macros that stand for a number in both headers.
constants() {
    awk '
        NR == FNR { if ($1 == "not-compared") skip[$2] = 1; next }
        /^#define [A-Za-z_][A-Za-z0-9_]* +[^ ]/ && !($2 in skip) { print $2 }' \
        "$list" "$ours/$1" | sort -u
}

# program HEADER: a C program, without its includes, that prints everything compared.
program() {
    echo '#include <stdio.h>'
    echo 'int main(void) {'
    awk -v header="$1" '
        $1 == "header" { on = ($2 == header) }
        !on { next }
        $1 == "enum" {
            for (i = 2; i <= NF; i++)
                printf "printf(\"%s: %%d\\n\", (int)%s);\n", $i, $i
        }
        $1 == "struct" || $1 == "union" {
            type = $1 " " $2
            printf "printf(\"%s: %%zu bytes\\n\", sizeof(%s));\n", type, type
            for (i = 3; i <= NF; i++)
                printf "printf(\"%s.%s: at %%zu, %%zu bytes\\n\", offsetof(%s, %s), " \
                       "sizeof(((%s *)0)->%s));\n", type, $i, type, $i, type, $i
        }' "$list"
    constants "$1" |
        sed 's/.*/printf("&: %llx\\n", (unsigned long long)(&));/'
    echo 'return 0; }'
}

# values WHICH HEADERS COMPILER-ARGUMENT...: build and run the program, into $work/WHICH.
values() {
    which=$1
    # shellcheck disable=SC2086 # each word is a header
    printf '#include "%s"\n' stddef.h stdint.h string.h $2 > "$work/$which.c"
    cat "$work/body.c" >> "$work/$which.c"
    shift 2
    if "$cc" -std=gnu11 -w "$@" -o "$work/$which.bin" "$work/$which.c" 2> "$work/$which.err"; then
        "$work/$which.bin" > "$work/$which"
    else
        cat "$work/$which.err" > "$work/$which"
        return 1
    fi
}

status=0
count=0
echo "1..$(grep -c '^header ' "$list")"
while read -r word header references; do
    [ "$word" = header ] || continue
    count=$((count + 1))
    name=test_$(echo "$header" | tr '/.' '__')
    why=
    for type in $(sed -n 's/^XEN_ABI_SIZE(\([a-z]*\) \([a-z_A-Z0-9]*\),.*/\1:\2/p' "$ours/$header"); do
        grep -q "^${type%%:*} ${type#*:}\( \|$\)" "$list" ||
            why="$why${type%%:*} ${type#*:} is not in check_abi_layout.list
"
    done
    program "$header" > "$work/body.c"
    # -iquote, because a header of ours (features.h) has the name of one of the C library.
    if ! values ours "$header" -iquote "$ours"; then
        why="${why}our $header does not compile: $(head -n 3 "$work/ours")"
    elif ! values theirs "$references" -D__XEN_TOOLS__ -I"$theirs"; then
        why="${why}$references: lacks a name of ours: $(grep error "$work/theirs" | head -n 5)"
    elif ! diff "$work/ours" "$work/theirs" > "$work/diff"; then
        why="$why$(cat "$work/diff")"
    fi
    if [ -z "$why" ]; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "$header, ours (<) and $references (>):"
        echo "$why"
        status=1
    fi
done < "$list"
exit $status
