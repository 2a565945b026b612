# SPDX-License-Identifier: BSD-2-Clause
"""What the protocol says, as tests. Each gets a store that runs; most must give the same verdict on
the packaged xenstored. A test is a function whose name begins with test_; 'ours' marks those that
ask more than Xen 4.17's xenstored gives."""

import time

import wire
from wire import StoreError


def ours(function):
    """Marks a test that the packaged xenstored does not pass; its text says why."""
    function.ours = True
    return function


def fails(error, function, *args, **named):
    """The call must be answered with this error."""
    try:
        got = function(*args, **named)
    except StoreError as caught:
        assert caught.args[0] == error, f"{error} expected, not {caught.args[0]}"
        return
    raise AssertionError(f"{error} expected, not {got}")


def equal(got, want):
    assert got == want, f"{want!r} expected, not {got!r}"


def drain(client):
    while client.event(0.1):
        pass


# --- nodes ---

def test_fresh_store(store):
    with store.dom0() as c:
        equal(c.directory("/"), ["tool"])
        equal(c.directory("/tool"), ["xenstored"])
        equal(c.get_perms("/"), ["n0"])
        equal(c.read("/"), b"")


def test_write_read(store):
    with store.dom0() as c:
        equal(c.write("/a/b", b"value\0with zero"), b"OK\0")
        equal(c.read("/a/b"), b"value\0with zero")
        equal(c.read("/a"), b"")
        c.write("/a/b", b"")
        equal(c.read("/a/b"), b"")
        c.write("/a/b", b"x" * 4090)
        equal(c.read("/a/b"), b"x" * 4090)
        equal(c.write("/", b"root"), b"OK\0")
        equal(c.read("/"), b"root")
        c.write("/", b"")


def test_bad_paths(store):
    with store.dom0() as c:
        for path in ("/a b", "/a//b", "/a/", "", "//", "/a\xff", "@releaseDomain", "@foo"):
            fails("EINVAL", c.call, "READ", path.encode("latin1") + b"\0")
            fails("EINVAL", c.call, "WRITE", path.encode("latin1") + b"\0x")
        equal(c.write("/@special-Name_9"), b"OK\0")
        fails("EINVAL", c.call, "WRITE", b"/no/zero")


def test_path_lengths(store):
    with store.dom0() as c:
        equal(c.write("/" + "a" * 2047), b"OK\0")
        fails("EINVAL", c.write, "/" + "a" * 3072)
        equal(c.write("a" * 2048), b"OK\0")
        fails("EINVAL", c.write, "a" * 2049)
        fails("EINVAL", c.watch, "/" + "a" * 3072, "t")


def test_missing(store):
    with store.dom0() as c:
        fails("ENOENT", c.read, "/none")
        fails("ENOENT", c.directory, "/none")
        fails("ENOENT", c.get_perms, "/none")
        fails("ENOENT", c.set_perms, "/none", "n0")
        equal(c.rm("/none"), b"OK\0")
        fails("ENOENT", c.rm, "/none/below/below")


def test_relative(store):
    with store.dom0() as c:
        c.write("rel/x", b"1")
        equal(c.read("/local/domain/0/rel/x"), b"1")
        equal(c.directory("rel"), ["x"])


def test_mkdir(store):
    with store.dom0() as c:
        equal(c.mkdir("/m/n/o"), b"OK\0")
        c.write("/m/n", b"kept")
        equal(c.mkdir("/m/n"), b"OK\0")
        equal(c.read("/m/n"), b"kept")
        equal(c.directory("/m/n"), ["o"])


def test_rm(store):
    with store.dom0() as c:
        for name in ("/r/a/1", "/r/a/2/3", "/r/b"):
            c.write(name)
        equal(c.rm("/r/a"), b"OK\0")
        equal(c.directory("/r"), ["b"])
        fails("ENOENT", c.read, "/r/a/2/3")
        fails("EINVAL", c.rm, "/")


def test_directory_order(store):
    with store.dom0() as c:
        for name in ("z", "a", "k"):
            c.write("/order/" + name)
        c.write("/order/z", b"again")
        equal(c.directory("/order"), ["z", "a", "k"])
        c.rm("/order/a")
        c.write("/order/a")
        equal(c.directory("/order"), ["z", "k", "a"])


