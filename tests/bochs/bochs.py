# SPDX-License-Identifier: BSD-2-Clause
"""An emulated PC with VT-x: Bochs, headless, started from a CD; its serial port is a file.

docs/emulators.md says what is known of it. Machine starts one for a test and reads its console.
"""

import gzip
import os
import re
import shutil
import subprocess
import tempfile
import time

ROMS = "/usr/share/bochs"
CONFIG = """\
memory: guest={memory}, host={memory}
cpu: model={model}, count={cpus}, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
pci: enabled=1, chipset=i440fx
clock: sync=none, time0=local
romimage: file={roms}/BIOS-bochs-latest
vgaromimage: file={roms}/VGABIOS-lgpl-latest
ata0: enabled=1
ata0-master: type=cdrom, path=boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial.txt
sound: driver=dummy
display_library: rfb, options="timeout=0"
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
log: bochs.log
"""
# GRUB's multiboot2 ends in a triple fault there; multiboot works.
MENU = """\
set timeout=0
menuentry test {{
    multiboot /boot/xenios.gz com1=115200,8n1 console=com1 {options}
{modules}
    boot
}}
"""


class Failure(Exception):
    """What the machine did is not what was expected; the text is one line for a person."""


def write_disc(folder, hypervisor, options, modules):
    """A CD that starts the hypervisor with modules [(path or bytes, command line)]."""
    tree = os.path.join(folder, "disc")
    os.makedirs(os.path.join(tree, "boot/grub"))
    with open(hypervisor, "rb") as source, \
            gzip.open(os.path.join(tree, "boot/xenios.gz"), "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target)
    lines = []
    for number, (module, words) in enumerate(modules):
        place = os.path.join(tree, f"boot/module{number}")
        if isinstance(module, bytes):
            with open(place, "wb") as file:
                file.write(module)
        else:
            shutil.copy(module, place)
        lines.append(f"    module /boot/module{number} {words}")
    with open(os.path.join(tree, "boot/grub/grub.cfg"), "w", encoding="utf-8") as file:
        file.write(MENU.format(options=options, modules="\n".join(lines)))
    done = subprocess.run(["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o",
                           os.path.join(folder, "boot.iso"), "--compress=xz", "--fonts=",
                           "--themes=", "--locales=", tree],
                          capture_output=True, text=True, check=False)
    shutil.rmtree(tree)
    if done.returncode != 0:
        raise Failure(f"grub-mkrescue failed: {' '.join(done.stderr.split())}")


class Machine:
    """A machine that runs; use it in a 'with'. text is what the console has printed so far."""

    def __init__(self, log, hypervisor, modules, options="", memory=512, cpus=1,
                 model="corei7_haswell_4770"):
        self.log, self.text = log, ""
        self.folder = tempfile.mkdtemp(prefix="xenios-bochs-")
        try:
            write_disc(self.folder, hypervisor, options, modules)
            self.write("bochsrc", CONFIG.format(memory=memory, cpus=cpus, model=model,
                                                roms=ROMS))
            # The debugger that Debian's package has is told to continue.
            self.write("commands", "c\n")
            # pylint: disable=consider-using-with
            self.output = open(os.path.join(self.folder, "output"), "wb")
            self.process = subprocess.Popen(
                ["bochs-bin", "-q", "-f", "bochsrc", "-rc", "commands"], cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT)
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def expect(self, pattern, seconds):
        """The match of a pattern in the console's text, as soon as it is there."""
        limit = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            self.text = self.read("serial.txt").replace("\r", "")
            match = re.search(pattern, self.text, re.MULTILINE)
            if match:
                return match
            if ended:
                raise Failure(f"the machine ended before '{pattern}'; {self.last_words()}")
            if time.monotonic() > limit:
                raise Failure(f"no '{pattern}' in {seconds} s; {self.last_words()}")
            time.sleep(0.1)

    def last_words(self):
        lines = self.text.split("\n")
        panics = re.findall(r"PANIC<< (.*)", self.read("bochs.log"))
        return (f"last line: {next((line for line in lines[::-1] if line), 'none')}" +
                (f"; Bochs: {panics[-1]}" if panics else ""))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.output.close()
        with open(self.log, "w", encoding="utf-8") as file:
            file.write(self.read("serial.txt"))
            file.write("\n--- what Bochs says ---\n")
            file.write("\n".join(self.read("bochs.log").split("\n")[-60:]))
        shutil.rmtree(self.folder)
