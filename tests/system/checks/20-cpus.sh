# SPDX-License-Identifier: BSD-2-Clause
# Every CPU is there, works, and can be stopped and started again.
[ "$(nproc)" = "$CPUS" ] || fail "$(nproc) CPUs are online, $CPUS were given"
cpu=0
while [ $cpu -lt "$CPUS" ]; do
    taskset $((1 << cpu)) true || fail "nothing runs on CPU $cpu"
    cpu=$((cpu + 1))
done
if [ "$CPUS" -gt 1 ]; then
    last=/sys/devices/system/cpu/cpu$((CPUS - 1))/online
    echo 0 > "$last" || fail "the last CPU does not stop"
    [ "$(nproc)" = $((CPUS - 1)) ] || fail "the last CPU did not stop"
    echo 1 > "$last" || fail "the last CPU does not start again"
    [ "$(nproc)" = "$CPUS" ] || fail "the last CPU did not start again"
fi
echo "$CPUS"