def read_parts(client, path, tx=0):
    """A whole directory by DIRECTORY_PART; the generations that came."""
    names, generations, at = b"", set(), 0
    while True:
        body = client.call("DIRECTORY_PART", path.encode() + b"\0%d\0" % at, tx)
        generation, _, part = body.partition(b"\0")
        generations.add(generation)
        if part.endswith(b"\0\0") or part == b"\0":
            return (names + part[:-1]).split(b"\0")[:-1], generations
        names += part
        at = len(names)


def test_directory_part(store):
    with store.dom0() as c:
        for i in range(900):
            c.write(f"/big/child-{i:03}")
        fails("E2BIG", c.directory, "/big")
        names, generations = read_parts(c, "/big")
        equal(names, [b"child-%03d" % i for i in range(900)])
        equal(len(generations), 1)
        c.write("/big/one-more")
        names, after = read_parts(c, "/big")
        equal(len(names), 901)
        assert after != generations, "the generation stays when a child is made"
        c.mkdir("/empty")
        equal(read_parts(c, "/empty")[0], [])
        equal(c.call("DIRECTORY_PART", b"/big\0009999999\0").count(b"\0"), 2)
        fails("EINVAL", c.call, "DIRECTORY_PART", b"/big\0")


def test_many_nodes(store):
    with store.dom0() as c:
        for i in range(3000):
            c.send("WRITE", b"/many/%d/%d\0%d" % (i % 50, i, i))
        for i in range(3000):
            equal(c.receive().body, b"OK\0")
        equal(c.read("/many/7/2957"), b"2957")
        c.rm("/many")
        fails("ENOENT", c.read, "/many/7/2957")


# --- permissions ---

def test_perms(store):
    store.world.add(5)
    with store.dom0() as c:
        c.mkdir("/p")
        equal(c.set_perms("/p", "n0", "r5", "w6", "b7"), b"OK\0")
        equal(c.get_perms("/p"), ["n0", "r5", "w6", "b7"])
        c.set_perms("/p", "b5")
        equal(c.get_perms("/p"), ["b5"])
        c.mkdir("/p/child")
        equal(c.get_perms("/p/child"), ["b5"])
        for bad in ("x0", "n", "r0x", ""):
            fails("EINVAL", c.set_perms, "/p", bad)
        fails("EINVAL", c.set_perms, "/p")
        fails("ENOENT", c.set_perms, "/p", "n77")
        equal(c.set_perms("@releaseDomain", "n0", "r5"), b"OK\0")


@ours
def test_special_perms(store):
    """Xen's xenstored sets them and cannot say what they are."""
    store.world.add(5)
    with store.dom0() as c:
        equal(c.get_perms("@introduceDomain"), ["n0"])
        c.set_perms("@releaseDomain", "n0", "r5")
        equal(c.get_perms("@releaseDomain"), ["n0", "r5"])
        fails("ENOENT", c.get_perms, "@foo")


def guest_folder(store, domid):
    with store.dom0() as c:
        c.mkdir(f"/local/domain/{domid}")
        c.set_perms(f"/local/domain/{domid}", f"n{domid}")


def test_guest_rights(store):
    guest = store.guest(5)
    guest_folder(store, 5)
    with store.dom0() as c:
        c.write("/secret/x", b"1")
        c.write("/open", b"2")
        c.set_perms("/open", "r0")
        c.write("/mine", b"3")
        c.set_perms("/mine", "n0", "b5")
        fails("EACCES", guest.read, "/secret/x")
        fails("EACCES", guest.read, "/secret/none")
        fails("EACCES", guest.directory, "/")
        equal(guest.read("/open"), b"2")
        fails("EACCES", guest.write, "/open", b"x")
        fails("ENOENT", guest.read, "/open/none")
        fails("EACCES", guest.write, "/open/new")
        equal(guest.write("/mine", b"guest"), b"OK\0")
        equal(guest.write("/mine/below", b"new"), b"OK\0")
        equal(c.get_perms("/mine/below"), ["n5", "b5"])
        fails("EACCES", guest.set_perms, "/mine", "n5")
        equal(guest.write("data/x", b"rel"), b"OK\0")
        equal(c.read("/local/domain/5/data/x"), b"rel")
        equal(c.get_perms("/local/domain/5/data"), ["n5"])
        equal(guest.set_perms("data", "r5", "w0"), b"OK\0")
        fails("EPERM", guest.set_perms, "data", "n0")
        fails("EACCES", guest.rm, "/secret")
        equal(guest.rm("data"), b"OK\0")


