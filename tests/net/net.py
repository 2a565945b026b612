#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""'xl net' with the kernel's real network, in network namespaces of its own: dom0, a guest behind
a port of the bridge, and the world behind dom0's uplink. Writes one line a test to RESULTS.

    net.py TOOL FOLDER RESULTS

TOOL is net_tool.c, built with FOLDER for /etc/xen and /run/xl.
"""

import atexit
import os
import subprocess
import sys


def run(*words, check=True, **more):
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: status {done.returncode}: "
                             f"{done.stdout}{done.stderr}")
    return done


class Room:
    """A network namespace, kept by a process that sleeps in it."""

    def __init__(self):
        # /sys shows the interfaces of the namespace that mounted it.
        self.holder = subprocess.Popen(
            ["unshare", "-nm", "sh", "-c", "mount -t sysfs sysfs /sys && echo && exec sleep 1000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        atexit.register(self.holder.kill)
        self.holder.stdout.readline()
        self.sh("ip link set lo up")

    def sh(self, command, check=True):
        return run("nsenter", "-t", str(self.holder.pid), "-n", "-m", "sh", "-c", command,
                   check=check)

    def close(self):
        self.holder.kill()
        self.holder.wait()


def cable(left, left_name, right, right_name):
    left.sh(f"ip link add {left_name} type veth peer name {right_name} "
            f"netns {right.holder.pid}")
    left.sh(f"ip link set {left_name} up")
    right.sh(f"ip link set {right_name} up")


class Net:
    """dom0 with an uplink to the world, and a guest that is not plugged in yet."""

    def __init__(self, tool, folder):
        self.tool, self.folder, self.path = tool, folder, ""
        self.dom0, self.world, self.guest = Room(), Room(), Room()
        cable(self.dom0, "up0", self.world, "w0")
        cable(self.dom0, "vif1.0", self.guest, "eth0")
        self.dom0.sh("ip addr add 192.0.2.1/24 dev up0; ip route add default via 192.0.2.9")
        self.world.sh("ip addr add 192.0.2.9/24 dev w0")
        for name in os.listdir(folder):
            if name != "bin":
                os.unlink(os.path.join(folder, name))

    def xl(self, words, status=0):
        done = self.dom0.sh(f"{self.path} {self.tool} {words}", check=False)
        text = done.stdout + done.stderr
        if done.returncode != status:
            raise AssertionError(f"xl net {words}: status {done.returncode}: {text}")
        return text

    def plug_in(self):
        self.dom0.sh("ip link set vif1.0 master xenbr0")

    def close(self):
        self.dom0.sh(f"ip link set vif1.0 nomaster; {self.tool} remove", check=False)
        for room in (self.dom0, self.world, self.guest):
            room.close()


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"'{part}' is not in: {text}")


def set_address_by_hand(net):
    net.guest.sh("ip addr add 10.130.0.77/24 dev eth0; ip route add default via 10.130.0.1")


def test_guests_reach_the_world_as_dom0(net):
    """The world has no route back: only a translated packet can be answered."""
    net.xl("init")
    net.plug_in()
    set_address_by_hand(net)
    net.guest.sh("busybox ping -c 1 -W 5 192.0.2.9")
    net.guest.sh("busybox ping -c 1 -W 5 10.130.0.1")


def test_says_what_it_did(net):
    has(net.xl("init"), "Bridge xenbr0: made; its address is 10.130.0.1/24.",
        "IPv4 forwarding: switched on.", "Address translation of 10.130.0.0/24: set",
        "Addresses for guests:", "vif = [ 'bridge=xenbr0' ]")


def test_again_changes_nothing(net):
    net.xl("init")
    before = net.dom0.sh("ip -o addr show dev xenbr0; ip -o link show dev xenbr0").stdout
    has(net.xl("init"), "Bridge xenbr0: is there", "IPv4 forwarding: is on", "set anew")
    after = net.dom0.sh("ip -o addr show dev xenbr0; ip -o link show dev xenbr0").stdout
    assert before == after, f"{before} is now {after}"


def test_show_says_what_lacks(net):
    has(net.xl("show", 1), "There is no network for guests", "xl net init")
    net.xl("init")
    net.xl("show")
    net.dom0.sh("ip addr flush dev xenbr0; echo 0 > /proc/sys/net/ipv4/ip_forward; "
                "ip route del default")
    has(net.xl("show", 1), "address              MISSING", "IPv4 forwarding      OFF",
        "way to the world     MISSING")
    net.xl("init")
    has(net.xl("show", 1), "10.130.0.1/24", "way to the world     MISSING")


def test_after_a_restart_of_the_machine_it_is_the_same(net):
    net.xl("init --bridge=xenbr7 --network=10.200.8.0/21")
    net.dom0.sh("ip link del xenbr7")
    has(net.xl("init"), "Bridge xenbr7: made; its address is 10.200.8.1/21.")


def test_remove_takes_all_back(net):
    net.xl("init")
    net.xl("remove")
    assert net.dom0.sh("ip link show dev xenbr0", check=False).returncode != 0
    assert not os.path.exists(os.path.join(net.folder, "net.conf"))
    has(net.xl("show", 1), "There is no network")
    net.xl("remove")


def test_remove_refuses_while_guests_use_it(net):
    net.xl("init")
    net.plug_in()
    has(net.xl("remove", 1), "xenbr0 is in use")
    net.dom0.sh("ip link set vif1.0 nomaster")


def test_a_bridge_of_others_is_left_alone(net):
    net.dom0.sh("ip link add xenbr0 type bridge; ip link set up0 master xenbr0; "
                "ip addr add 198.51.100.1/24 dev xenbr0")
    has(net.xl("init", 1), "in use already", "--bridge")
    assert "10.130" not in net.dom0.sh("ip addr show dev xenbr0").stdout


def test_an_interface_that_is_no_bridge(net):
    has(net.xl("init --bridge=up0", 1), "up0 is an interface, but not a bridge")


def test_a_network_that_dom0_is_in(net):
    has(net.xl("init --network=192.0.2.0/28", 1), "192.0.2.0/28 is in use", "up0", "192.0.2.1")
    net.dom0.sh("ip addr add 10.130.0.200/16 dev up0")
    has(net.xl("init"), "10.131.0.1/24")


def test_words_that_are_wrong(net):
    has(net.xl("init --network=10.0.0.1", 1), "is not ADDRESS/BITS")
    has(net.xl("init --network=10.0.0.0/31", 1), "it must be 8 to 29")
    has(net.xl("init --network=10.0.0.300/24", 1), "is not ADDRESS/BITS")
    has(net.xl("init --bridge=a/b", 1), "cannot be the name")
    has(net.xl("init --bridge=abcdefghijklmnop", 1), "cannot be the name")
    net.xl("start", 2)
    net.xl("init now", 2)
    with open(os.path.join(net.folder, "net.conf"), "w", encoding="utf-8") as file:
        file.write("bridge=xenbr0\nnetwrk=10.0.0.0/24\n")
    has(net.xl("init", 1), "net.conf:2: it should be")


def test_a_firewall_that_drops_is_named(net):
    net.xl("init")
    if run("sh", "-c", "command -v nft", check=False).returncode != 0:
        raise Skip("nft is not installed")
    net.dom0.sh("nft 'table ip host { chain fw { type filter hook forward priority 0; "
                "policy drop; }; }'")
    has(net.xl("show", 1), "DROPPED by default in table host, chain fw")


def test_the_rule_is_what_nft_reads(net):
    if run("sh", "-c", "command -v nft", check=False).returncode != 0:
        raise Skip("nft is not installed")
    net.xl("init")
    has(net.dom0.sh("nft list table ip xl_net").stdout,
        "type nat hook postrouting priority srcnat",
        'ip saddr 10.130.0.0/24 oifname != "xenbr0" masquerade')


def ask_for_address(net):
    net.xl("init")
    net.plug_in()
    script = os.path.join(net.folder, "script")
    with open(script, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\n[ "$1" = bound ] || exit 0\nip addr add "$ip/$mask" dev eth0\n'
                   'ip route add default via "$router"\n')
    os.chmod(script, 0o755)
    net.guest.sh(f"busybox udhcpc -i eth0 -n -q -t 20 -T 1 -s {script}")
    has(net.guest.sh("ip addr show dev eth0").stdout, "10.130.0.")
    net.guest.sh("busybox ping -c 1 -W 5 192.0.2.9")


def test_a_guest_gets_an_address_from_dnsmasq(net):
    if run("sh", "-c", "command -v dnsmasq", check=False).returncode != 0:
        raise Skip("dnsmasq is not installed")
    ask_for_address(net)


def test_a_guest_gets_an_address_from_udhcpd(net):
    """As in a dom0 that has busybox and no dnsmasq."""
    folder = os.path.join(net.folder, "bin")
    os.makedirs(folder, exist_ok=True)
    for name in ("udhcpd", "sh"):
        if not os.path.lexists(os.path.join(folder, name)):
            os.symlink("/bin/busybox", os.path.join(folder, name))
    net.dom0.sh("for file in /usr/sbin/dnsmasq; do [ ! -e $file ] || "
                "mount --bind /dev/null $file; done")
    net.path = f"PATH={folder}:$PATH"
    ask_for_address(net)
    has(net.xl("show"), "DHCP for guests      udhcpd")


class Skip(Exception):
    pass


class Results:
    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.failed = 0

    def add(self, verdict, name, why=""):
        line = f"{verdict} net/{name}{': ' if why else ''}{' '.join(why.split())}"
        print(line, flush=True)
        self.file.write(line + "\n")
        self.failed += verdict == "fail"


def run_one(results, tool, folder, function, name):
    net = Net(tool, folder)
    try:
        function(net)
        results.add("pass", name)
    except Skip as skip:
        results.add("skip", name, str(skip))
    except (AssertionError, subprocess.TimeoutExpired) as failure:
        results.add("fail", name, str(failure) or "an assertion")
    finally:
        net.close()


def main():
    tool, folder, path = sys.argv[1:4]
    results = Results(path)
    os.makedirs(folder, exist_ok=True)
    tests = [(name[5:], function) for name, function in sorted(globals().items())
             if name.startswith("test_")]
    if run("unshare", "-nm", "true", check=False).returncode != 0:
        for name, _ in tests:
            results.add("skip", name, "network namespaces need root")
        return 0
    for name, function in tests:
        run_one(results, os.path.abspath(tool), os.path.abspath(folder), function, name)
    return results.failed != 0


if __name__ == "__main__":
    sys.exit(main())
