"""The runs of one process, whatever the transport.

Server knows the protocol's order and sizes, so that an optimizer is never
called in a wrong order or with arrays of a wrong shape. Every method raises an
errors.Error. Calls on different runs may come from different threads; those on
one run take turns.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Optional, Sequence, TypeVar

import numpy as np

from . import state as states
from .errors import BadState, Broken, Error, Invalid, TooLarge, UnknownRun, WrongOrder, line
from .optimizer import Array, Block, Optimizer, Problem, abilities, check_class, describe
from .params import configure

MAJOR, MINOR = 1, 0  # of the protocol

T = TypeVar("T")


@dataclass
class Init:
    """A request to start a run."""

    run: str
    optimizer: str
    dim: int
    seed: int
    init: Array  # of one row, not yet checked
    config: str = ""
    blocks: Sequence[Block] = ()
    budget: int = 0
    threads: int = 1
    memory: Optional[Callable[[int], Optional[Array]]] = None  # for candidates


@dataclass
class Tell:
    """The losses of one batch; grads are of any shape, not yet checked."""

    batch: int
    losses: Array
    grads: Optional[Array] = None


@dataclass
class Answer:
    """What a step did. failure is of the tell if told is false, otherwise of
    the ask. rows is None if nothing was asked, and has no rows at the end of
    the search."""

    told: bool = False
    batch: int = 0
    rows: Optional[Array] = None
    need: str = ""
    failure: Optional[Error] = None
    seconds: float = 0.0


@dataclass
class _Run:
    opt: Optimizer
    request: Init
    problem: Problem
    values: dict[str, Any]
    lock: threading.Lock = field(default_factory=threading.Lock)
    batch: int = 0
    asked: Optional[Array] = None  # the outstanding batch
    need: str = ""
    broken: str = ""  # why it cannot go on
    ended: bool = False
    spent: float = 0.0  # seconds inside the optimizer during this call


class Server:
    """Serves optimizers, the classes, to one host."""

    def __init__(self, optimizers: Iterable[type[Optimizer]]) -> None:
        self.classes: dict[str, type[Optimizer]] = {}
        for cls in optimizers:
            check_class(cls)
            if cls.name in self.classes:
                raise ValueError(f"two optimizers have the name {cls.name!r}")
            self.classes[cls.name] = cls
        if not self.classes:
            raise ValueError("nothing to serve: give a subclass of joust.Optimizer")
        self.runs: dict[str, _Run] = {}
        self.lock = threading.Lock()

    def describe(self) -> list[dict[str, Any]]:
        return [describe(cls) for cls in self.classes.values()]

    def runtime(self) -> list[str]:
        """What the results depend on besides the plugin: interpreter and modules."""
        names = {"numpy": None, **{m: None for cls in self.classes.values() for m in cls.modules}}
        versions = [f"{m} {getattr(sys.modules[m], '__version__', 'unknown')}" for m in names if m in sys.modules]
        from . import __version__

        return [f"python {platform.python_version()}", f"joust-sdk {__version__}", *versions]

    def init(self, r: Init) -> float:
        """Makes a run, and returns the seconds in the optimizer's own init."""
        run = self._new(r)
        seconds = self._start(run)
        self._add(run)
        return seconds

    def step(self, name: str, tell: Optional[Tell], ask: bool) -> Answer:
        """Does the tell, then the ask. What the optimizer raises is in the answer."""
        answer = Answer()
        try:
            run = self._get(name)
            with run.lock:
                run.spent = 0.0
                try:
                    if tell is not None:
                        self._tell(run, tell)
                        answer.told = True
                    if ask:
                        self._ask(run, answer)
                finally:
                    answer.seconds = run.spent
        except Error as e:
            answer.failure = e
        return answer

    def recommend(self, name: str, shortlist: int) -> tuple[Array, float]:
        run = self._get(name)
        with run.lock:
            self._able(run, "shortlist" if shortlist else "recommend")
            run.spent = 0.0
            if shortlist:
                # More than it can hold is no number for an author to allocate by.
                n = min(shortlist, 2**31 - 1)
                rows = self._rows(run, "shortlist", self._call(run, lambda: run.opt.shortlist(n)))
                if len(rows) > n:
                    raise Broken(f"shortlist returned {len(rows)} rows, want at most {n}")
            else:
                rows = self._call(run, lambda: np.asarray(run.opt.recommend(), "<f8"))
                if rows.shape != (run.problem.dim,):
                    raise Broken(f"recommend returned shape {rows.shape}, want ({run.problem.dim},)")
                rows = rows.reshape(1, -1)
            return rows, run.spent

    def diagnose(self, name: str) -> tuple[list[tuple[str, float]], float]:
        run = self._get(name)
        with run.lock:
            self._able(run, "diagnose")
            run.spent = 0.0
            figures = self._call(run, lambda: [(str(k), float(v)) for k, v in run.opt.diagnostics().items()])
            return figures, run.spent

    def checkpoint(self, name: str) -> bytes:
        run = self._get(name)
        with run.lock:
            self._able(run, "checkpoint")
            if run.asked is not None:
                raise WrongOrder(f"checkpoint: batch {run.batch} is outstanding, want it told first")
            return self._call(run, lambda: states.save(self._identity(run), run.opt.state()))

    def restore(self, r: Init, data: bytes) -> float:
        """Makes a run that goes on from a checkpoint, with the same bits."""
        run = self._new(r)
        self._able(run, "checkpoint")
        saved = states.load(self._identity(run), data, run.problem)
        seconds = self._start(run)
        try:
            self._call(run, lambda: run.opt.restore(saved))
        except Error as e:
            self._close(run)
            raise BadState(line(e)) from None
        self._add(run)
        return seconds

    def finish(self, name: str) -> None:
        run = self._get(name)
        with run.lock:
            with self.lock:
                self.runs.pop(name, None)
            run.ended = True
            self._close(run)

    # Inside.

    def _new(self, r: Init) -> _Run:
        cls = self.classes.get(r.optimizer)
        if cls is None:
            raise Invalid(f"no optimizer {r.optimizer[:80]!r} here, want one of {', '.join(self.classes)}")
        if not r.run:
            raise Invalid("the run has no name")
        with self.lock:
            if r.run in self.runs:
                raise _taken(r.run)
        init = np.array(r.init, np.float64).reshape(-1)
        if r.dim < 1 or len(init) != r.dim:
            raise Invalid(f"{len(init)} starting weights for a dimension of {r.dim}, want as many, and at least one")
        if not np.isfinite(init).all():
            i = int(np.argmin(np.isfinite(init)))
            raise Invalid(f"starting weight {i} is {init[i]}, want a finite number")
        if r.threads < 1:
            raise Invalid(f"threads: {r.threads}, want at least 1")
        if cls.min_dim and r.dim < cls.min_dim:
            raise TooLarge(f"{cls.name} takes at least {cls.min_dim} weights, not {r.dim}")
        if cls.max_dim and r.dim > cls.max_dim:
            raise TooLarge(f"{cls.name} takes at most {cls.max_dim} weights, not {r.dim}")
        _check_blocks(r.blocks, r.dim)
        values = configure(cls.params, r.config)
        problem = Problem(init=init, seed=r.seed, blocks=tuple(r.blocks), budget=r.budget, threads=r.threads, memory=r.memory)
        try:
            opt = cls()
        except Exception as e:
            raise _broken(f"{cls.name}: constructor", e) from None
        return _Run(opt, r, problem, values)

    def _start(self, run: _Run) -> float:
        try:
            self._call(run, lambda: run.opt.init(run.problem, **run.values))
        except Error:
            self._close(run)
            raise
        return run.spent

    def _add(self, run: _Run) -> None:
        with self.lock:
            if run.request.run in self.runs:
                raise _taken(run.request.run)
            self.runs[run.request.run] = run

    def _get(self, name: str) -> _Run:
        with self.lock:
            run = self.runs.get(name)
        if run is None:
            raise UnknownRun(f"no run {name[:80]!r}, want init first")
        return run

    def _tell(self, run: _Run, t: Tell) -> None:
        self._alive(run)
        x = run.asked
        if x is None:
            raise WrongOrder("tell: no batch is outstanding, want ask first")
        if t.batch != run.batch:
            raise WrongOrder(f"tell: batch {t.batch}, want {run.batch}, which is outstanding")
        losses = np.array(t.losses, np.float64).reshape(-1)
        if len(losses) != len(x):
            raise Invalid(f"tell: {len(losses)} losses for a batch of {len(x)}")
        wrong = np.isnan(losses) | np.isneginf(losses)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise Invalid(f"tell: loss {i} is {losses[i]}, want a number, or +inf where it diverged")
        grads = None
        if run.need == "grad":
            if t.grads is None:
                raise Invalid(f"tell: no gradients, and batch {run.batch} needs them")
            if t.grads.size != x.size:
                raise Invalid(f"tell: gradients of {t.grads.size} numbers, want {len(x)} rows of {run.problem.dim}")
            grads = np.array(t.grads, np.float64).reshape(x.shape)

        def tell() -> None:
            nonlocal x
            assert x is not None
            run.opt.tell(x, losses, grads)
            # Candidates that the optimizer does not keep are freed here: what it
            # takes from the system, and gives back, is time of its own.
            x = run.asked = None

        self._call(run, tell)

    def _ask(self, run: _Run, answer: Answer) -> None:
        self._alive(run)
        if run.asked is not None:
            raise WrongOrder(f"ask: batch {run.batch} is outstanding, want it told first")
        x = self._rows(run, "ask", self._call(run, run.opt.ask))
        need = ""
        if len(x) and "needs" in abilities(type(run.opt)):
            need = self._call(run, run.opt.needs)
            if need not in ("loss", "grad"):
                raise Broken(f'needs returned {need!r}, want "loss" or "grad"')
        answer.rows, answer.need, answer.batch = x, need, run.batch + 1
        if len(x):
            run.batch, run.asked, run.need = run.batch + 1, x, need or type(run.opt).need

    def _rows(self, run: _Run, what: str, rows: Any) -> Array:
        """Rows as an array of them, of the optimizer's own memory where it can be."""
        if rows is None:
            return np.empty((0, run.problem.dim))
        try:
            x = np.asarray(rows, np.float64)
        except (TypeError, ValueError) as e:
            raise Broken(f"{what} returned a {type(rows).__name__}, want rows of {run.problem.dim} numbers: {e}") from None
        if x.size == 0:
            return np.empty((0, run.problem.dim))
        if x.ndim != 2 or x.shape[1] != run.problem.dim:
            raise Broken(f"{what} returned shape {x.shape}, want rows of {run.problem.dim}: (n, {run.problem.dim})")
        return x

    def _call(self, run: _Run, f: Callable[[], T]) -> T:
        """Calls the optimizer. An exception that is not of the protocol breaks
        the run, whose state is anyone's guess; the log has the traceback."""
        began = time.perf_counter()
        try:
            return f()
        except Error as e:
            if type(e) in (Error, Broken):
                run.broken = line(e)
            raise
        except MemoryError:
            raise TooLarge(f"no memory for {run.problem.dim} weights") from None
        except Exception as e:
            error = _broken(run.request.optimizer, e)
            run.broken = line(error)
            raise error from None
        finally:
            run.spent += time.perf_counter() - began

    def _alive(self, run: _Run) -> None:
        if run.ended:
            raise UnknownRun(f"run {run.request.run!r} has ended")
        if run.broken:
            raise Broken(f"the run broke before: {run.broken}")

    def _able(self, run: _Run, ability: str) -> None:
        if run.ended:
            raise UnknownRun(f"run {run.request.run!r} has ended")
        if ability not in abilities(type(run.opt)):
            raise Invalid(f"{run.request.optimizer} has no {ability}")

    def _identity(self, run: _Run) -> dict[str, Any]:
        """What a checkpoint must agree in with the run that goes on from it."""
        return {
            "optimizer": run.request.optimizer,
            "version": type(run.opt).version,
            "dimension": run.problem.dim,
            "configuration": json.dumps(run.values),
        }

    def _close(self, run: _Run) -> None:
        try:
            run.opt.close()
        except Exception:
            traceback.print_exc()  # the run is over; the log has what was wrong


def _taken(name: str) -> Invalid:
    return Invalid(f"run {name[:80]!r} exists, want another name")


def _broken(who: str, e: Exception) -> Broken:
    traceback.print_exc()
    where = traceback.extract_tb(e.__traceback__)[-1]
    return Broken(f"{who}: {line(e)} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})")


def _check_blocks(blocks: Sequence[Block], dim: int) -> None:
    off = 0
    for i, b in enumerate(blocks):
        if b.off != off or b.len < 0 or b.rows < 0 or b.rows and b.len % b.rows:
            raise Invalid(
                f"block {i} ({b.name}): {b.rows} rows, weights [{b.off}, {b.off + b.len}), want whole rows that start at weight {off}"
            )
        if not b.scale >= 0 or math.isinf(b.scale):
            raise Invalid(f"block {i} ({b.name}): scale {b.scale}, want a finite standard deviation")
        off += b.len
    if blocks and off != dim:
        raise Invalid(f"blocks end at weight {off}, want all {dim}")