def test_guest_privileges(store):
    guest = store.guest(5)
    for kind, body in (("INTRODUCE", b"6\0001\0001\0"), ("RELEASE", b"5\0"), ("RESUME", b"5\0"),
                       ("SET_TARGET", b"5\0000\0"), ("CONTROL", b"check\0"),
                       ("IS_DOMAIN_INTRODUCED", b"5\0")):
        fails("EACCES", guest.call, kind, body)
    equal(guest.call("GET_DOMAIN_PATH", b"7\0"), b"/local/domain/7\0")


def test_target(store):
    guest, _ = store.guest(5), store.guest(6)
    with store.dom0() as c:
        guest_folder(store, 6)
        fails("EACCES", guest.write, "/local/domain/6/x")
        c.call("SET_TARGET", b"5\0006\0")
        equal(guest.write("/local/domain/6/x"), b"OK\0")
        fails("ENOENT", c.call, "SET_TARGET", b"9\0006\0")


# --- watches ---

def test_watch(store):
    with store.dom0() as c:
        equal(c.watch("/w", "token"), b"OK\0")
        equal(c.event(), (b"/w", b"token"))
        c.write("/w/a/b", b"x")
        equal(c.event(), (b"/w/a/b", b"token"))
        c.write("/other")
        c.mkdir("/w")
        assert c.no_event(), "an event for what does not concern the watch"
        c.set_perms("/w/a", "n0")
        equal(c.event(), (b"/w/a", b"token"))
        fails("EEXIST", c.watch, "/w", "token")
        equal(c.unwatch("/w", "token"), b"OK\0")
        fails("ENOENT", c.unwatch, "/w", "token")
        c.write("/w/a/b", b"y")
        assert c.no_event(), "an event after unwatch"


def test_watch_relative(store):
    with store.dom0() as c:
        c.watch("here", "t")
        equal(c.event(), (b"here", b"t"))
        c.write("/local/domain/0/here/x")
        equal(c.event(), (b"here/x", b"t"))


def test_watch_rm(store):
    with store.dom0() as c:
        c.write("/t/r/1/2")
        for path, token in (("/t/r/1/2", "deep"), ("/t/r/1", "middle"), ("/t/r/none", "none"),
                            ("/t", "top")):
            c.watch(path, token)
        drain(c)
        c.rm("/t/r")
        events = sorted(c.event() for _ in range(3))
        equal(events, [(b"/t/r", b"top"), (b"/t/r/1", b"middle"), (b"/t/r/1/2", b"deep")])
        assert c.no_event(), "more events than changes"


def test_watch_order(store):
    """The event that the client's own write causes comes before the answer, as from Xen's."""
    with store.dom0() as c:
        c.watch("/own", "t")
        drain(c)
        event, write, watch = (wire.TYPES[name] for name in ("WATCH_EVENT", "WRITE", "WATCH"))
        c.send("WRITE", b"/own\0x")
        equal([c.receive().type for _ in range(2)], [event, write])
        c.send("WATCH", b"/own2\0t\0")
        equal([c.receive().type for _ in range(2)], [watch, event])


def test_watch_bad(store):
    with store.dom0() as c:
        fails("EINVAL", c.call, "WATCH", b"/w\0")
        fails("EINVAL", c.call, "WATCH", b"/w\0token")
        fails("EINVAL", c.watch, "//", "t")
        equal(c.watch("/w", ""), b"OK\0")
        equal(c.event(), (b"/w", b""))


