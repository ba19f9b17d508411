"""The optimizers of nevergrad, by their names in its registry.

Written to its documented interface (a registry of optimizers with ask, tell and
provide_recommendation), and tested here against a small stand-in with the same
signatures, not against nevergrad itself.
"""

from __future__ import annotations

import difflib
from typing import Any, Optional

import nevergrad
import numpy as np

from ..errors import Invalid
from ..optimizer import Array, Optimizer, Problem
from ..params import Float, Int, String
from .seeds import seed32

# It warns of losses above 5e20, and cuts them off there.
LARGEST = 1e20


class Nevergrad(Optimizer):
    """Any optimizer of `nevergrad.optimizers.registry`.

    There is no checkpoint, for nevergrad saves its state by pickle only; joust
    starts a run again from the beginning and tells it the same losses.
    """

    name = "nevergrad"
    summary = "An optimizer of nevergrad's registry."
    license = "MIT"
    homepage = "https://facebookresearch.github.io/nevergrad/"
    refs = ("Rapin & Teytaud 2018, https://github.com/facebookresearch/nevergrad",)
    modules = ("nevergrad",)
    checkpoint = False
    params = {
        "method": String("CMA", doc="a name of nevergrad.optimizers.registry, such as CMA, TwoPointsDE, PSO, OnePlusOne"),
        "workers": Int(16, min=1, max=10_000, log=True, doc="candidates that are asked for at once (num_workers)"),
        "sigma": Float(0.3, min=0, min_open=True, max=1e6, log=True, doc="standard deviation of the first mutations"),
    }

    def init(self, problem: Problem, *, method: str, workers: int, sigma: float) -> None:
        registry = nevergrad.optimizers.registry
        if method not in registry:
            near = difflib.get_close_matches(method, list(registry), 3)
            hint = f", such as {', '.join(near)}" if near else ""
            raise Invalid(f"method: {method[:80]!r}, want a name of nevergrad.optimizers.registry{hint}")
        array = nevergrad.p.Array(init=problem.init).set_mutation(sigma=sigma)
        array.random_state = np.random.RandomState(seed32(problem.seed))
        budget = problem.budget or None
        self._optimizer = registry[method](parametrization=array, budget=budget, num_workers=workers)
        self._start, self._workers, self._told = problem.init, workers, False
        self._asked: list[Any] = []

    def ask(self) -> Array:
        self._asked = [self._optimizer.ask() for _ in range(self._workers)]
        return np.array([candidate.value for candidate in self._asked], np.float64)

    def tell(self, x: Array, losses: Array, grads: Optional[Array]) -> None:
        for candidate, loss in zip(self._asked, np.clip(losses, -LARGEST, LARGEST)):
            self._optimizer.tell(candidate, float(loss))
        self._told = True

    def recommend(self) -> Array:
        if not self._told:
            return self._start
        return np.asarray(self._optimizer.provide_recommendation().value, np.float64)
