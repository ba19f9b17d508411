"""Stdout is the host's: what an optimizer prints must not get into it."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO


def take_stdout() -> BinaryIO:
    """Returns the real stdout, and sends everything else that is printed from
    now on, by C libraries and child processes too, to stderr, the log."""
    sys.stdout.flush()
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stdout
