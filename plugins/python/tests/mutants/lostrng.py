"""Forgets its place in the random stream in a checkpoint."""

import joust
from base import Sound


class Mutant(Sound):
    def state(self):
        return {k: v for k, v in vars(self).items() if k != "rng"}


joust.serve(Mutant)
