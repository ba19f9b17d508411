"""An optimizer at work without joust, to try it and to test it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
import numpy.typing as npt

from .optimizer import Array, Optimizer
from .server import Init, Server, Tell


@dataclass
class Result:
    """What came of it."""

    x: Array  # the candidate of the lowest loss
    loss: float
    evaluations: int
    converged: bool  # the optimizer had nothing more to ask


def minimize(
    cls: type[Optimizer],
    objective: Callable[[Array], Any],
    x0: npt.ArrayLike,
    *,
    evaluations: int,
    seed: int = 1,
    **params: Any,
) -> Result:
    """Runs an optimizer on a function until so many evaluations are done, with
    all the checks of the protocol. objective returns the loss of one candidate,
    for an optimizer that needs gradients with the gradient: ``(loss, grad)``.
    Raises what the optimizer raises, as a joust.Error."""
    server, run = Server([cls]), "trial"
    start = np.array(x0, np.float64)
    server.init(Init(run, cls.name, len(start), seed, start, config=json.dumps(params), budget=evaluations))
    result = Result(start, float("inf"), 0, False)
    tell = None
    try:
        while result.evaluations < evaluations:
            a = server.step(run, tell, ask=True)
            if a.failure is not None:
                raise a.failure
            assert a.rows is not None
            if len(a.rows) == 0:
                result.converged = True
                break
            answers = [objective(row.copy()) for row in a.rows]
            grads = None
            if cls.need == "grad":
                grads = np.array([grad for _, grad in answers])
                answers = [loss for loss, _ in answers]
            losses = np.array(answers, np.float64)
            losses[np.isnan(losses)] = np.inf
            k = int(np.argmin(losses))
            if losses[k] < result.loss:
                result.x, result.loss = a.rows[k].copy(), float(losses[k])
            result.evaluations += len(losses)
            tell = Tell(a.batch, losses, grads)
    finally:
        server.finish(run)
    return result
