# SPDX-License-Identifier: BSD-2-Clause
"""An emulated PC that boots the hypervisor and a control domain, and ways to talk to it.

Config says what the machine is; arguments() turns it into QEMU's command line; Machine starts
it for a test and holds its ends: the console (a byte stream), the report channel (see
dom0/report.c) and QEMU's own control socket, which tells why the machine stopped.
"""

import ctypes
import dataclasses
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import initrd
import iso

TESTS = os.path.dirname(os.path.abspath(__file__))
# A CPU with what a recent server has and QEMU can emulate. VT-x cannot be emulated, AMD-V can.
# No SMAP: with it, QEMU 7.2 wrongly faults an IRETQ that a PV kernel executes in ring 3.
CPU = "qemu64,+svm,+npt,+nx,+smep,+umip,+fsgsbase,+rdtscp,+xsave,+xsaveopt,+pdpe1gb"
OVMF = "/usr/share/OVMF/OVMF_CODE.fd"


class Failure(Exception):
    """What the machine did is not what was expected; the text is one line for a person."""


@dataclasses.dataclass
class Config:
    """One machine. Sizes are in MiB. Paths are of built or fetched files."""
    xen_elf: str
    xen_gz: str
    vmlinuz: str
    initrd: str
    overlay: bytes = b""
    cpus: int = 2
    memory: int = 1024
    firmware: str = "kernel"        # kernel (QEMU's -kernel), bios or uefi (GRUB from a CD)
    disk: str = "virtio"            # virtio or ahci
    disk_image: str = ""            # none if empty
    keep_disk: bool = True          # otherwise what is written is lost at the end
    net: str = "virtio"             # virtio, e1000 or none
    interrupts: str = "msi"         # msi or intx
    xen_args: str = ""
    linux_args: str = ""
    cpu: str = CPU
    accel: str = ""                 # empty: chosen by tcg()
    qemu_args: tuple = ()
    modules: str = None             # in place of kernel and initrd, as QEMU's -initrd takes them
    reboot: bool = False            # a reset restarts the machine instead of ending it

    def xen_line(self):
        line = "com1=115200,8n1 console=com1"
        if "dom0_mem=" not in self.xen_args:
            line += f" dom0_mem={self.dom0_memory()}M,max:{self.dom0_memory()}M"
        return f"{line} {self.xen_args}".strip()

    def dom0_memory(self):
        match = re.search(r"dom0_mem=(\d+)([MG])", self.xen_args)
        if match:
            return int(match[1]) * (1024 if match[2] == "G" else 1)
        return self.memory - max(160, self.memory // 8)

    def linux_line(self):
        line = "console=hvc0 panic=-1"
        if self.interrupts == "intx":
            line += " pci=nomsi"
        return f"{line} {self.linux_args}".strip()


def check_config(config):
    known = {"firmware": ("kernel", "bios", "uefi"), "disk": ("virtio", "ahci"),
             "net": ("virtio", "e1000", "none"), "interrupts": ("msi", "intx")}
    for field, values in known.items():
        value = getattr(config, field)
        if value not in values:
            raise Failure(f"{field} '{value}' is not known: use {', '.join(values)}")
    if config.firmware == "kernel" and "," in config.linux_args:
        raise Failure("with FIRMWARE=kernel no comma may stand in LINUX_ARGS: use FIRMWARE=bios")
    for path in (config.xen_elf, config.vmlinuz, config.initrd):
        if not os.path.exists(path):
            raise Failure(f"{path} is missing: run make first")


def tcg(cpus):
    """Emulated CPUs run in parallel, a host CPU each, or in turns when there are not enough:
    a CPU that waits in a spin lock for one that does not run would make boot take minutes."""
    return "tcg" if cpus <= (os.cpu_count() or 1) else "tcg,thread=single"


def write_file(folder, name, *parts):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        for part in parts:
            file.write(part)
    return path


def boot_arguments(config, folder):
    if config.modules is not None:
        return (["-kernel", config.xen_elf, "-append", config.xen_line()] +
                (["-initrd", config.modules] if config.modules else []))
    image = initrd.read(config.initrd) + config.overlay
    if config.firmware == "kernel":
        path = write_file(folder, "initrd", image)
        return ["-kernel", config.xen_elf, "-append", config.xen_line(),
                "-initrd", f"{config.vmlinuz} {config.linux_line()},{path}"]
    disc = os.path.join(folder, "boot.iso")
    iso.write(disc, config.xen_gz, config.xen_line(), config.vmlinuz, config.linux_line(), image,
              timeout=0)
    drive = ["-drive", f"file={disc},media=cdrom,readonly=on,if=none,id=cd",
             "-device", "ide-cd,drive=cd,bus=ide.1,bootindex=0"]
    if config.firmware == "uefi":
        variables = os.path.join(folder, "vars.fd")
        shutil.copy(OVMF.replace("CODE", "VARS"), variables)
        drive += ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}",
                  "-drive", f"if=pflash,format=raw,file={variables}"]
    return drive


