"""Memory that host and plugin have both mapped, as file descriptor 3.

Candidates are in its first half: an optimizer may have them there, given from
its end, and others are copied to what is free at its beginning. Gradients and
starting weights are read from the second half. One run at a time has it; others
send their vectors in messages.
"""

from __future__ import annotations

import mmap
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Optional

import numpy as np

from .errors import Invalid
from .optimizer import Array

FD = 3

# Above this, a second thread copies half. To wake it and to hear that it is done
# can take half a millisecond: for 26 MB it gained nothing, for 104 MB a quarter
# of the step.
TOGETHER = 32 << 20


class Shared:
    """The shared memory of this process, mapped when it is first asked for."""

    def __init__(self, fd: int = FD) -> None:
        self.fd = fd
        self.map: Optional[mmap.mmap] = None
        self.owner = ""
        self.half = 0
        self.used = 0  # numbers given to the optimizer
        self.most = 0  # in one piece
        self.lock = threading.Lock()
        self.helper: Optional[ThreadPoolExecutor] = None  # from the first large copy on

    def take(self, run: str, half: int) -> bool:
        """Gives the memory to a run; False: it cannot be mapped or is taken."""
        with self.lock:
            if half <= 0 or half % 8 or self.owner or not self._mapped(2 * half):
                return False
            self.owner, self.half, self.used, self.most = run, half, 0, 0
            return True

    def release(self, run: str) -> None:
        """Takes the memory from a run, if that is the one that has it."""
        with self.lock:
            if self.owner == run:
                self.owner = ""

    def allocate(self, n: int) -> Optional[Array]:
        """n numbers, all 0, for the run that has the memory, or None if there are
        not so many. It leaves room for as large a batch that is elsewhere."""
        most, free = max(self.most, n), self.half // 8 - self.used
        if n <= 0 or n > free - most:
            return None
        assert self.map is not None
        self.used, self.most = self.used + n, most
        a = np.frombuffer(self.map, "<f8", n, 8 * (free - n))
        a[:] = 0  # a run before it may have written there
        return a

    def put(self, run: str, rows: Array) -> Optional[int]:
        """The place of rows in the memory, in bytes: where the optimizer has them,
        or else the beginning, to which they are copied. None if the run does not
        have the memory, or they do not fit."""
        if self.owner != run:
            return None
        assert self.map is not None
        free = self.half - 8 * self.used
        if self.used and rows.dtype == np.dtype("<f8") and rows.flags.c_contiguous:
            first = np.frombuffer(self.map, np.uint8, 1)
            at = rows.__array_interface__["data"][0] - first.__array_interface__["data"][0]
            if free <= at <= self.half - rows.nbytes:
                return int(at)
        if rows.size * 8 > free:
            return None
        self._copy(np.frombuffer(self.map, "<f8", rows.size).reshape(rows.shape), rows)
        return 0

    def _copy(self, to: Array, rows: Array) -> None:
        """Copies rows. One core does not use all of the memory's speed, and the
        host waits meanwhile; numpy lets go of the interpreter in a copy."""
        half = len(rows) // 2
        if rows.nbytes < TOGETHER or half == 0:
            np.copyto(to, rows)
            return
        if self.helper is None:
            self.helper = ThreadPoolExecutor(1, thread_name_prefix="joust-copy")
        rest = self.helper.submit(np.copyto, to[half:], rows[half:])
        np.copyto(to[:half], rows[:half])
        rest.result()

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
