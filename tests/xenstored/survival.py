# SPDX-License-Identifier: BSD-2-Clause
"""What outlives a daemon that is killed or replaced, and what clients notice of it."""

import os
import random
import signal
import subprocess
import threading
import time

import wire
from protocol import drain, equal, fails, guest_folder
from world import REQ_CONS, REQ_PROD, RING, RSP_CONS, RSP_PROD, Ring
from wire import StoreError


def restart(store):
    """Kills the daemon and starts another one."""
    store.kill()
    store.start()


def update(store):
    """A planned restart: the same process, a new program."""
    with store.dom0() as c:
        before = restarts(c)
        equal(c.control("live-update", "-s"), b"OK\0")
        equal(restarts(c), before + 1)


def restarts(client):
    return int(client.control("memreport").split(b" restarts")[0].split()[-1])


def test_kill_keeps(store):
    """Nodes, rights, watches of a guest, introduction and quotas are what they were."""
    guest = store.guest(5)
    guest_folder(store, 5)
    with store.dom0() as c:
        c.write("/kept", b"value")
        c.set_perms("/kept", "n0", "r5")
        c.control("quota", "set", "nodes", "50")
    guest.watch("/kept", "t")
    drain(guest)
    guest.write("data", b"1")
    restart(store)
    with store.dom0() as c:
        equal(c.read("/kept"), b"value")
        equal(c.get_perms("/kept"), ["n0", "r5"])
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"T\0")
        equal(c.control("check"), b"OK\0")
        assert b":       50 Nodes" in c.control("quota")
        c.write("/kept", b"again")
    equal(guest.event(), (b"/kept", b"t"))
    equal(guest.read("data"), b"1")


def test_kill_drops_sockets(store):
    """Clients on sockets are gone with the daemon, and so are their watches and transactions."""
    with store.dom0() as c:
        c.watch("/x", "t")
        tx = c.start()
        c.write("/x", b"1", tx=tx)
        restart(store)
        try:
            c.read("/")
            raise AssertionError("the connection survived")
        except (wire.Closed, ConnectionError):
            pass
    with store.dom0() as c:
        fails("ENOENT", c.read, "/x")
        assert b"watches         :        0" in c.control("quota", "0"), c.control("quota", "0")


def test_kill_transactions(store):
    """A transaction that was open ends with EAGAIN, and can be used until then."""
    guest = store.guest(5)
    guest_folder(store, 5)
    tx = guest.start()
    guest.write("in", b"1", tx=tx)
    restart(store)
    equal(guest.read("in", tx=tx), b"1")
    equal(guest.write("more", b"2", tx=tx), b"OK\0")
    fails("EAGAIN", guest.end, tx)
    fails("ENOENT", guest.read, "in")
    tx = guest.start()
    guest.write("in", b"2", tx=tx)
    equal(guest.end(tx), b"OK\0")


def test_kill_half_request(store):
    """A request that the daemon had read in part is answered once."""
    guest = store.guest(5)
    guest_folder(store, 5)
    data = wire.frame("WRITE", b"data\0" + b"x" * 1800, req=77)
    guest.send_raw(data[:1500])
    end = time.monotonic() + 5
    while guest.get(REQ_CONS) != guest.get(REQ_PROD) and time.monotonic() < end:
        time.sleep(0.01)
    restart(store)
    guest.send_raw(data[1500:])
    equal(guest.reply(77), b"OK\0")
    assert guest.no_event(0.3), "a second answer"
    equal(guest.read("data"), b"x" * 1800)


def test_kill_waiting_answers(store):
    """Answers that the guest has not taken come, each once and in order."""
    guest = store.guest(5)
    with store.dom0() as c:
        c.write("/long", b"v" * 900)
        c.set_perms("/long", "r0")
    for _ in range(3):
        for _ in range(8):
            guest.send("READ", b"/long\0")
        time.sleep(0.1)
        restart(store)
        first = guest.next_req - 8
        for i in range(8):
            equal(guest.reply(first + i), b"v" * 900)


