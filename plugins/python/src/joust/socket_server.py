"""Steps over the socket that the host has left as file descriptor 4.

A round trip takes a fraction of one over gRPC. Each message is preceded by its
length, 4 bytes, little-endian; everything but steps is still gRPC's.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
import traceback
from typing import Any, Callable, Iterable, Optional

from . import optimizer_pb2 as pb

FEATURE = "socket"
FD = 4
HEAD = 4  # bytes of a length


def handed(fd: int = FD) -> Optional[socket.socket]:
    """The socket that the host has handed to this process, or None. No child
    of this process inherits it."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return None
        os.set_inheritable(fd, False)
        return socket.socket(fileno=fd)
    except OSError:
        return None


class Steps:
    """Answers the requests on a socket with what answer yields for each."""

    def __init__(self, sock: socket.socket, answer: Callable[[pb.StepRequest], Iterable[pb.StepResponse]]) -> None:
        self.sock, self.answer = sock, answer
        self.lock = threading.Lock()
        self.thread: Optional[threading.Thread] = None

    def start(self) -> None:
        """Begins, if it has not."""
        with self.lock:
            if self.thread is None:
                # It waits for the host, which may never say that it is done.
                self.thread = threading.Thread(target=self.run, name="joust-steps", daemon=True)
                self.thread.start()

    def run(self) -> None:
        """Answers until the host closes the socket. An error that is not of a
        run closes it, too, which the host takes for the end of this process."""
        try:
            with self.sock, self.sock.makefile("rb", 1 << 16) as requests:
                while len(head := requests.read(HEAD)) == HEAD:
                    r = pb.StepRequest.FromString(requests.read(int.from_bytes(head, "little")))
                    for a in self.answer(r):
                        self.send(a)
        except (ConnectionError, BrokenPipeError):
            pass  # the host is gone
        except Exception:
            traceback.print_exc()

    def send(self, message: Any) -> None:
        data = message.SerializeToString()
        self.sock.sendall(len(data).to_bytes(HEAD, "little") + data)
