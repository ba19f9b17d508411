"""The minimizers of scipy.optimize.

Those that need bounds search a box around the starting weights, of which the
parameter ``radius`` is half the side. A loss that is larger than 1e300, as that
of a network that diverged is, is told to scipy as 1e300. The tolerances are
those of scipy unless a parameter says otherwise, and a run ends where scipy
says that it has converged.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable

import numpy as np
import scipy  # noqa: F401, for its version
from scipy import optimize

from ..optimizer import Memory, Problem
from ..params import Bool, Choice, Float, Int
from .callback import CallbackOptimizer

# No limit but the host's: as many as an int of C holds.
UNLIMITED = 2**31 - 1

RADIUS = Float(2.0, min=0, min_open=True, max=1e6, log=True, doc="how far a weight may go from where it starts")


class _SciPy(CallbackOptimizer):
    version = "0.1.0"
    license = "BSD-3-Clause"
    homepage = "https://docs.scipy.org/doc/scipy/reference/optimize.html"
    modules = ("scipy",)


def _random(function: Callable[..., Any], problem: Problem) -> dict[str, Any]:
    """The argument that carries the generator: it was renamed in scipy 1.15."""
    names = inspect.signature(function).parameters
    return {"rng" if "rng" in names else "seed": problem.rng()}


def _box(problem: Problem, radius: float) -> list[tuple[float, float]]:
    return list(zip(problem.init - radius, problem.init + radius))


class DifferentialEvolution(_SciPy):
    """`scipy.optimize.differential_evolution`, a generation at a time
    (`vectorized=True`), without the polishing by a gradient at its end. The
    first population is uniform in the box, and the starting weights are one of it."""

    name = "scipy-de"
    summary = "Differential evolution in a box around the starting weights, by SciPy."
    refs = ("Storn & Price 1997, doi:10.1023/A:1008202821328",)
    memory = Memory(per_dim=8 * 32 * 8)
    params = {
        "radius": RADIUS,
        "population": Int(32, min=5, max=100_000, log=True, doc="vectors of the population"),
        "strategy": Choice(
            "best1bin",
            ["best1bin", "best1exp", "rand1bin", "rand1exp", "rand2bin", "rand2exp", "randtobest1bin"]
            + ["randtobest1exp", "currenttobest1bin", "currenttobest1exp", "best2bin", "best2exp"],
            doc="how a mutant is made and crossed",
        ),
        "mutation_low": Float(0.5, min=0, max=2, max_open=True, doc="least differential weight; each generation draws one"),
        "mutation_high": Float(1.0, min=0, max=2, max_open=True, doc="greatest differential weight"),
        "recombination": Float(0.7, min=0, max=1, doc="probability that a weight is the mutant's"),
    }

    def minimize(self, problem: Problem, **p: Any) -> None:
        first = problem.rng().uniform(-p["radius"], p["radius"], (p["population"], problem.dim)) + problem.init
        first[0] = problem.init
        # SciPy draws the weight between the two, or takes it if they are one.
        low, high = sorted((p["mutation_low"], p["mutation_high"]))
        optimize.differential_evolution(
            lambda x: self.evaluate(x.T),  # its points are columns
            _box(problem, p["radius"]),
            strategy=p["strategy"],
            maxiter=UNLIMITED,
            tol=0,
            mutation=low if low == high else (low, high),
            recombination=p["recombination"],
            polish=False,
            init=first,
            updating="deferred",
            vectorized=True,
            **_random(optimize.differential_evolution, problem),
        )


class DualAnnealing(_SciPy):
    """`scipy.optimize.dual_annealing`, one candidate at a time. Its local search
    estimates gradients by differences, which takes an evaluation for each
    weight, so that it is off unless it is asked for."""

    name = "scipy-dual-annealing"
    summary = "Generalized simulated annealing in a box around the starting weights, by SciPy."
    refs = ("Xiang et al. 1997, doi:10.1016/S0375-9601(97)00474-X",)
    memory = Memory(per_dim=8 * 32)
    params = {
        "radius": RADIUS,
        "initial_temp": Float(5230, min=0.01, min_open=True, max=5e4, log=True, doc="first temperature"),
        "restart_temp_ratio": Float(2e-5, min=0, min_open=True, max=1, max_open=True, log=True, doc="of the first one, at which it starts anew"),
        "visit": Float(2.62, min=1, min_open=True, max=3, doc="weight of the tails of the visiting distribution"),
        "strictness": Float(5, min=5, max=1e4, max_open=True, log=True, doc="the greater, the less that is worse is accepted; SciPy's -accept"),
        "local_search": Bool(False, doc="search from what it found, by L-BFGS-B with differences"),
    }

    def minimize(self, problem: Problem, **p: Any) -> None:
        optimize.dual_annealing(
            self.evaluate_one,
            _box(problem, p["radius"]),
            maxiter=UNLIMITED,
            maxfun=UNLIMITED,
            initial_temp=p["initial_temp"],
            restart_temp_ratio=p["restart_temp_ratio"],
            visit=p["visit"],
            accept=-p["strictness"],
            no_local_search=not p["local_search"],
            x0=problem.init,
            **_random(optimize.dual_annealing, problem),
        )


class _Minimize(_SciPy):
    """One of the methods of scipy.optimize.minimize."""

    method = ""
    full_batch = True  # each compares losses, which only mean something on the same data

    def minimize(self, problem: Problem, **p: Any) -> None:
        options = {**self.options(p), "maxiter": UNLIMITED}
        gradient = self.need == "grad"
        optimize.minimize(self.evaluate_one, problem.init, method=self.method, jac=gradient or None, options=options)

    def options(self, p: dict[str, Any]) -> dict[str, Any]:
        return {}


class NelderMead(_Minimize):
    """`scipy.optimize.minimize(method="Nelder-Mead")`: a simplex of one vertex
    more than there are weights."""

    name, method = "scipy-nelder-mead", "Nelder-Mead"
    summary = "The downhill simplex method, by SciPy."
    refs = ("Nelder & Mead 1965, doi:10.1093/comjnl/7.4.308", "Gao & Han 2012, doi:10.1007/s10589-010-9329-3")
    memory = Memory(per_dim=8 * 16, per_dim2=8 * 2)
    max_dim = 10_000
    params = {
        "size": Float(0.5, min=0, min_open=True, max=1e6, log=True, doc="first side of the simplex"),
        "adaptive": Bool(True, doc="coefficients that depend on the dimension, for many weights"),
        "xatol": Float(1e-8, min=0, doc="converged where the vertices are no farther apart"),
        "fatol": Float(1e-8, min=0, doc="and their losses are no farther apart"),
    }

    def minimize(self, problem: Problem, **p: Any) -> None:
        # SciPy's own simplex steps by 5 % of a weight, which is next to nothing.
        self._simplex = np.vstack([problem.init, problem.init + p["size"] * np.eye(problem.dim)])
        super().minimize(problem, **p)

    def options(self, p: dict[str, Any]) -> dict[str, Any]:
        options = {k: p[k] for k in ("adaptive", "xatol", "fatol")}
        return {**options, "initial_simplex": self._simplex, "maxfev": UNLIMITED}


class Powell(_Minimize):
    """`scipy.optimize.minimize(method="Powell")`: line searches along
    directions, one of which is replaced after each round."""

    name, method = "scipy-powell", "Powell"
    summary = "Powell's conjugate directions, by SciPy."
    refs = ("Powell 1964, doi:10.1093/comjnl/7.2.155",)
    memory = Memory(per_dim=8 * 16, per_dim2=8 * 2)
    max_dim = 10_000
    params = {
        "xtol": Float(1e-6, min=0, min_open=True, doc="relative tolerance of a line search"),
        "ftol": Float(1e-8, min=0, doc="converged where a round gains relatively no more"),
    }

    def options(self, p: dict[str, Any]) -> dict[str, Any]:
        return {"xtol": p["xtol"], "ftol": p["ftol"], "maxfev": UNLIMITED}


class LBFGSB(_Minimize):
    """`scipy.optimize.minimize(method="L-BFGS-B")`, without bounds."""

    name, method, need = "scipy-l-bfgs-b", "L-BFGS-B", "grad"
    summary = "Limited-memory BFGS with a line search, by SciPy."
    refs = ("Zhu et al. 1997, doi:10.1145/279232.279236",)
    memory = Memory(fixed=1 << 16, per_dim=8 * (2 * 10 + 20))
    params = {
        "maxcor": Int(10, min=1, max=1000, doc="corrections that approximate the Hessian"),
        "maxls": Int(20, min=1, max=1000, doc="steps of a line search at most"),
        "gtol": Float(1e-8, min=0, doc="converged where no component of the gradient is larger"),
        "ftol": Float(1e-12, min=0, doc="converged where a step gains relatively no more"),
    }

    def options(self, p: dict[str, Any]) -> dict[str, Any]:
        return {**p, "maxfun": UNLIMITED}


class CG(_Minimize):
    """`scipy.optimize.minimize(method="CG")`, with the formula of Polak and Ribière."""

    name, method, need = "scipy-cg", "CG", "grad"
    summary = "Nonlinear conjugate gradients with a line search, by SciPy."
    refs = ("Nocedal & Wright 2006, Numerical Optimization, doi:10.1007/978-0-387-40065-5",)
    memory = Memory(per_dim=8 * 24)
    params = {"gtol": Float(1e-8, min=0, doc="converged where no component of the gradient is larger")}

    def options(self, p: dict[str, Any]) -> dict[str, Any]:
        return {"gtol": p["gtol"]}


ALL = (DifferentialEvolution, DualAnnealing, NelderMead, Powell, LBFGSB, CG)
