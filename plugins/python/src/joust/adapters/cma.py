"""CMA-ES by its author: the package cma, known as pycma.

Written to its documented interface (CMAEvolutionStrategy, ask, tell, stop and
result of version 3 and later), and tested here against a small stand-in with
the same signatures, not against pycma itself.
"""

from __future__ import annotations

from typing import Any, Mapping, Optional

import cma
import numpy as np

from ..optimizer import Array, Memory, Optimizer, Problem
from ..params import Bool, Float, Int
from .callback import LARGEST
from .seeds import seed32


class CMA(Optimizer):
    """`cma.CMAEvolutionStrategy`, with its own defaults for all that is not a
    parameter here.

    There is no checkpoint, for pycma saves its state by pickle only; joust
    starts a run again from the beginning and tells it the same losses.
    """

    name = "pycma"
    summary = "CMA-ES as its author maintains it, by the package cma."
    license = "BSD-3-Clause"
    homepage = "https://github.com/CMA-ES/pycma"
    refs = ("Hansen 2016, arXiv:1604.00772",)
    modules = ("cma",)
    checkpoint = False
    memory = Memory(fixed=1 << 16, per_dim=8 * 64, per_dim2=8 * 6)
    params = {
        "sigma": Float(0.3, min=0, min_open=True, max=1e6, log=True, doc="first standard deviation"),
        "population": Int(0, min=0, max=100_000, doc="candidates of a generation; 0: 4 + 3 ln(dimension)"),
        "diagonal": Bool(False, doc="adapt only the variances, for many weights (CMA_diagonal)"),
        "converge": Bool(True, doc="end where pycma says that it has converged"),
    }

    def init(self, problem: Problem, *, sigma: float, population: int, diagonal: bool, converge: bool) -> None:
        rng = problem.rng()
        options: dict[str, Any] = {
            # Its own random stream is numpy's global one, which other runs use
            # too; all that it samples comes from this one instead.
            "randn": lambda *shape: rng.standard_normal(shape),
            "seed": seed32(problem.seed),
            "verbose": -9,  # no output and no files
            "maxiter": np.inf,  # the host counts
            "CMA_diagonal": diagonal,
        }
        if population:
            options["popsize"] = max(2, population)
        self._start, self._told, self._converge = problem.init, False, converge
        # It wants two weights at least; one that nothing depends on is no harm.
        self._one = problem.dim == 1
        x0 = np.append(problem.init, 0.0) if self._one else problem.init
        self._es = cma.CMAEvolutionStrategy(x0, sigma, options)
        self._asked: Any = None

    def ask(self) -> Optional[Array]:
        if self._converge and self._told and self._es.stop():
            return None
        self._asked = self._es.ask()
        x = np.array(self._asked)
        return x[:, :1] if self._one else x

    def tell(self, x: Array, losses: Array, grads: Optional[Array]) -> None:
        self._es.tell(self._asked, list(np.clip(losses, -LARGEST, LARGEST)))
        self._told = True

    def recommend(self) -> Array:
        if not self._told:
            return self._start
        return np.asarray(self._es.result.xfavorite, np.float64)[: len(self._start)]

    def diagnostics(self) -> Mapping[str, float]:
        return {"sigma": self._es.sigma}
