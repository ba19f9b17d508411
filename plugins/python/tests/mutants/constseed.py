"""Has the same random numbers whatever the seed."""

import joust
import numpy as np
from base import Sound


class Mutant(Sound):
    def stream(self, problem):
        return np.random.default_rng(0)


joust.serve(Mutant)
