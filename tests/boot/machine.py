# SPDX-License-Identifier: BSD-2-Clause
"""One emulated PC, its serial console and its debugger port."""

import os
import re
import socket
import subprocess
import threading
import time

TIME_LIMIT = 90


class Failure(Exception):
    """What the machine did is not what was expected; the text is one line for a person."""


def start_command(config, options, module, memory=128, cpu="qemu64,+nx", extra=()):
    """QEMU's command line for a multiboot start; module: path, perhaps with words, or None."""
    line = f"com1=115200,8n1 console=com1 {options}".strip()
    return (base_command(memory, cpu) + ["-kernel", config.hypervisor, "-append", line] +
            (["-initrd", module] if module else []) + list(extra))


def base_command(memory=128, cpu="qemu64,+nx"):
    return ["qemu-system-x86_64", "-accel", "tcg", "-cpu", cpu, "-m", str(memory), "-no-reboot",
            "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none"]


class Machine:
    """A running machine. Use it in a 'with' block: it never outlives that."""

    def __init__(self, command, log):
        self.text = ""
        self.closed = False
        self.changed = threading.Condition()
        self.log = open(log, "w", encoding="utf-8")
        self.log.write(" ".join(command) + "\n")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        # Not line by line: a machine that stopped may leave its last line without an end.
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            text = chunk.decode("utf-8", "replace").replace("\r", "")
            self.log.write(text)
            self.log.flush()
            with self.changed:
                self.text += text
                self.changed.notify_all()
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def expect(self, pattern, limit=TIME_LIMIT):
        """Wait until the console has shown this regular expression; return the match."""
        compiled = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + limit
        with self.changed:
            while not (match := compiled.search(self.text)):
                if self.closed:
                    raise Failure(f"the machine stopped before it printed '{pattern}'")
                if not self.changed.wait(max(0, end - time.monotonic())):
                    raise Failure(f"no '{pattern}' on the console within {limit} s")
            return match

    def expect_end(self, limit=TIME_LIMIT):
        """Wait until the machine resets itself (which ends QEMU) or turns itself off."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failure(f"the machine has not restarted within {limit} s") from None
        self.reader.join()

    def send(self, keys):
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()


class Debugger:
    """QEMU's debugger port (the GDB remote protocol): enough to stop, look and change."""

    RAX, RSP, RIP = 0, 7, 16

    def __init__(self, path, limit=TIME_LIMIT):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(limit)
        end = time.monotonic() + 10
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise Failure("QEMU's debugger port does not answer") from None
                time.sleep(0.05)
        self.buffer = b""
        # Only a client that has asked for the registers' description may name single ones.
        self.ask("qXfer:features:read:target.xml:0,ffb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _send(self, text):
        self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xff))

    def _receive(self):
        while not (match := re.search(rb"\$([^#]*)#..", self.buffer, re.DOTALL)):
            try:
                chunk = self.socket.recv(65536)
            except socket.timeout:
                raise Failure("QEMU's debugger port went silent") from None
            if not chunk:
                raise Failure("the machine ended while it was looked at")
            self.buffer += chunk
        self.buffer = self.buffer[match.end():]
        self.socket.sendall(b"+")
        return match[1].decode("latin-1")

    def ask(self, text):
        self._send(text)
        answer = self._receive()
        while text != "c" and re.match(r"[ST][0-9a-f]{2}", answer):
            answer = self._receive()    # news that the machine has stopped, on its way before
        if re.fullmatch(r"E..", answer):
            raise Failure(f"QEMU's debugger port refuses '{text}'")
        return answer

    def set_register(self, number, value):
        self.ask(f"P{number:x}={value.to_bytes(8, 'little').hex()}")

    def get_register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}"))[:8], "little")

    def read_memory(self, address, size):
        """Any size: QEMU's answers are limited, so it asks in pieces."""
        data = b""
        while len(data) < size:
            data += bytes.fromhex(self.ask(f"m{address + len(data):x},"
                                           f"{min(size - len(data), 1024):x}"))
        return data

    def run_to(self, address):
        self.ask(f"Z1,{address:x},1")
        self.ask("c")
        self.ask(f"z1,{address:x},1")

    def go(self):
        self._send("c")


def symbol(config, name):
    """The address of a function or variable of the hypervisor."""
    listing = subprocess.run(["nm", config.hypervisor], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[2] == name:
            return int(fields[0], 16)
    raise Failure(f"the hypervisor has no symbol {name}")
