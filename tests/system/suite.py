#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whole-system tests: boot Debian kernels as dom0 and let them work. See tests/README.md.

Each test is a function that raises machine.Failure with one line for a person. The table in
'matrix' gives one test a row; the others are in TESTS. Two machines run at a time.
"""

import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

import host
import initrd
import machine
import matrix
from machine import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_TIMEOUT = 400              # seconds, checks included; a quiet machine needs about 30
STOP_TIMEOUT = 100
SLICE = 4                       # rows of the table that 'make check' takes


class Skip(Exception):
    """The test cannot be done here; the text says why."""


class Bench:
    """What every test needs: where the built files are, where logs go."""

    def __init__(self, args):
        self.args = args
        self.logs = os.path.join(args.output, "log", "system")
        os.makedirs(self.logs, exist_ok=True)

    def config(self, kernel, files, **fields):
        return machine.Config(
            xen_elf=self.args.xen_elf, xen_gz=self.args.xen_gz,
            vmlinuz=os.path.join(self.args.kernels, kernel, "vmlinuz"),
            initrd=os.path.join(self.args.output, "dom0", f"initrd-{kernel}"),
            overlay=initrd.build_overlay(files), **fields)

    def log(self, name):
        return os.path.join(self.logs, name.replace("/", "-") + ".log")


def check_files(config, image, server, load):
    """The overlay with the checks and what they must know."""
    virtio_net = config["net"] == "virtio"
    msi = config["interrupts"] == "msi"
    settings = {
        "CPUS": config["cpus"], "MEMORY": config["dom0_memory"],
        "DISK": "/dev/vda" if config["disk"] == "virtio" else "/dev/sda",
        "DISK_DRIVER": config["disk_line"], "DISK_SHA": image.sha,
        "INTERRUPTS": config["interrupts"],
        "NET_DRIVER": "virtio_net" if virtio_net else "e1000",
        "NET_DOWN": server.down, "NET_UP": server.up, "NET_SHA": server.sha,
        "NET_INTERRUPT": "virtio.*-input" if virtio_net and msi else config["net_line"],
        # QEMU's e1000 knows no MSI.
        "NET_KIND": "msi" if virtio_net and msi else "intx", "LOAD": load,
    }
    files = {"env": "".join(f"{key}='{value}'\n" for key, value in settings.items())}
    folder = os.path.join(HERE, "checks")
    for name in os.listdir(folder):
        files["checks/" + name] = initrd.read(os.path.join(folder, name))
    return files


def verdict_of_checks(output, expected):
    """Raise Failure unless every expected check reported ok."""
    lines = output.decode(errors="replace").splitlines()
    reported = {line.split(":")[0].split(" ", 1)[1] for line in lines if " " in line}
    failed = [line[5:] for line in lines if line.startswith("fail ")]
    missing = [name for name in expected if name not in reported]
    if failed:
        raise Failure("; ".join(failed))
    if missing:
        raise Failure("no word from " + ", ".join(missing))


def check_names():
    names = sorted(os.listdir(os.path.join(HERE, "checks")))
    return [re.sub(r"^\d\d-|\.sh$", "", name) for name in names if name.endswith(".sh")]


def system_row(bench, name, row, load=5, **fields):
    """Boot the machine of a row, run all checks in dom0, power off, look at the disk."""
    server = host.FileServer()
    try:
        with tempfile.TemporaryDirectory(prefix="xenios-") as folder:
            image = host.DiskImage(os.path.join(folder, "disk"))
            config = bench.config(
                row["kernel"], {}, cpus=int(row["cpus"]), memory=int(row["memory"]),
                firmware=row["firmware"], disk=row["disk"], net=row["net"],
                interrupts=row["interrupts"], disk_image=image.path, **fields)
            facts = {**row, "dom0_memory": config.dom0_memory(),
                     "disk_line": disk_line(row), "net_line": net_line(row)}
            files = check_files(facts, image, server, load)
            files["command"] = "exec sh /xenios/checks/all\n"
            config.overlay = initrd.build_overlay(files)
            with machine.Machine(config, bench.log(name)) as vm:
                status, output, errors = vm.run(BOOT_TIMEOUT)
                with open(bench.log(name) + ".checks", "wb") as file:
                    file.write(output + errors)
                verdict_of_checks(output, check_names())
                stop = vm.wait_stop(STOP_TIMEOUT)
            if status != 0 or stop != "guest-shutdown":
                raise Failure(f"status {status}, the machine's end: {stop}")
            if not image.copied():
                raise Failure("the disk does not hold what dom0 wrote")
            if not server.returned():
                raise Failure("the host did not receive what dom0 sent")
    finally:
        server.close()


def disk_line(row):
    """How the disk's line in /proc/interrupts can be known."""
    if row["disk"] == "ahci":
        return "ahci"
    return "virtio[0-9]+-req" if row["interrupts"] == "msi" else "virtio0"


