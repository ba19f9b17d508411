"""A stand-in for pycma: the signatures that the adapter uses, and a plain
evolution strategy behind them. Like pycma it wants two weights, checks that it
is told what it asked, and seeds numpy's global stream."""

from collections import namedtuple

import numpy as np

__version__ = "0.stand-in"

Result = namedtuple("Result", "xbest fbest evals_best evaluations iterations xfavorite stds stop")
OPTIONS = {"randn": np.random.randn, "seed": None, "verbose": 1, "maxiter": 100, "CMA_diagonal": 0, "popsize": None}


class CMAEvolutionStrategy:
    def __init__(self, x0, sigma0, inopts=None):
        unknown = set(inopts or {}) - set(OPTIONS)
        if unknown:
            raise ValueError(f"invalid keys {unknown}")
        self.opts = {**OPTIONS, **(inopts or {})}
        self.mean, self.sigma = np.array(x0, float), float(sigma0)
        if self.mean.ndim != 1 or len(self.mean) < 2:
            raise ValueError("optimization in 1-D is not supported")
        if not 0 <= self.opts["seed"] < 2**32:
            raise ValueError("seed")
        np.random.seed(self.opts["seed"])
        self.popsize = self.opts["popsize"] or 4 + int(3 * np.log(len(self.mean)))
        self.countiter, self.best, self.low = 0, None, np.inf

    def ask(self):
        self.asked = list(self.mean + self.sigma * self.opts["randn"](self.popsize, len(self.mean)))
        return self.asked

    def tell(self, solutions, function_values):
        if len(solutions) != len(function_values) or any(a is not b for a, b in zip(solutions, self.asked)):
            raise ValueError("solutions are not those that were asked")
        if not np.isfinite(function_values).all():
            raise ValueError("function values are not finite")
        order = np.argsort(function_values, kind="stable")
        if function_values[order[0]] < self.low:
            self.best, self.low = solutions[order[0]], function_values[order[0]]
        self.mean = np.mean([solutions[i] for i in order[: max(1, self.popsize // 4)]], axis=0)
        self.sigma *= 0.97
        self.countiter += 1

    def stop(self):
        if self.sigma < 1e-3:
            return {"tolx": 1e-3}
        return {"maxiter": self.opts["maxiter"]} if self.countiter >= self.opts["maxiter"] else {}

    @property
    def result(self):
        n = self.countiter * self.popsize
        return Result(self.best, self.low, n, n, self.countiter, self.mean.copy(), None, self.stop())
