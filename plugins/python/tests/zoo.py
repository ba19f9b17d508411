"""Optimizers for the tests, served together by one plugin."""

import os
import sys
import time

import numpy as np

import joust


class Walk(joust.Optimizer):
    """Everything that an optimizer may have."""

    name, version, summary = "walk", "1.2.3", "Steps at random and keeps what is better."
    license, homepage = "MIT", "https://example.com/walk"
    refs = ["Nobody 1900, doi:10.0/none"]
    memory = joust.Memory(fixed=100, per_dim=16)
    params = {
        "sigma": joust.Float(0.5, min=0, min_open=True, max=10, log=True, doc="size of a step"),
        "rows": joust.Int(3, min=1, max=100_000, doc="candidates of a batch"),
        "loud": joust.Bool(False, doc="print at every call"),
        "kind": joust.Choice("normal", ["normal", "uniform"], doc="of noise"),
        "label": joust.String("", doc="of no effect"),
        "shift": joust.Int(0, min=0, doc="any 64 bits"),
    }

    def init(self, problem, sigma, rows, loud, kind, label, shift):
        self.problem = problem
        self.rng = np.random.Generator(np.random.Philox(problem.seed))
        self.best, self.low = problem.init, np.inf
        self.sigma, self.rows, self.loud, self.kind = sigma, rows, loud, kind
        self.held = []

    def ask(self):
        self.say()
        shape = (self.rows, self.problem.dim)
        noise = self.rng.standard_normal(shape) if self.kind == "normal" else self.rng.uniform(-1, 1, shape)
        return self.best + self.sigma * noise

    def tell(self, x, losses, grads):
        self.say()
        assert grads is None
        self.held = [x[i] for i in np.argsort(losses, kind="stable")]
        if losses.min() < self.low:
            self.best, self.low = self.held[0], losses.min()
        self.sigma *= 0.97

    def say(self):
        if self.loud:
            print("walk is here")
            os.write(1, b"and writes below Python\n")

    def recommend(self):
        return self.best

    def shortlist(self, n):
        return self.held[:n]

    def diagnostics(self):
        return {"sigma": self.sigma, "low": self.low}


class Descent(joust.Optimizer):
    """Gradient descent that needs the gradient at every other step only."""

    name, summary, need = "descent", "Descends, and looks around in between.", "grad"
    min_dim, max_dim, full_batch = 2, 8, True
    params = {"lr": joust.Float(0.1, min=0, doc="learning rate")}

    def init(self, problem, lr):
        self.w, self.lr, self.step = problem.init, lr, 0

    def ask(self):
        if not np.isfinite(self.w).all():
            raise joust.Diverged("the next iterate is not finite")
        return [self.w] if self.step % 2 == 0 else [self.w + 0.1, self.w - 0.1]

    def needs(self):
        return "grad" if self.step % 2 == 0 else "loss"

    def tell(self, x, losses, grads):
        if self.step % 2 == 0:
            self.w = self.w - self.lr * grads[0]
        else:
            assert grads is None
        self.step += 1


class Faulty(joust.Optimizer):
    """Does the wrong thing at its third step."""

    name, summary = "faulty", "Is wrong in one of many ways."
    checkpoint = False
    params = {"fault": joust.String("", doc="what is wrong")}

    def init(self, problem, fault):
        self.dim, self.fault, self.step = problem.dim, fault, 0
        if fault == "init":
            raise ZeroDivisionError("of course")
        if fault == "refuse":
            raise joust.Invalid("blocks: none, want them")
        if fault == "memory":
            raise MemoryError

    def ask(self):
        if self.step == 2:
            if self.fault == "ask":
                raise RuntimeError("no\nidea")
            if self.fault == "hang":
                time.sleep(600)
            if self.fault == "converge":
                return None
            if self.fault in FAULTY_ROWS:
                return FAULTY_ROWS[self.fault](self.dim)
        return np.ones((2, self.dim))

    def tell(self, x, losses, grads):
        self.step += 1
        if self.step == 2 and self.fault == "tell":
            raise RuntimeError("no")
        if self.step == 2 and self.fault == "picky" and losses[0] > 0:
            self.step -= 1
            raise joust.Invalid("loss 0 is positive, want it negative")


FAULTY_ROWS = {
    "shape": lambda dim: np.ones((2, dim + 1)),
    "flat": lambda dim: np.ones(dim),
    "ragged": lambda dim: [[1.0] * dim, [1.0]],
    "text": lambda dim: "candidates",
}


class Keeper(joust.Optimizer):
    """Holds what no checkpoint can."""

    name, summary = "keeper", "Keeps a thing that cannot be saved."

    def init(self, problem):
        self.dim, self.thing = problem.dim, {"deep": [lambda: 1]}

    def ask(self):
        return np.zeros((1, self.dim))

    def tell(self, x, losses, grads):
        pass


ALL = (Walk, Descent, Faulty, Keeper)

if __name__ == "__main__":
    if os.path.basename(sys.argv[-1]) == "noise":
        print("a banner")
    joust.serve(*ALL)