@ours
def test_watch_depth(store):
    """Later protocols limit how deep a watch looks; Xen 4.17's does not know it."""
    with store.dom0() as c:
        c.watch("/d", "two", "2")
        c.watch("/d", "zero", "0")
        drain(c)
        c.write("/d/1/2/3")
        assert c.no_event(), "an event for a node that is too deep"
        c.write("/d/1/2", b"x")
        equal(c.event(), (b"/d/1/2", b"two"))
        c.write("/d", b"x")
        equal(sorted([c.event(), c.event()]), [(b"/d", b"two"), (b"/d", b"zero")])


def test_watch_guest(store):
    """A guest hears only of what it may read."""
    guest = store.guest(5)
    with store.dom0() as c:
        c.write("/x/open")
        c.set_perms("/x/open", "r0")
        guest.watch("/x", "t")
        equal(guest.event(), (b"/x", b"t"))
        c.write("/x/open", b"1")
        equal(guest.event(), (b"/x/open", b"t"))
        c.write("/x/secret", b"1")
        c.write("/x/open", b"2")
        equal(guest.event(), (b"/x/open", b"t"))
        guest.call("RESET_WATCHES", b"\0")
        c.write("/x/open", b"3")
        assert guest.no_event(), "an event after RESET_WATCHES"


# --- transactions ---

def conflict(store, inside, outside, late=None):
    """What a transaction's end says when another client does something meanwhile."""
    with store.dom0() as c, store.dom0() as other:
        for name in ("a", "b"):
            other.write("/t/" + name, b"1")
        tx = c.start()
        inside(c, tx)
        outside(other)
        if late:
            late(c, tx)
        try:
            c.end(tx)
        except StoreError as caught:
            equal(caught.args[0], "EAGAIN")
            return True
        return False


def test_txn(store):
    with store.dom0() as c, store.dom0() as other:
        c.write("/x/gone", b"1")
        tx = c.start()
        c.write("/x/new/deep", b"in", tx=tx)
        c.rm("/x/gone", tx=tx)
        equal(c.read("/x/new/deep", tx=tx), b"in")
        equal(sorted(c.directory("/x", tx=tx)), ["new"])
        fails("ENOENT", c.read, "/x/gone", tx=tx)
        equal(other.directory("/x"), ["gone"])
        fails("ENOENT", other.read, "/x/new/deep")
        equal(c.end(tx), b"OK\0")
        equal(other.directory("/x"), ["new"])
        equal(other.read("/x/new/deep"), b"in")


def test_txn_abort(store):
    with store.dom0() as c:
        tx = c.start()
        c.write("/x/y", b"1", tx=tx)
        equal(c.end(tx, commit=False), b"OK\0")
        fails("ENOENT", c.read, "/x")
        fails("ENOENT", c.read, "/x", tx=tx)


def test_txn_errors(store):
    with store.dom0() as c:
        fails("ENOENT", c.read, "/tool", tx=77)
        fails("ENOENT", c.end, 77)
        fails("ENOENT", c.end, 0)
        tx = c.start()
        fails("EBUSY", c.call, "TRANSACTION_START", b"\0", tx)
        fails("EINVAL", c.call, "TRANSACTION_END", b"X\0", tx)
        fails("EINVAL", c.call, "TRANSACTION_END", b"\0", tx)
        equal(c.end(tx), b"OK\0")
        with store.dom0() as other:
            tx = c.start()
            assert other.start() != 0
            c.end(tx)


def test_txn_no_conflict(store):
    """Changes elsewhere, and values where only names were read, do not matter."""
    assert not conflict(store, lambda c, tx: c.read("/t/a", tx=tx), lambda o: o.write("/t/b", b"2"))
    assert not conflict(store, lambda c, tx: c.directory("/t", tx=tx),
                        lambda o: o.write("/t/a", b"2"))
    assert not conflict(store, lambda c, tx: None, lambda o: o.write("/t/a", b"2"),
                        lambda c, tx: equal(c.read("/t/a", tx=tx), b"2"))


