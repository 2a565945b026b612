#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the unit test programs one after the other.
#   run.sh RESULTS LOGS PROGRAM...
# Writes one line a test case to the file RESULTS ("pass NAME", "fail NAME: why",
# "skip NAME: why"; NAME is PROGRAM/CASE without their "test_") and prints it;
# what a program printed goes to LOGS/PROGRAM.log.
# Exit status: 0 if nothing failed.

results=$1
logs=$2
shift 2
: > "$results"
status=0

for program in "$@"; do
    name=${program##*/test_}
    log=$logs/$name.log
    CMOCKA_MESSAGE_OUTPUT=TAP UBSAN_OPTIONS=print_stacktrace=1 \
        timeout "${UNIT_TIMEOUT:-120}" "$program" > "$log" 2>&1
    rc=$?
    # The program's own status counts too: a sanitizer stops it between cases.
    lines=$(awk -v name="$name" -v rc="$rc" -v log_path="$log" '
        function case_name(prefix) {
            sub(prefix, "")
            sub(/^test_/, "")
            return name "/" $0
        }
        /^skip: / { reason = substr($0, 7) }
        /^ok [0-9]+ - / {
            ran++
            print "pass " case_name("^ok [0-9]+ - ")
        }
        /^(not )?ok [0-9]+ # SKIP/ {
            ran++
            sub(/.*# SKIP /, "")
            sub(/^test_/, "")
            print "skip " name "/" $0 ": " (reason ? reason : "no reason given")
            reason = ""
        }
        /^not ok [0-9]+ - / {
            ran++
            bad++
            print "fail " case_name("^not ok [0-9]+ - ") ": a check failed, see " log_path
        }
        /ERROR: (Address|Leak)Sanitizer|runtime error:/ { if (!why) why = $0 }
        END {
            if (rc == 124) why = "timed out"
            if ((rc && !bad) || !ran)
                print "fail " name ": " (why ? why : "exit status " rc) ", see " log_path
        }' "$log")
    echo "$lines" | tee -a "$results"
    if echo "$lines" | grep -q '^fail '; then
        status=1
        tail -n 60 "$log"
    fi
done
exit $status