def net_line(row):
    return "eth0" if row["net"] == "e1000" else "virtio"


def run_command(bench, name, command, timeout=BOOT_TIMEOUT, kernel="6.1", **fields):
    config = bench.config(kernel, {"command": command + "\n"}, **fields)
    with machine.Machine(config, bench.log(name)) as vm:
        status, output, errors = vm.run(timeout)
        return status, output.decode(), errors.decode(), vm.wait_stop(STOP_TIMEOUT)


def test_status(bench, name):
    """Output, errors and status of a command reach the host apart from each other."""
    status, output, errors, stop = run_command(bench, name, "echo out; echo err >&2; exit 7")
    if (status, output, errors, stop) != (7, "out\n", "err\n", "guest-shutdown"):
        raise Failure(f"got {status}, '{output}', '{errors}', {stop}")


def test_reboot(bench, name):
    """dom0's reboot resets the machine."""
    config = bench.config("6.12", {"command": "reboot -f\n"})
    with machine.Machine(config, bench.log(name)) as vm:
        stop = vm.wait_stop(BOOT_TIMEOUT)
    if stop != "guest-reset":
        raise Failure(f"the machine's end: {stop}")


def test_console(bench, name):
    """The shell on the console takes input, gives job control, and powers off."""
    config = bench.config("6.1", {})
    with machine.Machine(config, bench.log(name)) as vm:
        vm.console.expect("This is dom0.*\n", BOOT_TIMEOUT)
        vm.console.expect("# ", 60)
        vm.console.send("echo $((6 * 7))\n")
        vm.console.expect("[\r\n]42[\r\n]", 60)
        vm.console.send("sleep 1000\n")
        time.sleep(2)
        vm.console.send("\x03")
        vm.console.send("sleep 999 & jobs\n")
        vm.console.expect(r"\[1\].*sleep 999", 60)
        vm.console.send("poweroff\n")
        stop = vm.wait_stop(STOP_TIMEOUT)
    if stop != "guest-shutdown":
        raise Failure(f"the machine's end: {stop}")


def test_overcommit(bench, name):
    """Four vCPUs share one CPU: the hypervisor uses one CPU of a machine that has four."""
    if "reference" in bench.args.xen_elf:
        raise Skip("Xen 4.17 restores FPU state lazily, by CR0.TS, which QEMU 7.2's XSAVE ignores")
    row = {"kernel": "6.12", "cpus": "4", "firmware": "kernel", "memory": "1024",
           "disk": "virtio", "net": "virtio", "interrupts": "msi"}
    system_row(bench, name, row, load=10, xen_args="maxcpus=1 dom0_max_vcpus=4")


def test_wallclock(bench, name):
    """dom0's time of day is the host's, to two seconds."""
    config = bench.config("6.1", {"command": "clocks date\n"})
    with machine.Machine(config, bench.log(name)) as vm:
        _, output, _ = vm.run(BOOT_TIMEOUT)
        error = int(output) / 1e9 - time.time()
    if abs(error) > 2:
        raise Failure(f"dom0's time of day is {error:+.1f} s off")


def clock_error(vm, seconds):
    """Compare the ticks that dom0 prints with this host's clock; return parts per million.

    A tick may be delayed on its way, never early: the least delayed ticks of the first and of
    the last fifth are compared.
    """
    ticks = []

    def on_output(kind, data):
        if kind == "o":
            ticks.append((time.monotonic_ns(), int(data.split()[-1])))

    vm.run(BOOT_TIMEOUT + seconds, on_output)
    if len(ticks) < seconds * 5:
        raise Failure(f"only {len(ticks)} ticks in {seconds} s")
    fifth = len(ticks) // 5
    first = min(ticks[:fifth], key=lambda tick: tick[0] - tick[1])
    last = min(ticks[-fifth:], key=lambda tick: tick[0] - tick[1])
    elapsed = last[0] - first[0]
    return ((last[1] - first[1]) - elapsed) / elapsed * 1e6


def test_clock_rate(bench, name, seconds=60):
    """dom0's clock runs at the host's rate, to 100 ppm."""
    config = bench.config("6.1", {"command": f"exec clocks tick {seconds}\n"}, cpus=1)
    with machine.Machine(config, bench.log(name)) as vm:
        error = clock_error(vm, seconds)
    if abs(error) > 100:
        raise Failure(f"dom0's clock is {error:+.0f} ppm off")


