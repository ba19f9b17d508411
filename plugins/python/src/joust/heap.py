"""Memory that is freed and used again, and not given back to the system.

Arithmetic on arrays makes a new one for each result. glibc gives large blocks
back when they are freed, so that every step of an optimizer gets new pages from
the system, one by one: where that is slow, as in virtual machines, it takes
several times as long as the arithmetic.
"""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h

LARGEST = 32 << 20  # bytes of a block that is kept; more glibc refuses
KEPT = 256 << 20  # bytes that are free at the end of a heap before some go back


def keep() -> bool:
    """Has this process keep what it frees. False: its C library is another."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT))