def test_txn_conflict(store):
    """What was read or written is changed by another."""
    changed = (
        (lambda c, tx: c.read("/t/a", tx=tx), lambda o: o.write("/t/a", b"2")),
        (lambda c, tx: c.write("/t/a", b"x", tx=tx), lambda o: o.write("/t/a", b"2")),
        (lambda c, tx: c.write("/t/e", b"x", tx=tx), lambda o: o.write("/t/e", b"2")),
        (lambda c, tx: c.directory("/t", tx=tx), lambda o: o.write("/t/new", b"2")),
        (lambda c, tx: c.directory("/t", tx=tx), lambda o: o.rm("/t/b")),
        (lambda c, tx: c.get_perms("/t/a", tx=tx), lambda o: o.set_perms("/t/a", "r0")),
        (lambda c, tx: c.rm("/t", tx=tx), lambda o: o.write("/t/newer", b"2")),
        (lambda c, tx: c.read("/t/a", tx=tx), lambda o: o.rm("/t")),
        (lambda c, tx: fails("ENOENT", c.read, "/t/miss", tx=tx), lambda o: o.write("/t/miss")),
    )
    for number, (inside, outside) in enumerate(changed):
        assert conflict(store, inside, outside), f"no conflict in case {number}"
        with store.dom0() as c:
            c.rm("/t")


@ours
def test_txn_siblings(store):
    """Two that make different nodes in one folder do not conflict; in Xen's xenstored they do."""
    assert not conflict(store, lambda c, tx: c.write("/t/one", tx=tx), lambda o: o.write("/t/two"))
    assert not conflict(store, lambda c, tx: c.rm("/t/a", tx=tx), lambda o: o.rm("/t/b"))
    with store.dom0() as c:
        equal(sorted(c.directory("/t")), ["one", "two"])


@ours
def test_txn_isolation(store):
    """A transaction sees one state: of nodes that are changed together, all old or all new."""
    def late(c, tx):
        equal(c.read("/t/a", tx=tx), b"1")
        equal(sorted(c.directory("/t", tx=tx)), ["a", "b"])

    def outside(other):
        tx = other.start()
        for name in ("/t/a", "/t/b", "/t/c"):
            other.write(name, b"2", tx=tx)
        other.end(tx)

    assert conflict(store, lambda c, tx: c.read("/t/b", tx=tx), outside, late)


def test_txn_watch(store):
    with store.dom0() as c, store.dom0() as other:
        other.watch("/tx", "t")
        drain(other)
        tx = c.start()
        c.write("/tx/a/b", b"1", tx=tx)
        c.write("/tx/c", b"1", tx=tx)
        c.write("/tx/c", b"2", tx=tx)
        c.mkdir("/tx/d", tx=tx)
        c.rm("/tx/d", tx=tx)
        assert other.no_event(), "an event before the transaction's end"
        c.end(tx)
        equal([other.event(), other.event()], [(b"/tx/a/b", b"t"), (b"/tx/c", b"t")])
        assert other.no_event(), "an event for a node that came and went"
        tx = c.start()
        c.write("/tx/c", b"3", tx=tx)
        c.end(tx, commit=False)
        assert other.no_event(), "an event of an aborted transaction"


def test_txn_ends_with_client(store):
    with store.dom0() as c:
        tx = c.start()
        c.write("/lost", b"1", tx=tx)
    with store.dom0() as c:
        time.sleep(0.1)
        fails("ENOENT", c.read, "/lost")


# --- domains ---

def test_introduce(store):
    with store.dom0() as c:
        c.watch("@introduceDomain", "in")
        c.watch("@releaseDomain", "out")
        equal(sorted([c.event(), c.event()]),
              [(b"@introduceDomain", b"in"), (b"@releaseDomain", b"out")])
        equal(c.call("IS_DOMAIN_INTRODUCED", b"0\0"), b"T\0")
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"F\0")
        guest = store.guest(5)
        equal(c.event(), (b"@introduceDomain", b"in"))
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"T\0")
        equal(guest.call("GET_DOMAIN_PATH", b"5\0"), b"/local/domain/5\0")
        fails("EINVAL", c.call, "INTRODUCE", b"5\0")
        fails("EINVAL", c.call, "INTRODUCE", b"5\0001\0000\0")
        equal(c.call("RELEASE", b"5\0"), b"OK\0")
        equal(c.event(), (b"@releaseDomain", b"out"))
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"F\0")
        fails("ENOENT", c.call, "RELEASE", b"5\0")
        fails("EINVAL", c.call, "RELEASE", b"x\0")
        fails("ENOENT", c.call, "RESUME", b"5\0")


