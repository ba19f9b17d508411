"""For libraries that call the objective instead of answering ask and tell.

The library runs in a thread of its own. When it calls the objective it is put
to sleep, the points are what ask returns, and tell wakes it with their losses.
The two threads never run at the same time, so that what is computed does not
depend on how they are scheduled.
"""

from __future__ import annotations

import threading
from typing import Any, Optional

import numpy as np

from ..errors import Diverged, Error
from ..optimizer import Array, Optimizer, Problem

# What a library is told at most, of either sign. It knows no infinite losses,
# and takes differences and means of the losses, which must not overflow.
LARGEST = 1e300


class Stop(BaseException):
    """Ends the library's thread. It is no Exception, for libraries catch those."""


class CallbackOptimizer(Optimizer):
    """Subclass it and write minimize instead of init, ask and tell.

    There is no checkpoint, for the state is on the stack of a thread; joust
    starts a run again from the beginning and tells it the same losses.
    """

    checkpoint = False

    def init(self, problem: Problem, **params: Any) -> None:
        self._params = params
        self._problem = problem
        self._asked: Optional[Array] = None  # by the library, not yet told
        self._answer: Any = None
        self._failure: Optional[BaseException] = None
        self._stopped = False
        # Each is up when it is that side's turn.
        self._library, self._host = threading.Semaphore(0), threading.Semaphore(0)
        self._thread: Optional[threading.Thread] = None

    def minimize(self, problem: Problem, **params: Any) -> None:
        """Runs the library. It calls :meth:`evaluate` for losses, and returns
        when the search has converged. All randomness comes from the seed."""
        raise NotImplementedError

    def evaluate(self, x: Any) -> Any:
        """The losses of the rows of x, for an optimizer that needs the gradient
        with their gradients: (n,) or a pair of (n,) and (n, dim). Called by
        minimize, from its thread."""
        if self._stopped:  # by a library that went on after Stop
            raise Stop
        self._asked = np.asarray(x, np.float64)  # it sleeps, and changes nothing
        self._host.release()
        self._library.acquire()
        if self._stopped:
            raise Stop
        return self._answer

    def evaluate_one(self, x: Any) -> Any:
        """As evaluate, of one point: a loss, or a pair of a loss and a gradient."""
        answer = self.evaluate(np.asarray(x)[None])
        if self.need == "grad":
            return float(answer[0][0]), answer[1][0]
        return float(answer[0])

    def ask(self) -> Optional[Array]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"joust-{self.name}", daemon=True)
            self._thread.start()
            self._host.acquire()
        if self._failure is not None:
            raise self._failure
        if self._asked is not None and not np.isfinite(self._asked).all():
            raise Diverged("the next point of the library is not finite")  # as after an enormous gradient
        return self._asked

    def tell(self, x: Array, losses: Array, grads: Optional[Array]) -> None:
        losses = np.clip(losses, -LARGEST, LARGEST)
        self._answer = losses if grads is None else (losses, np.clip(grads, -LARGEST, LARGEST))
        self._asked = None
        self._library.release()
        self._host.acquire()  # until it wants to know more, or has ended

    def close(self) -> None:
        self._stopped = True
        if self._thread is not None:
            self._library.release()
            # It may be inside of a long computation; then it ends at its next call.
            self._thread.join(1.0)

    def _run(self) -> None:
        try:
            self.minimize(self._problem, **self._params)
        except Stop:
            pass
        except BaseException as e:  # ask raises it, in the thread of the host
            self._failure = e if isinstance(e, (Error, Exception)) else RuntimeError(f"ended by {e!r}")
        finally:
            self._asked = None
            self._host.release()