def test_dead_meanwhile(store):
    """A domain that died while no daemon ran is found dead."""
    store.guest(5)
    guest_folder(store, 5)
    store.kill()
    store.world.set_state(5, None)
    store.start()
    with store.dom0() as c:
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"F\0")
        fails("ENOENT", c.read, "/local/domain/5")
        equal(c.control("check"), b"OK\0")


class Load:
    """A guest that writes at random and remembers what was acknowledged."""

    def __init__(self, store, domid, seed):
        self.guest = store.guest(domid)
        guest_folder(store, domid)
        self.random = random.Random(seed)
        self.model = {}
        self.problem = None
        self.done = 0
        self.stop = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        try:
            while not self.stop:
                self.step()
                self.done += 1
        except Exception as error:  # pylint: disable=broad-except
            self.problem = error

    def step(self):
        """One change, at once or in a transaction; what is read must be what was written."""
        key = f"k{self.random.randrange(30)}"
        value = b"%d" % self.random.randrange(10**9) * self.random.randrange(1, 30)
        kind = self.random.randrange(6)
        if kind < 3:
            self.guest.write(key, value)
            self.model[key] = value
        elif kind == 3:
            self.guest.rm(key)
            self.model.pop(key, None)
        elif kind == 4:
            self.transaction(key, value)
        else:
            try:
                got = self.guest.read(key)
            except StoreError as error:
                got = None if error.args[0] == "ENOENT" else error
            if got != self.model.get(key):
                raise AssertionError(f"{key} is {got}, not {self.model.get(key)}")

    def transaction(self, key, value):
        tx = self.guest.start()
        self.guest.write(key, value, tx=tx)
        self.guest.write(key + "/below", value, tx=tx)
        self.guest.rm(key + "/below", tx=tx)
        try:
            self.guest.end(tx)
            self.model[key] = value
        except StoreError as error:
            if error.args[0] != "EAGAIN":
                raise


def run_load(store, times, disturb):
    """Guests write while the store is disturbed; nothing that was acknowledged may be lost."""
    loads = [Load(store, domid, domid) for domid in (5, 6, 7)]
    for load in loads:
        load.thread.start()
    chance = random.Random(1)
    for _ in range(times):
        time.sleep(chance.random() * 0.06)
        disturb(store)
    for load in loads:
        load.stop = True
        load.thread.join(30)
        if load.problem:
            raise load.problem
        assert load.done > times / 2, f"domain {load.guest.domid} got but {load.done} turns"
    with store.dom0() as c:
        equal(c.control("check"), b"OK\0")
        for load in loads:
            folder = f"/local/domain/{load.guest.domid}"
            equal(sorted(c.directory(folder)), sorted(load.model))
            for key, value in load.model.items():
                equal(c.read(f"{folder}/{key}"), value)


def test_kill_loop(store):
    """Killed again and again at random moments, under load."""
    def disturb(store):
        store.process.send_signal(signal.SIGKILL)
        store.process.wait()
        store.start()

    run_load(store, int(os.environ.get("XENSTORED_KILLS", "40")), disturb)


def test_update_loop(store):
    """Replaced again and again, under load; a socket client stays connected through all of it."""
    witness = store.client()
    witness.watch("/beat", "t")
    witness.event()
    beats = [0]

    def disturb(store):
        store.process.send_signal(signal.SIGUSR1)
        beats[0] += 1
        witness.write("/beat", b"%d" % beats[0])
        equal(witness.event(), (b"/beat", b"t"))
        equal(witness.read("/beat"), b"%d" % beats[0])

    pid = store.process.pid
    run_load(store, 30, disturb)
    equal(store.process.pid, pid)
    assert restarts(witness) > 10, f"{restarts(witness)} restarts"
    witness.close()


def test_update_transaction(store):
    """A planned restart leaves transactions open, and half of a request where it is."""
    with store.dom0() as c:
        tx = c.start()
        c.write("/tx", b"1", tx=tx)
        data = wire.frame("READ", b"/tool\0", req=5)
        c.send_raw(data[:20])
        time.sleep(0.1)
        update(store)
        c.send_raw(data[20:])
        equal(c.receive()[:2], (2, 5))
        equal(c.end(tx), b"OK\0")
        equal(c.read("/tx"), b"1")


