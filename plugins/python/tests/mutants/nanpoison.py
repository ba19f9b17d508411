"""Weighs candidates by their losses, of which one of +inf spoils all."""

import joust
from base import Sound


class Mutant(Sound):
    def tell(self, x, losses, grads):
        super().tell(x, losses, grads)
        weights = losses.max() - losses
        self.mean = (weights[:, None] * x).sum(axis=0) / weights.sum()


joust.serve(Mutant)