def device_arguments(config):
    args = []
    if config.disk_image:
        args += ["-drive", f"file={config.disk_image},format=raw,if=none,id=disk0,cache=unsafe,"
                 f"snapshot={'off' if config.keep_disk else 'on'}"]
        if config.disk == "virtio":
            args += ["-device", "virtio-blk-pci,drive=disk0"]
        else:
            args += ["-device", "ich9-ahci,id=ahci", "-device", "ide-hd,drive=disk0,bus=ahci.0"]
    if config.net == "none":
        args += ["-nic", "none"]
    else:
        card = {"virtio": "virtio-net-pci", "e1000": "e1000"}[config.net]
        args += ["-netdev", "user,id=net0", "-device", f"{card},netdev=net0,romfile="]
    return args + ["-device", "virtio-rng-pci"]


def arguments(config, folder):
    """QEMU's command line, without the ends that a person or a test attaches."""
    check_config(config)
    args = ["qemu-system-x86_64", "-machine", "pc", "-accel", config.accel or tcg(config.cpus),
            "-cpu", config.cpu, "-smp", str(config.cpus), "-m", str(config.memory),
            "-display", "none"]
    if not config.reboot:
        args.append("-no-reboot")
    return (args + boot_arguments(config, folder) + device_arguments(config) +
            list(config.qemu_args))


class Console:
    """The serial console: everything seen so far, kept in a log file too."""

    def __init__(self, process, log_path, echo=False):
        self.text = b""
        self.closed = False
        self.position = 0
        self.changed = threading.Condition()
        self.process = process
        self.echo = echo
        os.makedirs(os.path.dirname(os.path.abspath(log_path)), exist_ok=True)
        self.log = open(log_path, "wb", buffering=0)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            data = os.read(self.process.stdout.fileno(), 65536)
            if self.echo:
                sys.stderr.buffer.write(data)
                sys.stderr.flush()
            self.log.write(data)
            with self.changed:
                self.text += data
                self.closed = not data
                self.changed.notify_all()
            if not data:
                self.log.close()
                return

    def expect(self, pattern, timeout):
        """Wait for a regular expression behind what was matched before; return the match."""
        end = time.monotonic() + timeout
        compiled = re.compile(pattern.encode() if isinstance(pattern, str) else pattern)
        with self.changed:
            while True:
                match = compiled.search(self.text, self.position)
                if match:
                    self.position = match.end()
                    return match
                if self.closed:
                    raise Failure(f"the machine stopped before it printed '{pattern}'")
                if not self.changed.wait(max(0, end - time.monotonic())):
                    raise Failure(f"no '{pattern}' on the console within {timeout} s")

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()


class Channel:
    """Decodes the frames of dom0/report.c into a queue of (kind, bytes); ('', b'') at its end."""

    def __init__(self, fd):
        self.frames = queue.Queue()
        threading.Thread(target=self._read, args=(os.fdopen(fd, "rb"),), daemon=True).start()

    def _read(self, stream):
        while True:
            head = stream.read(3)
            if len(head) < 3:
                break
            data = stream.read(head[1] | head[2] << 8)
            self.frames.put((chr(head[0]), data))
        self.frames.put(("", b""))


def die_with_parent():
    """Between fork and exec: the kernel ends QEMU when this program is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Machine:
    """A running machine. Use it in a 'with' block: it never outlives that."""

    def __init__(self, config, log_path, echo=False):
        self.config = config
        self.log_path = log_path
        self.echo = echo
        self.events = []
        self.folder = tempfile.mkdtemp(prefix="xenios-")

    def __enter__(self):
        try:
            return self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _start(self):
        args = arguments(self.config, self.folder)
        control = os.path.join(self.folder, "qmp")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(control)
        listener.listen(1)
        listener.settimeout(20)
        read_end, write_end = os.pipe()
        args += ["-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1",
                 "-chardev", f"file,id=report,path=/dev/fd/{write_end}",
                 "-device", "isa-debugcon,iobase=0xe9,chardev=report",
                 "-chardev", f"socket,id=qmp,path={control}", "-mon", "chardev=qmp,mode=control"]
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, pass_fds=[write_end],
                                        preexec_fn=die_with_parent)
        os.close(write_end)
        self.channel = Channel(read_end)
        self.console = Console(self.process, self.log_path, self.echo)
        try:
            self.control, _ = listener.accept()
        except socket.timeout:
            self.process.kill()
            raise Failure("QEMU did not start; its log says why") from None
        finally:
            listener.close()
        self.control.sendall(b'{"execute":"qmp_capabilities"}\n')
        self.control_thread = threading.Thread(target=self._read_control, daemon=True)
        self.control_thread.start()
        return self

    def _read_control(self):
        buffer = b""
        while True:
            try:
                data = self.control.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            self.events += [message for message in map(json.loads, filter(None, lines))
                            if "event" in message]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.control.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_stop(self, timeout):
        """Wait for QEMU to end by itself; return why: guest-shutdown, guest-reset, ..."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"the machine did not power off within {timeout} s") from None
        self.control_thread.join(5)
        reasons = [e["data"]["reason"] for e in self.events if e["event"] == "SHUTDOWN"]
        return reasons[-1] if reasons else f"QEMU ended with {self.process.returncode}"

    def run(self, timeout, on_output=None):
        """Follow the command of the overlay to its end; return (status, output, errors)."""
        end = time.monotonic() + timeout
        output = {"o": b"", "e": b""}
        while True:
            try:
                kind, data = self.channel.frames.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise Failure(f"the command did not end within {timeout} s") from None
            if kind == "x" and len(data) == 1:
                return data[0], output["o"], output["e"]
            if kind not in output:
                raise Failure("the machine stopped before the command had ended")
            output[kind] += data
            if on_output:
                on_output(kind, data)