def test_update_bad_program(store):
    with store.dom0() as c:
        fails("ENOENT", c.control, "live-update", "-f", "/nowhere")
        assert b"cannot take over" in c.control("live-update", "-f", "/bin/true")
        equal(c.control("live-update", "-f", store.program), b"OK\0")
        equal(c.control("live-update", "-s"), b"OK\0")
        equal(c.read("/"), b"")


def test_two_daemons(store):
    """A second daemon on the same state is refused, and the first goes on."""
    second = subprocess.run([store.program, "-N"], capture_output=True, check=False, timeout=20,
                            env=dict(os.environ, XENSTORED_RUNDIR=store.folder))
    equal(second.returncode, 1)
    assert b"another xenstored uses it" in second.stderr, second.stderr
    with store.dom0() as c:
        equal(c.read("/"), b"")


def test_damaged_state(store):
    store.kill()
    with open(os.path.join(store.folder, "state"), "r+b") as file:
        file.write(b"this is not a state file at all")
    try:
        store.start()
        raise AssertionError("it starts with a damaged file")
    except AssertionError as error:
        assert "does not start" in str(error), error
    with open(os.path.join(store.folder, "log"), encoding="utf-8") as log:
        assert "damaged" in log.read()
    os.unlink(os.path.join(store.folder, "state"))
    store.start()


class SmallStore:
    """A store whose state is on a file system of so many KiB, seen by nobody else."""

    def __init__(self, store, kib):
        self.folder = os.path.join(store.folder, "small")
        self.socket = os.path.join(store.folder, "small-socket")
        os.mkdir(self.folder)
        self.process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size={kib}k none {self.folder} && "
             f"exec {store.program} -N -D"], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=dict(os.environ, XENSTORED_RUNDIR=self.folder, XENSTORED_PATH=self.socket))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.rmdir(self.folder)

    def client(self):
        end = time.monotonic() + 10
        while not os.path.exists(self.socket) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        return wire.Client(self.socket)


def test_full_at_start(store):
    """No room for the state: a sentence that says so."""
    with SmallStore(store, 800) as small:
        equal(small.process.wait(20), 1)
        text = small.process.stderr.read()
        assert b"the file system is full; 2 MiB are needed" in text, text


def test_full_later(store):
    """No more room: writes are refused, nothing else changes, and there is room again later."""
    with SmallStore(store, 3500) as small:
        c = small.client()
        refused = made = 0
        for i in range(4000):
            try:
                c.write(f"/full/{i}", b"x" * 1000)
                made += 1
            except StoreError as error:
                equal(error.args[0], "ENOSPC")
                refused += 1
        assert made > 1000 and refused > 1000, f"{made} made, {refused} refused"
        equal(len(c.read("/full/0")), 1000)
        equal(c.control("check"), b"OK\0")
        for i in range(4000):
            c.rm(f"/full/{i}")
        equal(c.write("/again", b"x" * 1000), b"OK\0")
        c.close()


# --- guests that mean harm ---

def test_broken_indexes(store):
    """A guest that spoils its ring loses its service, and nobody else does."""
    for domid, at, value in ((5, REQ_PROD, 0x80000000), (6, RSP_CONS, 123456)):
        bad = store.guest(domid)
        bad.put(at, value)
        bad.send_raw(wire.frame("READ", b"/tool\0", req=1)) if at == RSP_CONS else bad.notify()
        time.sleep(0.2)
        equal(bad.get(2072), 2)
        with store.dom0() as c:
            equal(c.read("/"), b"")
            equal(c.control("check"), b"OK\0")


def test_broken_length(store):
    bad = store.guest(5)
    bad.send_raw(wire.HEADER.pack(2, 1, 0, 0x10000000))
    time.sleep(0.2)
    equal(bad.get(2072), 3)
    with store.dom0() as c:
        equal(c.read("/"), b"")


def test_counters_not_believed(store):
    """What a guest writes over the store's own counts in its page does not matter."""
    guest = store.guest(5)
    guest_folder(store, 5)
    guest.write("a", b"1")
    cons, prod = guest.get(REQ_CONS), guest.get(RSP_PROD)
    guest.put(REQ_CONS, 0xdeadbeef)
    guest.put(RSP_PROD, prod)
    guest.put(REQ_CONS, cons)
    equal(guest.write("a", b"2"), b"OK\0")
    equal(guest.read("a"), b"2")


