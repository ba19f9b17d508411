"""Rounds its candidates to float32."""

import joust
import numpy as np
from base import Sound


class Mutant(Sound):
    def ask(self):
        return super().ask().astype(np.float32)


joust.serve(Mutant)
