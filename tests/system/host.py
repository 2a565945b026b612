# SPDX-License-Identifier: BSD-2-Clause
"""What a machine under test meets on the host's side: a disk image and a file server."""

import hashlib
import random
import socket
import threading


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class DiskImage:
    """A disk whose first half has known content; dom0 is to copy it to the second half."""

    def __init__(self, path, half=16 << 20):
        self.path = path
        self.data = random.Random(half).randbytes(half)
        self.sha = sha256(self.data)
        with open(path, "wb") as file:
            file.write(self.data)
            file.truncate(2 * half)

    def copied(self):
        with open(self.path, "rb") as file:
            both = file.read()
        return both == self.data + self.data


class FileServer:
    """Two TCP ports on this host: 'down' sends a file to whoever calls, 'up' takes it back."""

    def __init__(self, size=2 << 20):
        self.data = random.Random(size).randbytes(size)
        self.sha = sha256(self.data)
        self.received = None
        self.sockets = []
        self.down = self._serve(self._send)
        self.up = self._serve(self._receive)

    def _serve(self, handler):
        listener = socket.create_server(("127.0.0.1", 0))
        self.sockets.append(listener)
        threading.Thread(target=self._accept, args=(listener, handler), daemon=True).start()
        return listener.getsockname()[1]

    def _accept(self, listener, handler):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(60)
                try:
                    handler(connection)
                except OSError:
                    pass

    def _send(self, connection):
        connection.sendall(self.data)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    def _receive(self, connection):
        parts = []
        while True:
            part = connection.recv(65536)
            if not part:
                break
            parts.append(part)
        self.received = b"".join(parts)

    def returned(self):
        return self.received == self.data

    def close(self):
        for listener in self.sockets:
            listener.close()
