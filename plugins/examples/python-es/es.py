#!/usr/bin/env python3
"""A small evolution strategy, as an example of a plugin on the Python SDK."""

import joust
import numpy as np


class ES(joust.Optimizer):
    """Samples a normal cloud around a mean, moves the mean to the average of
    the best quarter, and lets the cloud shrink at a fixed rate."""

    name = "example-es"
    version = "0.1.0"
    summary = "Moves to the average of the best quarter of a shrinking normal cloud."
    license = "MIT"
    memory = joust.Memory(fixed=4096, per_dim=8 * 24)
    params = {
        "sigma": joust.Float(0.3, min=0, min_open=True, max=1000, log=True, doc="first standard deviation of the cloud"),
        "population": joust.Int(16, min=4, max=10_000, log=True, doc="candidates of a generation"),
        "decay": joust.Float(0.98, min=0, min_open=True, max=1, doc="factor of sigma at every generation"),
    }

    def init(self, problem, sigma, population, decay):
        self.rng = problem.rng()
        self.mean = problem.init
        self.sigma, self.population, self.decay = sigma, population, decay
        self.cloud = problem.candidates(population)  # which joust reads where it is

    def ask(self):
        # The same as mean + sigma * standard_normal(...), without arrays in between.
        self.rng.standard_normal(out=self.cloud)
        self.cloud *= self.sigma
        self.cloud += self.mean
        return self.cloud

    def tell(self, x, losses, grads):
        if np.isfinite(losses).any():  # otherwise there is nothing to learn
            best = np.argsort(losses, kind="stable")[: self.population // 4]
            self.mean = x[best].mean(axis=0)
        self.sigma *= self.decay

    def recommend(self):
        return self.mean

    def diagnostics(self):
        return {"sigma": self.sigma}

    def state(self):
        return {"rng": self.rng, "mean": self.mean, "sigma": self.sigma}


if __name__ == "__main__":
    joust.serve(ES)
