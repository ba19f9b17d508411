"""An evolution strategy without a fault, of which each mutant here breaks one
thing. A checker of plugins must find something wrong with every mutant, and
nothing with sound.py.

They run as plugins with the SDK on PYTHONPATH, over gRPC or with --frames.
"""

import joust
import numpy as np


class Sound(joust.Optimizer):
    name, version, summary = "mutant", "0.1.0", "A plain evolution strategy."
    license = "MIT"
    memory = joust.Memory(fixed=1 << 16, per_dim=8 * 64)
    params = {
        "sigma": joust.Float(0.3, min=0, min_open=True, max=100, log=True, doc="first step size"),
        "population": joust.Int(16, min=4, max=1024, doc="candidates of a generation"),
    }

    def init(self, problem, sigma, population):
        self.rng, self.mean, self.sigma, self.population = self.stream(problem), problem.init, sigma, population
        self.elite = np.empty((0, problem.dim))

    def stream(self, problem):
        return problem.rng()

    def ask(self):
        return self.mean + self.sigma * self.rng.standard_normal((self.population, len(self.mean)))

    def tell(self, x, losses, grads):
        self.elite = x[np.argsort(losses, kind="stable")[: self.population // 4]]
        if np.isfinite(losses).any():
            self.mean = self.elite.mean(axis=0)
        self.sigma *= 0.985

    def recommend(self):
        return self.mean

    def shortlist(self, n):
        return self.elite[:n]

    def diagnostics(self):
        return {"sigma": self.sigma}
