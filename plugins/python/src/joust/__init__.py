"""Write an optimizer for joust in Python.

Subclass :class:`Optimizer`, and give the class to :func:`serve`::

    import joust

    class MyES(joust.Optimizer):
        name, summary = "my-es", "A small evolution strategy."
        params = {"sigma": joust.Float(0.3, min=0, min_open=True, doc="first step size")}

        def init(self, problem, sigma):
            self.rng, self.mean, self.sigma = problem.rng(), problem.init, sigma

        def ask(self):
            return self.mean + self.sigma * self.rng.standard_normal((16, len(self.mean)))

        def tell(self, x, losses, grads):
            best = losses.argsort(kind="stable")[:4]
            self.mean = x[best].mean(axis=0)

    if __name__ == "__main__":
        joust.serve(MyES)

The README has the tutorial.
"""

from .errors import BadState, Broken, Diverged, Error, Invalid, TooLarge, UnknownRun, WrongOrder
from .optimizer import Array, Block, Memory, Optimizer, Problem
from .params import Bool, Choice, Float, Int, Param, String
from .serve import serve
from .trial import Result, minimize

__version__ = "0.1.0"

__all__ = [
    "Array",
    "BadState",
    "Block",
    "Bool",
    "Broken",
    "Choice",
    "Diverged",
    "Error",
    "Float",
    "Int",
    "Invalid",
    "Memory",
    "Optimizer",
    "Param",
    "Problem",
    "Result",
    "String",
    "TooLarge",
    "UnknownRun",
    "WrongOrder",
    "minimize",
    "serve",
]
