#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# All host tests of xenstored, one after the other:
#   check.sh SOURCES PROGRAMS RESULTS SECONDS PACKAGED
# SECONDS are for fuzzing; PACKAGED is Debian's xenstored, below the root of unpacked packages.

sources=$1 programs=$2 results=$3 seconds=$4 packaged=$5
status=0
logs=$programs/log
mkdir -p "$logs" "$(dirname "$results")"

say() {
    echo "$1"
    echo "$1" >> "$results.part"
}

: > "$results.part"
UNIT_TIMEOUT=300 sh "$sources/../unit/run.sh" "$results.unit" "$logs" "$programs/test_store" || status=1
sed 's, \([^ ]\), xenstored/\1,' "$results.unit" >> "$results.part"
rm -f "$results.unit"

python3 "$sources/run.py" --program "$programs/xenstored" --packaged "$packaged" \
    --shim "$programs/reference_shim.so" --results "$results.run" || status=1
cat "$results.run" >> "$results.part"
rm -f "$results.run"

python3 "$sources/fuzz_seeds.py" "$programs/corpus"
if timeout $((seconds + 120)) "$programs/fuzz_wire" -max_total_time="$seconds" -close_fd_mask=2 \
    -rss_limit_mb=0 -artifact_prefix="$logs/" "$programs/corpus" > "$logs/fuzz.log" 2>&1; then
    say "pass xenstored/fuzz/wire"
else
    say "fail xenstored/fuzz/wire: see $logs/fuzz.log"
    status=1
fi

python3 "$sources/bench.py" "$programs/bench" "$results.part" "$programs/bench.out" || status=1
mv "$results.part" "$results"
exit $status