def test_death(store):
    """Shutdown is told once; death, too, and takes the domain's nodes with it."""
    guest = store.guest(5)
    guest_folder(store, 5)
    with store.dom0() as c:
        guest.write("data", b"1")
        guest.watch("/tool", "t")
        c.watch("@releaseDomain", "out")
        drain(c)
        store.world.end(5, "shutdown")
        equal(c.event(), (b"@releaseDomain", b"out"))
        store.world.event(1)
        assert c.no_event(), "the same shutdown is told twice"
        equal(c.call("RESUME", b"5\0"), b"OK\0")
        store.world.event(1)
        equal(c.event(), (b"@releaseDomain", b"out"))
        store.world.end(5, "dying")
        equal(c.event(), (b"@releaseDomain", b"out"))
        equal(c.call("IS_DOMAIN_INTRODUCED", b"5\0"), b"F\0")
        fails("ENOENT", c.read, "/local/domain/5/data")
        store.world.end(5)
        assert c.no_event(), "a death is told twice"


@ours
def test_domid_again(store):
    """Rights of a dead domain are not those of the next one with its number; here Xen's gives them."""
    store.guest(5)
    with store.dom0() as c:
        c.write("/given", b"secret")
        c.set_perms("/given", "n0", "r5")
        c.watch("@releaseDomain", "out")
        drain(c)
        store.world.end(5)
        equal(c.event(), (b"@releaseDomain", b"out"))
        again = store.guest(5)
        fails("EACCES", again.read, "/given")
        c.set_perms("/given", "n0", "r5")
        equal(again.read("/given"), b"secret")


# --- control and what is no request ---

def test_control(store):
    with store.dom0() as c:
        equal(c.control("check"), b"OK\0")
        equal(c.control("print", "a test says hello"), b"OK\0")
        for words in ((), ("bogus",), ("log",), ("log", "x"), ("quota", "set", "foo", "1"),
                      ("live-update",), ("live-update", "-x")):
            fails("EINVAL", c.control, *words)
        equal(c.control("quota").splitlines()[:2],
              [b"Quota settings:", b"nodes            :     1000 Nodes per domain"])
        equal(c.control("quota", "set", "nodes", "1001"), b"OK\0")
        assert b":     1001 Nodes" in c.control("quota")
        assert b"quota\t" in c.control("help")


def test_unknown(store):
    with store.dom0() as c:
        for kind in (15, 16, 20, 23, 1000, 0xffff):
            fails("ENOSYS", c.call, kind, b"\0")
        equal(c.read("/tool"), b"")


def test_too_long(store):
    for size in (4097, 0xffffffff):
        with store.dom0() as c:
            c.send_raw(wire.HEADER.pack(2, 1, 0, size))
            try:
                assert c.receive(5) is None, "an answer to what is no request"
                raise AssertionError("the connection stays open")
            except wire.Closed:
                pass


def test_parts_and_pipelines(store):
    """A request may come a byte at a time, and many may come at once."""
    with store.dom0() as c:
        data = wire.frame("READ", b"/tool\0", req=9)
        for i in range(len(data)):
            c.send_raw(data[i:i + 1])
        equal(c.receive()[:2], (2, 9))
        c.send_raw(b"".join(wire.frame("WRITE", b"/pipe/%d\0x" % i, req=i) for i in range(500)))
        equal([c.receive().req for _ in range(500)], list(range(500)))


# --- rings ---

def test_ring_large(store):
    """Requests and answers that are longer than the ring."""
    guest = store.guest(5)
    guest_folder(store, 5)
    for size in (1000, 1024, 1025, 2000):
        equal(guest.write("data", b"v" * size), b"OK\0")
        equal(guest.read("data"), b"v" * size)
    with store.dom0() as c:
        c.write("/long", b"w" * 4000)
        c.set_perms("/long", "r0")
    equal(guest.read("/long"), b"w" * 4000)


