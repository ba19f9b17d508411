"""Memory that host and plugin have both mapped, as file descriptor 3.

Candidates are written to its first half, gradients and starting weights are
read from its second. One run at a time has it; others send their vectors in
messages.
"""

from __future__ import annotations

import mmap
import os
import stat
import threading
from typing import Optional

import numpy as np

from .errors import Invalid
from .optimizer import Array

FD = 3


class Shared:
    """The shared memory of this process, mapped when it is first asked for."""

    def __init__(self, fd: int = FD) -> None:
        self.fd = fd
        self.map: Optional[mmap.mmap] = None
        self.owner = ""
        self.half = 0
        self.lock = threading.Lock()

    def take(self, run: str, half: int) -> bool:
        """Gives the memory to a run; False: it cannot be mapped or is taken."""
        with self.lock:
            if half <= 0 or half % 8 or self.owner or not self._mapped(2 * half):
                return False
            self.owner, self.half = run, half
            return True

    def release(self, run: str) -> None:
        """Takes the memory from a run, if that is the one that has it."""
        with self.lock:
            if self.owner == run:
                self.owner = ""

    def write(self, run: str, rows: Array) -> bool:
        """Puts rows at the beginning of the first half, if they fit there and
        the run has the memory."""
        if self.owner != run or rows.size * 8 > self.half:
            return False
        assert self.map is not None
        np.frombuffer(self.map, "<f8", rows.size).reshape(rows.shape)[...] = rows
        return True

    def read(self, half: int, offset: int, count: int) -> Array:
        """A view of count numbers at an offset in the second half. Raises Invalid."""
        with self.lock:
            if half <= 0 or not self._mapped(2 * half):
                raise Invalid("vectors in shared memory, and there is none")
        if offset % 8 or not half <= offset <= 2 * half - 8 * count:
            raise Invalid(f"{count} numbers at byte {offset} of the shared memory, want them in [{half}, {2 * half})")
        assert self.map is not None
        return np.frombuffer(self.map, "<f8", count, offset)

    def _mapped(self, size: int) -> bool:
        if self.map is None:
            try:
                info = os.fstat(self.fd)
                if not stat.S_ISREG(info.st_mode) or info.st_size < size:
                    return False
                self.map = mmap.mmap(self.fd, info.st_size)
            except (OSError, ValueError):
                return False  # the host is told, and sends vectors in messages
        return len(self.map) >= size
