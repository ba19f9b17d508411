"""Seeds for libraries that take 32 bits of one."""

from __future__ import annotations

import numpy as np


def seed32(seed: int) -> int:
    """A seed of 32 bits, not 0, which depends on all 64 of seed."""
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint32)[0]) or 1
