# SPDX-License-Identifier: BSD-2-Clause
"""Domains without a hypervisor, as a store sees them: files in a folder (see reference_shim.c), and
clients that speak over such a domain's ring."""

import mmap
import os
import struct
import subprocess
import time

import wire

PORT_DOM_EXC = 1
PORT_DOMAIN = 100
RING = 1024
REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, FEATURES, CONNECTION, ERROR = range(2048, 2076, 4)


class World:
    """The folder, and the processes' environment that leads to it."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        os.mkfifo(os.path.join(folder, "events"))
        self.events = os.open(os.path.join(folder, "events"), os.O_RDWR)
        self.write("port-0", "1\n")
        self.states = {}
        self.add(0)

    def close(self):
        os.close(self.events)

    def write(self, name, text):
        """Replaces a file as a whole: the store may read it at any time."""
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def add(self, domid):
        """A domain comes to life, with an empty page."""
        with open(os.path.join(self.folder, f"ring-{domid}"), "wb") as file:
            file.write(bytes(4096))
        self.set_state(domid, "running")

    def set_state(self, domid, state):
        """None: it is gone."""
        self.states[domid] = state
        if state is None:
            del self.states[domid]
        self.write("domains", "".join(f"{n} {s}\n" for n, s in sorted(self.states.items())))

    def end(self, domid, state=None):
        """The domain ends, and the hypervisor says so."""
        self.set_state(domid, state)
        self.event(PORT_DOM_EXC)

    def event(self, port):
        os.write(self.events, struct.pack("<I", port))


class Ring(wire.Client):
    """A client in a domain: its end of the ring."""

    def __init__(self, world, domid):  # pylint: disable=super-init-not-called
        self.world, self.domid = world, domid
        with open(os.path.join(world.folder, f"ring-{domid}"), "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)
        # The store may look at any time: an index changes in one piece, which struct does not do.
        self.words = memoryview(self.page).cast("I")
        self.buffer = b""
        self.events = wire.collections.deque()
        self.next_req = 1

    def get(self, at):
        return self.words[at // 4]

    def put(self, at, value):
        self.words[at // 4] = value & 0xffffffff

    def notify(self):
        self.world.event(PORT_DOMAIN + self.domid)

    def close(self):
        pass

    def send_raw(self, data):
        end = time.monotonic() + wire.TIMEOUT
        while data:
            prod = self.get(REQ_PROD)
            room = RING - ((prod - self.get(REQ_CONS)) & 0xffffffff)
            part, data = data[:room], data[room:]
            for i, byte in enumerate(part):
                self.page[(prod + i) % RING] = byte
            self.put(REQ_PROD, prod + len(part))
            self.notify()
            if data:
                if time.monotonic() > end:
                    raise TimeoutError("the store does not take the request")
                time.sleep(0.001)

    def wait(self, timeout):
        end = time.monotonic() + timeout
        while self.get(RSP_PROD) == self.get(RSP_CONS):
            if time.monotonic() > end:
                return False
            time.sleep(0.0005)
        return True

    def take(self):
        cons, prod = self.get(RSP_CONS), self.get(RSP_PROD)
        if (prod - cons) & 0xffffffff > RING:
            raise AssertionError(f"replies overran the ring: {cons} to {prod}")
        count = (prod - cons) & 0xffffffff
        data = bytes(self.page[RING + i % RING] for i in range(cons, cons + count))
        self.put(RSP_CONS, prod)
        self.notify()
        return data


class Store:
    """A store process in a folder of its own; 'kind' is ours or packaged."""

    def __init__(self, folder, program, shim=None, args=()):
        self.folder, self.program, self.shim, self.args = folder, program, shim, list(args)
        os.makedirs(folder, exist_ok=True)
        self.world = World(os.path.join(folder, "world"))
        self.process = None
        self.log = open(os.path.join(folder, "log"), "ab")

    @property
    def socket(self):
        return os.path.join(self.folder, "socket")

    @property
    def is_packaged(self):
        return self.shim is not None

    def start(self, *more):
        """Starts it and waits until it can be used."""
        environment = dict(os.environ, XENSTORED_RUNDIR=self.folder, XENSTORED_ROOTDIR=self.folder,
                           XS_WORLD=self.world.folder)
        if self.shim:
            # Its libraries lie in the same root, three folders up.
            root = self.program[:self.program.index("/usr/lib/")]
            environment["LD_LIBRARY_PATH"] = root + "/usr/lib/x86_64-linux-gnu"
            environment["LD_PRELOAD"] = self.shim
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = subprocess.Popen([self.program, "-N", *self.args, *more], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + wire.TIMEOUT
        while not os.path.exists(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the store does not start; see {self.folder}/log")
            time.sleep(0.005)
        return self

    def client(self):
        """A new socket client. The socket may be there a moment before it is listened to."""
        for _ in range(200):
            try:
                return wire.Client(self.socket)
            except ConnectionError:
                time.sleep(0.01)
        return wire.Client(self.socket)

    def guest(self, domid, introduce=True):
        """A new domain, introduced."""
        self.world.add(domid)
        ring = Ring(self.world, domid)
        if introduce:
            with self.dom0() as dom0:
                dom0.call("INTRODUCE", b"%d\0%d\0%d\0" % (domid, 1000 + domid, 1))
        return ring

    def dom0(self):
        return Using(self.client())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.log.close()
        self.world.close()


class Using:
    """A client for the time of a 'with'."""

    def __init__(self, client):
        self.client = client

    def __enter__(self):
        return self.client

    def __exit__(self, *_):
        self.client.close()
