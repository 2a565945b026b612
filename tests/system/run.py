#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Start a machine with the hypervisor and its control domain: 'make run'.

Without a command: an interactive shell on this terminal. With one: run it in the control
domain, print what it prints, and return its status.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import initrd
import machine


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "xen-gz", "vmlinuz", "initrd"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--command", default="")
    parser.add_argument("--toolstack", default="",
                        help="a further archive: what dom0 needs to have guests")
    parser.add_argument("--root-image", default="", help="continue on this disk (DOM0=debian)")
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--memory", type=int, default=1024, help="MiB")
    parser.add_argument("--firmware", default="kernel")
    parser.add_argument("--disk", default="virtio")
    parser.add_argument("--disk-image", default="")
    parser.add_argument("--net", default="virtio")
    parser.add_argument("--interrupts", default="msi")
    parser.add_argument("--xen-args", default="")
    parser.add_argument("--linux-args", default="")
    parser.add_argument("--accel", default="")
    parser.add_argument("--cpu", default=machine.CPU)
    parser.add_argument("--qemu-args", default="", help="more words for QEMU's command line")
    parser.add_argument("--log", default="build/log/run.log")
    parser.add_argument("--timeout", type=int, default=600, help="of a command, in seconds")
    parser.add_argument("--verbose", action="store_true", help="show the console as well")
    return parser.parse_args()


def make_config(args):
    size = shutil.get_terminal_size()
    files = {"terminal": f"{size.lines} {size.columns} {os.environ.get('TERM', 'linux')}\n"}
    if args.command:
        files["command"] = args.command + "\n"
    if args.root_image:
        files["root"] = "/dev/vda\n" if args.disk == "virtio" else "/dev/sda\n"
    overlay = initrd.build_overlay(files)
    xen_args = args.xen_args
    if args.toolstack:
        overlay = initrd.read(args.toolstack) + overlay
        if "dom0_mem=" not in xen_args:
            xen_args += f" dom0_mem={args.memory // 2}M,max:{args.memory // 2}M"
    return machine.Config(
        xen_elf=args.xen_elf, xen_gz=args.xen_gz, vmlinuz=args.vmlinuz, initrd=args.initrd,
        overlay=overlay, cpus=args.cpus, memory=args.memory,
        firmware=args.firmware, disk=args.disk, disk_image=args.root_image or args.disk_image,
        keep_disk=not args.root_image, net=args.net, interrupts=args.interrupts, xen_args=xen_args,
        linux_args=args.linux_args, accel=args.accel, cpu=args.cpu,
        qemu_args=tuple(args.qemu_args.split()), reboot=not args.command)


def run_interactive(config):
    folder = tempfile.mkdtemp(prefix="xenios-")
    try:
        if config.disk_image and not config.keep_disk:
            print("What is written to the disk is lost at the end.")
        print("Starting. To leave: type poweroff in the shell, or press Ctrl-a, then x.",
              flush=True)
        return subprocess.call(machine.arguments(config, folder) + ["-serial", "mon:stdio"])
    finally:
        shutil.rmtree(folder)


def show(kind, data):
    stream = sys.stdout if kind == "o" else sys.stderr
    stream.buffer.write(data)
    stream.flush()


def last_lines(path, count):
    with open(path, "rb") as file:
        return "\n".join(file.read().decode(errors="replace").split("\n")[-count:])


def run_command(config, args):
    try:
        with machine.Machine(config, args.log, echo=args.verbose) as vm:
            status, _, _ = vm.run(args.timeout, show)
            stop = vm.wait_stop(60)
            if stop != "guest-shutdown":
                raise machine.Failure(f"the machine did not power off but: {stop}")
            return status
    except machine.Failure as failure:
        if os.path.exists(args.log):
            print(last_lines(args.log, 30), file=sys.stderr)
        print(f"run: {failure}. The console's log is {args.log}.", file=sys.stderr)
        return 125


def main():
    args = parse_arguments()
    try:
        config = make_config(args)
        machine.check_config(config)
        return run_command(config, args) if args.command else run_interactive(config)
    except (machine.Failure, RuntimeError) as failure:
        print(f"run: {failure}", file=sys.stderr)
        return 125
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