def test_ring_pipeline(store):
    guest = store.guest(5)
    guest_folder(store, 5)
    for turn in range(40):
        requests = [guest.send("WRITE", b"data/%d\0%d" % (i, turn)) for i in range(8)]
        for request in requests:
            equal(guest.reply(request), b"OK\0")
    equal(guest.read("data/3"), b"39")


def test_ring_dom0(store):
    """This domain's kernel has a ring, too, and all rights."""
    from world import Ring
    kernel = Ring(store.world, 0)
    equal(kernel.write("/from/kernel", b"1"), b"OK\0")
    equal(kernel.read("/from/kernel"), b"1")
    tx = kernel.start()
    kernel.write("/from/kernel", b"2", tx=tx)
    kernel.end(tx)
    with store.dom0() as c:
        equal(c.read("/from/kernel"), b"2")


def test_quota_nodes(store):
    guest = store.guest(5)
    guest_folder(store, 5)
    made = 0
    try:
        for made in range(1100):
            guest.write(f"n{made % 10}/{made}")
    except StoreError as caught:
        equal(caught.args[0], "ENOSPC")
    equal(made, 989)
    guest.rm("n1/1")
    equal(guest.write("n1/again"), b"OK\0")
    fails("ENOSPC", guest.write, "n1/again-2")
    equal(guest.write("n1/again", b"changed"), b"OK\0")


def test_quota_size(store):
    guest = store.guest(5)
    guest_folder(store, 5)
    fails("ENOSPC", guest.write, "x", b"x" * 2049)
    equal(guest.write("x", b"x" * 2000), b"OK\0")


def test_quota_watches(store):
    guest = store.guest(5)
    made = 0
    try:
        for made in range(200):
            guest.watch("/x", f"t{made}")
    except StoreError as caught:
        equal(caught.args[0], "E2BIG")
    assert 128 <= made <= 129, f"{made} watches"


def test_quota_transactions(store):
    guest = store.guest(5)
    made = []
    try:
        for _ in range(20):
            made.append(guest.start())
    except StoreError as caught:
        equal(caught.args[0], "ENOSPC")
    assert 10 <= len(made) <= 11, f"{len(made)} transactions"
    for tx in made:
        guest.end(tx)


@ours
def test_quota_places(store):
    """Watches and transactions pay for the places of long paths that do not exist."""
    guest = store.guest(5)
    with store.dom0() as c:
        before = int(c.control("memreport").split(b" in use")[0].split()[-1])
        deep = "/a" * 1000
        for i in range(128):
            try:
                guest.watch(f"/w{i}" + deep, "t")
            except StoreError as caught:
                equal(caught.args[0], "ENOSPC")
                break
        tx = guest.start()
        for i in range(100):
            try:
                guest.read(f"/t{i}" + deep, tx=tx)
            except StoreError as caught:
                assert caught.args[0] in ("ENOSPC", "EACCES"), caught.args[0]
        after = int(c.control("memreport").split(b" in use")[0].split()[-1])
        assert after - before < 6000000, f"{after - before} bytes for places"
        equal(c.control("check"), b"OK\0")


def test_quota_perms(store):
    guest = store.guest(5)
    guest_folder(store, 5)
    guest.mkdir("x")
    equal(guest.set_perms("x", "n5", "r1", "r2", "r3", "r4"), b"OK\0")
    fails("ENOSPC", guest.set_perms, "x", "n5", "r1", "r2", "r3", "r4", "r6")


def test_duplicate_events(store):
    """A guest that does not look gets one event for many changes of a node."""
    guest = store.guest(5)
    with store.dom0() as c:
        c.write("/hot")
        c.set_perms("/hot", "r0")
        guest.watch("/hot", "t")
        guest.event()
        for i in range(2000):
            c.write("/hot", b"%d" % i)
        events = 0
        while guest.event(0.2):
            events += 1
        assert 1 <= events < 200, f"{events} events"
