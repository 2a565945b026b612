# SPDX-License-Identifier: BSD-2-Clause
"""The hypervisor's command line: what it cannot use is reported by name, and boot goes on."""

import re

import machine
import options

# A value that each option cannot use. watchdog_timeout and maxcpus: unsigned integers.
MALFORMED = {
    "com1": "fast", "com2": "115200,9z1", "console": "com1,printer", "console_timestamps": "yes",
    "conswitch": "A", "dom0_max_vcpus": "4-2", "dom0_mem": "512X", "dom0_vcpus_pin": "cpu1",
    "guest_loglvl": "warning/error", "hvm": "perhaps", "loglvl": "loud", "maxcpus": "all",
    "nmi": "dom1", "noreboot": "maybe", "reboot": "later", "ucode": "latest", "vga": "text-132x50",
    "watchdog": "2", "watchdog_timeout": "5s", "x2apic": "auto",
}

UNUSABLE = r'Command line: option "([^"]+)": cannot use the value "([^"]*)"; it has no effect\.'
UNKNOWN = r'Command line: option "([^"]+)" is unknown or not supported yet; it has no effect\.'


def boot(config, log, line, words="", guest="hello"):
    """Boot a guest to its good verdict with this command line; return the console's text."""
    module = f"{config.guest(guest)} {words}".strip()
    with machine.Machine(machine.start_command(config, line, module), log) as vm:
        vm.expect(r"^VERDICT pass")
        return vm.text


def compare(what, got, want):
    if sorted(got) != sorted(want):
        raise machine.Failure(f"{what}: reported {sorted(got)} instead of {sorted(want)}")


def table(_config, _log):
    found = options.problems()
    if found:
        raise machine.Failure("; ".join(found))


def unknown(config, log):
    words = ["nosuchoption", "other=7", "no-nosuch", "no-dom0_mem", "iommu=on"]
    text = boot(config, log, " ".join(words))
    compare("unknown", re.findall(UNKNOWN, text), [word.split("=")[0] for word in words])


def malformed(config, log):
    """Every option that there is."""
    compare("the list of this test", MALFORMED, options.declared())
    pairs = list(MALFORMED.items())
    text = boot(config, log, " ".join(f"{name}={value}" for name, value in pairs))
    compare("malformed", re.findall(UNUSABLE, text), pairs)


def sizes(config, log):
    """A value that is wrong at its end must not be taken in part."""
    bad = ["", "0", "64M,", "64M,min:", "64M,128X", "99999999999999999999", "17179869184G", "--1M"]
    text = boot(config, log, "dom0_mem=48M " + " ".join(f"dom0_mem={value}" for value in bad))
    compare("sizes", re.findall(UNUSABLE, text), [("dom0_mem", value) for value in bad])
    if "Control domain: 48 MiB" not in text:
        raise machine.Failure("the good value was not kept")


def no_value(config, log):
    """Options that need a value and have none."""
    bare = ["dom0_mem", "dom0_max_vcpus", "console", "com2", "loglvl", "maxcpus", "nmi", "reboot"]
    text = boot(config, log, " ".join(bare))
    compare("without value", re.findall(UNUSABLE, text), [(name, "") for name in bare])


def without_effect(config, log):
    """Well formed, but nothing follows from them here."""
    text = boot(config, log, "com2=115200 watchdog_timeout=9 ucode=7")
    for sentence in (r'option "com2" has no effect: console= does not name it\.',
                     r'option "watchdog_timeout" has no effect without watchdog\.',
                     r"Option ucode=7: there are only 1 modules"):
        if not re.search(sentence, text):
            raise machine.Failure(f"no '{sentence}' on the console")


def watchdog(config, log):
    """No emulated CPU has the counter."""
    text = boot(config, log, "watchdog")
    if "CPU0: the watchdog is off: no usable performance counter" not in text:
        raise machine.Failure("it is not said that the watchdog is off")


def silent(config, log):
    """No complaint about what is right."""
    text = boot(config, log, "dom0_mem=min:16M,max:2G,64M dom0_max_vcpus=1-4 no-x2apic nmi=fatal "
                "console_timestamps=none loglvl=all guest_loglvl=all/all reboot=k,p dom0_vcpus_pin")
    if match := re.search(r"Command line: .*", text):
        raise machine.Failure(match[0])


def no_com1(config, log):
    """console=com1 is enough: the port stays at the firmware's speed."""
    command = machine.start_command(config, "", config.guest("hello"))
    command[command.index("-append") + 1] = "console=com1"
    with machine.Machine(command, log) as vm:
        vm.expect(r"^VERDICT pass")


def no_port(config, log):
    text = boot(config, log, "com2=115200 console=com1,com2")
    if not re.search(r"com2: no serial port answers at 0x2f8; it is not used\.", text):
        raise machine.Failure("it is not said that the port is missing")


def too_long(config, log):
    """Both command lines have 1,023 bytes."""
    text = boot(config, log, " ".join(["loglvl=all"] * 120), words="word " * 300)
    for sentence in (r"Command line: longer than 1023 bytes; the rest is ignored\.",
                     r"The kernel's command line is longer than 1023 bytes; the rest is cut off\."):
        if not re.search(sentence, text):
            raise machine.Failure(f"no '{sentence}' on the console")


def cases():
    for test in (table, unknown, malformed, sizes, no_value, without_effect, watchdog, silent,
                 no_com1, no_port, too_long):
        yield f"options/{test.__name__.replace('_', '-')}", test
