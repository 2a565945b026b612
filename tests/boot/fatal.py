# SPDX-License-Identifier: BSD-2-Clause
"""What the hypervisor says of itself when it dies: registers, a backtrace with names, and what
becomes of the machine."""

import re
import time

import kernels
import machine
import mistakes

CONTROL_A = "\x01"
REGISTERS = ("RIP", "RSP", "RFLAGS", "CS", "SS", "RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP",
             "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "CR0", "CR2", "CR3", "CR4")


def start(config, log, options="", extra=()):
    """A machine whose control domain waits."""
    path = config.scratch(log, "module")
    config.write(path, kernels.elf())
    return machine.Machine(machine.start_command(config, options, path, extra=extra), log)


def check_dump(vm, vector, panic, functions):
    """Registers once; the backtrace names these functions, in this order; then the sentence."""
    vm.expect(r"^\(XEN\) Panic on CPU \d+: .*")
    if vm.text.count("Panic on CPU") != 1:
        raise machine.Failure("there is more than one panic")
    if not re.search(rf"^\(XEN\) Panic on CPU \d: {panic}$", vm.text, re.MULTILINE):
        raise machine.Failure(f"the console does not show the sentence '{panic}'")
    dump = vm.text[:vm.text.index("Panic on CPU")]
    if not re.search(rf"^\(XEN\) Vector {vector}, error code 0x[0-9a-f]+$", dump, re.MULTILINE):
        raise machine.Failure(f"the dump is not of vector {vector}")
    for name in REGISTERS:
        if len(re.findall(rf"\b{name} +[0-9a-f]{{4,16}}\b", dump)) != 1:
            raise machine.Failure(f"the dump does not show register {name} once")
    named = re.findall(r"^\(XEN\)   \[[0-9a-f]{16}\] (\w+)\+0x[0-9a-f]+$", dump, re.MULTILINE)
    found = iter(named)
    for function in functions:
        if function not in found:
            raise machine.Failure(f"no {function} in its place in the backtrace {named}")


def crash(config, log, options, end, extra=()):
    """Debug key C writes to the hypervisor's text."""
    with start(config, log, options, extra) as vm:
        vm.expect(r"^\(XEN\) Control domain: ")
        vm.send(CONTROL_A * 3)
        vm.expect(r"^\(XEN\) \*\*\* Serial input to Xen")
        vm.send("C")
        vm.expect(r"'C' pressed: crash the hypervisor on purpose")
        vm.expect(end)
        check_dump(vm, 14, r"Page fault in the hypervisor: address [0-9a-f]{16}, error code 0x3",
                   ["crash", "handle_keys", "softirq_run"])
        if end == mistakes.REBOOTS:
            vm.expect_end()
            return
        time.sleep(1)
        if vm.process.poll() is not None:
            raise machine.Failure("the machine did not stay stopped")


def key_reboots(config, log):
    crash(config, log, "", mistakes.REBOOTS)


def key_stops(config, log):
    crash(config, log, "noreboot", mistakes.STOPPED)


def key_with_two_cpus(config, log):
    """The other CPU is stopped, too, and says nothing."""
    crash(config, log, "noreboot", mistakes.STOPPED, ("-smp", "2"))


def guest_stops(config, log):
    """noreboot holds for a control domain that crashes, too."""
    module = config.guest("crash") + " no-handler"
    with machine.Machine(machine.start_command(config, "noreboot", module), log) as vm:
        vm.expect(r"^\(XEN\) Panic on CPU 0: Domain 0, which runs the machine, crashed$")
        vm.expect(mistakes.STOPPED)


def break_in(config, log, function, change):
    """Stop at a function's first instruction, change something, go on; return what was printed."""
    port = config.scratch(log, "gdb")
    extra = ("-S", "-gdb", f"unix:{port},server=on,wait=off")
    with start(config, log, "noreboot", extra) as vm, machine.Debugger(port) as debugger:
        debugger.run_to(machine.symbol(config, function))
        change(debugger)
        debugger.go()
        vm.expect(mistakes.STOPPED)
        return vm


def stack_overflow(config, log):
    """The stack pointer at the stack's end: the next push meets the guard page."""
    def move_stack(debugger):
        top = debugger.get_register(debugger.RSP) | 0xffff
        debugger.set_register(debugger.RSP, top - 0xffff + 9 * 4096)

    vm = break_in(config, log, "hypercall_sched_op", move_stack)
    check_dump(vm, 8, r"Stack overflow in the hypervisor \(double fault\): "
               r"nothing is mapped at [0-9a-f]{12}8ff8", ["hypercall_sched_op"])


def early_fault(config, log):
    """Before the hypervisor has tables and stacks of its own."""
    vm = break_in(config, log, "cpu_identify", lambda debugger: debugger.set_register(
        debugger.RIP, 0x8000000000000 + 0x1000))
    check_dump(vm, 13, r"general protection fault in the hypervisor, error code 0x0",
               ["boot_start"])


def cases():
    for test in (key_reboots, key_stops, key_with_two_cpus, guest_stops, stack_overflow,
                 early_fault):
        yield f"fatal/{test.__name__.replace('_', '-')}", test