DEBIAN_COMMAND = """
systemctl is-system-running --wait
systemctl --failed --no-legend --no-pager
cat /sys/hypervisor/type
ip -brief address | grep -o 10.0.2.15/24
lspci -k -d 1af4: | grep 'driver in use'
ls /dev/disk/by-path
ping -c 2 10.0.2.2 | grep -o '2 received'
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace'
"""
DEBIAN_OUTPUT = r"running\nxen\n10.0.2.15/24\n(.*virtio-pci\n){3}(.*pci.*\n)+2 received\n$"


def test_debian(bench, name):
    """A real Debian comes up without a failed unit: systemd, udev, ip, lspci."""
    files = {"command": DEBIAN_COMMAND, "root": "/dev/vda\n"}
    config = bench.config("6.12", files, disk_image=bench.args.debian, keep_disk=False)
    with machine.Machine(config, bench.log(name)) as vm:
        _, output, errors = vm.run(2 * BOOT_TIMEOUT)
        stop = vm.wait_stop(STOP_TIMEOUT)
    if not re.match(DEBIAN_OUTPUT, output.decode()) or stop != "guest-shutdown":
        raise Failure(f"{output.decode()} {errors.decode()} {stop}")


def test_table(_bench, _name):
    """The table leaves out no pair of values."""
    missing = matrix.missing_pairs(matrix.read_table(os.path.join(HERE, "matrix"))[0])
    if missing:
        (a, x), (b, y) = missing[0]
        raise Failure(f"no row has {a} {x} with {b} {y}; {len(missing)} pairs are missing")


# Name, function, whether only 'make check-long' runs it.
TESTS = [
    ("table", test_table, False),
    ("status", test_status, False),
    ("console", test_console, False),
    ("reboot", test_reboot, False),
    ("overcommit", test_overcommit, False),
    ("wallclock", test_wallclock, False),
    ("debian", test_debian, False),
    ("clock-rate", test_clock_rate, True),
]


def commit_seed():
    """The commit's number, so that every commit tries other rows, and the same ones again."""
    done = subprocess.run(["git", "-C", HERE, "rev-parse", "HEAD"], capture_output=True, text=True,
                          check=False)
    return int(done.stdout.strip()[:8] or "0", 16)


def choose_tests(args):
    rows, extra = matrix.read_table(os.path.join(HERE, "matrix"))
    if not args.long:
        seed = commit_seed() if args.seed is None else args.seed
        print(f"{SLICE} of {len(rows)} rows of the table, chosen by seed {seed}"
              f" (repeat with SEED={seed})", flush=True)
        rows, extra = random.Random(seed).sample(rows, SLICE), []
    tests = [(matrix.row_name(row), lambda bench, name, row=row: system_row(bench, name, row))
             for row in rows + extra]
    tests += [(name, function) for name, function, long in TESTS if args.long or not long]
    if args.only:
        tests = [test for test in tests if any(word in test[0] for word in args.only)]
    return tests


class Results:
    """Prints and writes one line a test."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()
        self.failed = 0

    def add(self, verdict, name, why, seconds):
        with self.lock:
            self.failed += verdict == "fail"
            why = " ".join(why.split())
            self.file.write(f"{verdict} {name}{': ' + why if why else ''}\n")
            self.file.flush()
            print(f"{verdict} {name} ({seconds:.0f} s){': ' + why if why else ''}", flush=True)


def run_test(bench, results, name, function):
    start = time.monotonic()
    verdict, why = "pass", ""
    try:
        function(bench, name)
    except Skip as skip:
        verdict, why = "skip", str(skip)
    except Failure as failure:
        verdict, why = "fail", f"{failure} (log: {bench.log(name)})"
    except Exception as error:  # pylint: disable=broad-except # a broken test is a red test
        verdict, why = "fail", f"the test itself broke: {error!r}"
    results.add(verdict, name, why, time.monotonic() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "xen-gz", "kernels", "debian", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--long", action="store_true", help="the whole table, and slow tests")
    parser.add_argument("--seed", type=int, help="chooses the rows of a short run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", default="system")
    parser.add_argument("only", nargs="*", help="run tests with one of these in the name")
    args = parser.parse_args()

    bench = Bench(args)
    results = Results(os.path.join(args.output, "results", args.results + ".txt"))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for future in [pool.submit(run_test, bench, results, name, function)
                       for name, function in choose_tests(args)]:
            future.result()
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
