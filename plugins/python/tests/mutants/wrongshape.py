"""Has a weight too many from the second generation on."""

import joust
import numpy as np
from base import Sound


class Mutant(Sound):
    def ask(self):
        x = super().ask()
        return np.hstack([x, x[:, :1]]) if len(self.elite) else x


joust.serve(Mutant)
