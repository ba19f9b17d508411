"""Optimizers whose process ends at the fifth tell of its life. The second
process lives: it finds the file that the first has made, whose name is the last
argument."""

import os
import sys

import numpy as np

import joust
from joust.adapters.callback import CallbackOptimizer


def mortal(cls):
    class Mortal(cls):
        def tell(self, x, losses, grads):
            super().tell(x, losses, grads)
            self.count = getattr(self, "count", 0) + 1
            if self.count == 5 and not os.path.exists(sys.argv[-1]):
                open(sys.argv[-1], "x").close()
                os._exit(3)

    return Mortal


class Walk(joust.Optimizer):
    """Has a checkpoint."""

    name, summary = "walk", "Steps at random and keeps what is better."

    def init(self, problem):
        self.rng, self.best, self.low = problem.rng(), problem.init, np.inf

    def ask(self):
        return self.best + 0.1 * self.rng.standard_normal((8, len(self.best)))

    def tell(self, x, losses, grads):
        if losses.min() < self.low:
            self.best, self.low = x[losses.argmin()], losses.min()


class Library(CallbackOptimizer):
    """Has none: what it knows is on the stack of a thread."""

    name, summary = "library", "The same walk, as a library that calls its objective."

    def minimize(self, problem):
        rng, best, low = problem.rng(), problem.init, np.inf
        while True:
            x = best + 0.1 * rng.standard_normal((8, len(best)))
            losses = self.evaluate(x)
            if losses.min() < low:
                best, low = x[losses.argmin()], losses.min()


joust.serve(mortal(Walk), mortal(Library))
