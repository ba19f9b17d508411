"""All runs of the process draw from one stream."""

import joust
import numpy as np
from base import Sound

STREAM = np.random.default_rng(1)


class Mutant(Sound):
    def stream(self, problem):
        return STREAM


joust.serve(Mutant)
