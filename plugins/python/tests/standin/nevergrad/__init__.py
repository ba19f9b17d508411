"""A stand-in for nevergrad: the signatures that the adapter uses, and a search
behind them that keeps the best point."""

from types import SimpleNamespace

import numpy as np

__version__ = "0.stand-in"


class Array:
    def __init__(self, *, init=None, shape=None):
        self.value = np.zeros(shape) if init is None else np.array(init, float)
        self.random_state, self.sigma = None, 1.0

    def set_mutation(self, sigma=None, exponent=None):
        self.sigma = sigma
        return self


class Candidate:
    def __init__(self, value):
        self.value = value


class Best:
    def __init__(self, parametrization, budget=None, num_workers=1):
        assert budget is None or budget > 0
        self.parametrization, self.budget, self.num_workers = parametrization, budget, num_workers
        self.best, self.low, self.waiting = parametrization.value, np.inf, []

    def ask(self):
        assert len(self.waiting) < self.num_workers
        noise = self.parametrization.random_state.standard_normal(len(self.best))
        self.waiting.append(Candidate(self.best + self.parametrization.sigma * noise))
        return self.waiting[-1]

    def tell(self, candidate, loss):
        assert isinstance(loss, float) and abs(loss) <= 5e20
        self.waiting.remove(candidate)
        if loss < self.low:
            self.best, self.low = candidate.value, loss

    def provide_recommendation(self):
        return Candidate(self.best)


p = SimpleNamespace(Array=Array)
optimizers = SimpleNamespace(registry={"CMA": Best, "TwoPointsDE": Best, "OnePlusOne": Best})