def test_reconnect(store):
    """A guest's next kernel asks for a fresh ring: its watches and transactions are gone."""
    guest = store.guest(5)
    guest_folder(store, 5)
    guest.watch("/tool", "t")
    guest.event()
    guest.start()
    guest.put(2068, 1)
    guest.notify()
    end = time.monotonic() + 5
    while guest.get(2068) and time.monotonic() < end:
        time.sleep(0.01)
    equal([guest.get(at) for at in (REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, 2068)], [0] * 5)
    guest = Ring(store.world, 5)
    equal(guest.write("x", b"1"), b"OK\0")
    with store.dom0() as c:
        assert b"watches         :        0" in c.control("quota", "5")
        assert b"transactions    :        0" in c.control("quota", "5")


def test_fairness(store):
    """A guest that asks without end does not keep another from its turn."""
    greedy, modest = store.guest(5), store.guest(6)
    stop = []

    def ask():
        data = wire.frame("READ", b"/none\0")
        while not stop:
            room = RING - ((greedy.get(REQ_PROD) - greedy.get(REQ_CONS)) & 0xffffffff)
            if room >= len(data):
                greedy.send_raw(data)
            greedy.put(RSP_CONS, greedy.get(RSP_PROD))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        start = time.monotonic()
        for _ in range(50):
            fails("EACCES", modest.read, "/none")
        took = time.monotonic() - start
    finally:
        stop.append(1)
        thread.join()
    assert took < 10, f"50 requests took {took:.1f} s beside a greedy guest"


def test_unread_answers(store):
    """A guest that asks and never reads holds little memory, and others go on."""
    lazy = store.guest(5)
    with store.dom0() as c:
        c.write("/big", b"x" * 4000)
        c.set_perms("/big", "r0")
        lazy.watch("/big", "t")
        lazy.event()
        before = int(c.control("memreport").split(b" in use")[0].split()[-1])
        data = wire.frame("READ", b"/big\0")
        for _ in range(300):
            room = RING - ((lazy.get(REQ_PROD) - lazy.get(REQ_CONS)) & 0xffffffff)
            if room >= len(data):
                lazy.send_raw(data)
            c.write("/big", b"x" * 4000)
        after = int(c.control("memreport").split(b" in use")[0].split()[-1])
        assert after - before < 200000, f"{after - before} bytes wait for a lazy guest"


def test_lazy_socket(store):
    """A client that does not read must wait; the daemon sleeps, and others go on."""
    def cpu():
        with open(f"/proc/{store.process.pid}/stat", encoding="ascii") as file:
            return sum(int(field) for field in file.read().split()[13:15])

    lazy = store.client()
    with store.dom0() as c:
        c.write("/big", b"x" * 4000)
        lazy.sock.setblocking(False)
        data = wire.frame("READ", b"/big\0") * 100
        try:
            while True:
                lazy.sock.send(data)
                time.sleep(0.005)
        except BlockingIOError:
            pass
        time.sleep(0.5)
        before = cpu()
        time.sleep(1)
        assert cpu() - before < 4, f"{cpu() - before} ticks of a second while nobody reads"
        equal(c.read("/big"), b"x" * 4000)
        lazy.sock.settimeout(10)
        for _ in range(500):
            equal(lazy.receive().body, b"x" * 4000)
    lazy.close()


def test_hostile_transactions(store):
    """Transactions that a guest leaves open hold one old content of a node at most each."""
    guest = store.guest(5)
    with store.dom0() as c:
        c.write("/hot", b"x" * 4000)
        c.set_perms("/hot", "r0")
        for _ in range(10):
            guest.read("/hot", tx=guest.start())
        before = int(c.control("memreport").split(b" in use")[0].split()[-1])
        for i in range(500):
            c.write("/hot", b"%04d" % i * 1000)
        after = int(c.control("memreport").split(b" in use")[0].split()[-1])
        assert after - before < 100000, f"{after - before} bytes for old contents"
        equal(c.control("check"), b"OK\0")
