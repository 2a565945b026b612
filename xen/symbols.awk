# SPDX-License-Identifier: BSD-2-Clause
# Turns `nm -n` of the image into the table that backtraces look up: offsets from image_start, then
# offsets of the names, then the names.
BEGIN { n = 0 }
function hex_tail(s) { return substr(s, length(s) - 7) }
$2 ~ /^[tT]$/ && $3 !~ /^(\.|\$|__func__)/ { addr[n] = hex_tail($1); name[n++] = $3 }
END {
    print ".section .symbols, \"a\", @progbits"
    print ".balign 8"
    print ".globl symbols_count, symbols_offsets, symbols_names, symbols_text"
    print ".hidden symbols_count, symbols_offsets, symbols_names, symbols_text"
    print "symbols_count: .long " (n + 0)
    print "symbols_offsets:"
    for (i = 0; i < n; i++) print ".long 0x" addr[i]
    print "symbols_names:"
    off = 0
    for (i = 0; i < n; i++) { print ".long " off; off += length(name[i]) + 1 }
    print "symbols_text:"
    for (i = 0; i < n; i++) print ".asciz \"" name[i] "\""
    print ".section .note.GNU-stack, \"\", @progbits"
}
