# SPDX-License-Identifier: BSD-2-Clause
"""A xenstore client that speaks the wire itself, over a Unix socket."""

import collections
import select
import socket
import struct
import time

TYPES = {
    "CONTROL": 0, "DIRECTORY": 1, "READ": 2, "GET_PERMS": 3, "WATCH": 4, "UNWATCH": 5,
    "TRANSACTION_START": 6, "TRANSACTION_END": 7, "INTRODUCE": 8, "RELEASE": 9,
    "GET_DOMAIN_PATH": 10, "WRITE": 11, "MKDIR": 12, "RM": 13, "SET_PERMS": 14,
    "WATCH_EVENT": 15, "ERROR": 16, "IS_DOMAIN_INTRODUCED": 17, "RESUME": 18, "SET_TARGET": 19,
    "RESET_WATCHES": 21, "DIRECTORY_PART": 22,
}
HEADER = struct.Struct("<IIII")
TIMEOUT = 20

Message = collections.namedtuple("Message", "type req tx body")


class StoreError(Exception):
    """The store answered with an error; its name is the first argument."""


class Closed(Exception):
    """The other side closed the connection."""


def frame(kind, body=b"", tx=0, req=0):
    """The bytes of one request."""
    return HEADER.pack(TYPES.get(kind, kind), req, tx, len(body)) + body


class Client:
    """One connection. Replies and watch events are told apart; events wait in 'events'."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(path)
        self.buffer = b""
        self.events = collections.deque()
        self.next_req = 1

    def close(self):
        self.sock.close()

    def send(self, kind, body=b"", tx=0):
        """Send a request and do not wait; returns its number."""
        req = self.next_req
        self.next_req += 1
        self.send_raw(frame(kind, body, tx, req))
        return req

    def send_raw(self, data):
        self.sock.sendall(data)

    def receive(self, timeout=TIMEOUT):
        """The next message of any type; None when none came in time."""
        end = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= HEADER.size:
                kind, req, tx, size = HEADER.unpack_from(self.buffer)
                if len(self.buffer) >= HEADER.size + size:
                    body = self.buffer[HEADER.size:HEADER.size + size]
                    self.buffer = self.buffer[HEADER.size + size:]
                    return Message(kind, req, tx, body)
            left = end - time.monotonic()
            if left < 0 or not self.wait(left):
                return None
            data = self.take()
            if not data:
                raise Closed()
            self.buffer += data

    def wait(self, timeout):
        return select.select([self.sock], [], [], timeout)[0]

    def take(self):
        try:
            return self.sock.recv(65536)
        except ConnectionError:
            return b""

    def reply(self, req):
        """The reply to one request; what else comes meanwhile must be events."""
        while True:
            message = self.receive()
            if message is None:
                raise TimeoutError(f"no reply to request {req}")
            if message.type == TYPES["WATCH_EVENT"]:
                self.events.append(tuple(message.body.split(b"\0")[:2]))
                continue
            if message.req != req:
                raise AssertionError(f"reply to {message.req}, not to {req}")
            if message.type == TYPES["ERROR"]:
                raise StoreError(message.body.rstrip(b"\0").decode())
            return message.body

    def call(self, kind, body=b"", tx=0):
        return self.reply(self.send(kind, body, tx))

    def event(self, timeout=TIMEOUT):
        """The next event as (path, token); None when none came in time."""
        if self.events:
            return self.events.popleft()
        message = self.receive(timeout)
        if message is None:
            return None
        if message.type != TYPES["WATCH_EVENT"]:
            raise AssertionError(f"not an event: {message}")
        return tuple(message.body.split(b"\0")[:2])

    def no_event(self, timeout=0.2):
        return self.event(timeout) is None

    # --- the requests, with text in and out ---

    def read(self, path, tx=0):
        return self.call("READ", path.encode() + b"\0", tx)

    def write(self, path, value=b"", tx=0):
        return self.call("WRITE", path.encode() + b"\0" + value, tx)

    def mkdir(self, path, tx=0):
        return self.call("MKDIR", path.encode() + b"\0", tx)

    def rm(self, path, tx=0):
        return self.call("RM", path.encode() + b"\0", tx)

    def directory(self, path, tx=0):
        body = self.call("DIRECTORY", path.encode() + b"\0", tx)
        return [name.decode() for name in body.split(b"\0")[:-1]]

    def get_perms(self, path, tx=0):
        body = self.call("GET_PERMS", path.encode() + b"\0", tx)
        return [perm.decode() for perm in body.split(b"\0")[:-1]]

    def set_perms(self, path, *perms, tx=0):
        body = b"".join(word.encode() + b"\0" for word in (path,) + perms)
        return self.call("SET_PERMS", body, tx)

    def watch(self, path, token, *more):
        return self.call("WATCH", b"".join(word.encode() + b"\0" for word in (path, token) + more))

    def unwatch(self, path, token):
        return self.call("UNWATCH", path.encode() + b"\0" + token.encode() + b"\0")

    def start(self):
        return int(self.call("TRANSACTION_START", b"\0").rstrip(b"\0"))

    def end(self, tx, commit=True):
        return self.call("TRANSACTION_END", b"T\0" if commit else b"F\0", tx)

    def control(self, *words):
        return self.call("CONTROL", b"".join(word.encode() + b"\0" for word in words))
