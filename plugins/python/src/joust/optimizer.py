"""What an author writes: a subclass of Optimizer."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Optional, Sequence

import numpy as np
import numpy.typing as npt

from .params import Param, check_names

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """A named range of the weight vector, such as one weight matrix.

    Row r of every block of a layer with the same number of rows belongs to the
    same unit: a neuron is a row of "w" and an element of "b".
    """

    name: str
    off: int  # index of its first weight
    len: int  # number of weights
    layer: int = 0  # of the layer it belongs to, from the input
    rows: int = 0  # units: len/rows weights each, one unit after another
    fan_in: int = 0  # inputs that each unit sums over; 0 for biases and gains
    scale: float = 0.0  # standard deviation of its initial weights


@dataclass(frozen=True)
class Problem:
    """What an optimizer is given to start from."""

    init: Array  # the starting weights; a copy of your own
    seed: int  # selects the optimizer's random stream
    blocks: tuple[Block, ...] = ()  # empty: nothing is known of the structure
    budget: int = 0  # evaluations to expect in all, for schedules; 0: not known
    threads: int = 1  # cores it may use; what it computes does not depend on it
    # Numbers that are 0 where the host reads them, or None if there are not so many.
    memory: Optional[Callable[[int], Optional[Array]]] = field(default=None, repr=False, compare=False)

    @property
    def dim(self) -> int:
        """The number of weights."""
        return len(self.init)

    def candidates(self, n: int) -> Array:
        """An array of n rows of zeros to keep, fill in ask, and return. Any
        other is as good, but this one, or some rows of it that follow each
        other, joust reads where it is: large candidates are not copied."""
        flat = self.memory(n * self.dim) if self.memory is not None else None
        return np.zeros((n, self.dim)) if flat is None else flat.reshape(n, self.dim)

    def rng(self) -> np.random.Generator:
        """A new generator from the seed. Equal seeds, equal numbers."""
        return np.random.default_rng(self.seed)


@dataclass(frozen=True)
class Memory:
    """Bytes that a run holds at dimension d with the default parameters:
    fixed + per_dim d + per_dim2 d**2. joust refuses what does not fit."""

    fixed: float = 0.0
    per_dim: float = 0.0
    per_dim2: float = 0.0


class Optimizer:
    """An optimizer proposes weight vectors and learns from their losses.

    Subclass it, set the class attributes, write init, ask and tell, and give
    the class to :func:`joust.serve`. Calls alternate: ask, then tell. Lower
    loss is better. One object serves one run; a process may serve many runs at
    once, each from a thread of its own, so keep nothing in globals.

    It is a function of its seed and of what it is told: the same again gives
    the same candidates, bit for bit.
    """

    name = ""  # what users type: lower case, such as "my-es"
    version = "0.1.0"
    summary = ""  # one sentence
    doc = ""  # Markdown; if empty, the docstring of the class
    license = ""  # an SPDX identifier
    homepage = ""
    refs: Sequence[str] = ()  # papers, with DOI or arXiv number
    need = "loss"  # or "grad": what tell is given of each candidate
    full_batch = False  # True: noise in the loss breaks the method
    min_dim = 0  # the least and the greatest number of weights; 0: no limit
    max_dim = 0
    memory = Memory()  # all zero: not known
    params: Mapping[str, Param] = {}
    checkpoint = True  # False: state and restore are of no use
    modules: Sequence[str] = ()  # whose versions are kept with every result

    def init(self, problem: Problem, **params: Any) -> None:
        """Starts a run. Every parameter comes as a keyword argument, checked."""
        raise NotImplementedError

    def ask(self) -> Optional[npt.ArrayLike]:
        """The candidates to evaluate next: n rows of dim weights, all finite.

        The array stays unchanged until tell returns. None or no rows: the
        search has converged. Raise :class:`joust.Diverged` if there is no
        finite candidate to ask about.
        """
        raise NotImplementedError

    def tell(self, x: Array, losses: Array, grads: Optional[Array]) -> None:
        """Learns the n losses of the candidates x, which is what ask returned.

        A loss is +inf where the network diverged, never NaN. grads has a row
        for each candidate if the optimizer needs them, otherwise it is None.
        Both arrays are yours to keep.
        """
        raise NotImplementedError

    # What follows is optional: joust is told that it is there if a class has it.

    def recommend(self) -> npt.ArrayLike:
        """The point that the optimizer would settle on, dim finite weights,
        such as the mean of its distribution. It may be called at any time,
        before the first tell too, and changes nothing."""
        raise NotImplementedError

    def shortlist(self, n: int) -> npt.ArrayLike:
        """The best of the candidates it holds now, best first, at most n rows;
        none before the first tell. It changes nothing."""
        raise NotImplementedError

    def diagnostics(self) -> Mapping[str, float]:
        """Figures worth plotting, such as the step size, in a fixed order."""
        raise NotImplementedError

    def needs(self) -> str:
        """For an optimizer with need = "grad" that does not need gradients at
        every step: "loss" or "grad", for the candidates just asked about."""
        raise NotImplementedError

    def close(self) -> None:
        """Called when the run ends, to release threads, files, processes."""

    def state(self) -> Mapping[str, Any]:
        """What a checkpoint has to hold, between a tell and the next ask.

        Without it every attribute is saved. A state may hold numbers, strings,
        bool, None, arrays of numbers, numpy Generators, and lists, tuples and
        dicts of them; anything else is an error that names it.
        """
        return vars(self)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from a state, with the same bits. init was called before it,
        with the same parameters and problem as in the run that was saved."""
        self.__dict__.update(state)


OPTIONAL = {"recommend": "recommend", "shortlist": "shortlist", "diagnostics": "diagnose", "needs": "needs"}


def abilities(cls: type[Optimizer]) -> list[str]:
    """What a class can do beyond init, ask and tell, by the protocol's names."""
    have = [able for method, able in OPTIONAL.items() if getattr(cls, method) is not getattr(Optimizer, method)]
    return (["checkpoint"] if cls.checkpoint else []) + have


def describe(cls: type[Optimizer]) -> dict[str, Any]:
    """The members of the protocol's Description; what is zero is left out."""
    memory = {k: v for k, v in vars(cls.memory).items() if v}
    d: dict[str, Any] = {
        "name": cls.name,
        "version": cls.version,
        "summary": cls.summary,
        "doc": cls.doc or inspect.getdoc(cls) or "",
        "license": cls.license,
        "homepage": cls.homepage,
        "refs": list(cls.refs),
        "need": cls.need,
        "full_batch": cls.full_batch,
        "min_dim": cls.min_dim,
        "max_dim": cls.max_dim,
        "params": [p.describe(name) for name, p in cls.params.items()],
        "memory": memory,
        "abilities": abilities(cls),
    }
    return {k: v for k, v in d.items() if v}


def check_class(cls: type[Optimizer]) -> None:
    """Raises ValueError or TypeError, in words for the author, on a class that
    cannot be served."""
    if not (isinstance(cls, type) and issubclass(cls, Optimizer)):
        raise TypeError(f"{cls!r} is not a subclass of joust.Optimizer; give the class, not an object")
    who = f"class {cls.__name__}"
    if len(cls.name) > 64 or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cls.name):
        raise ValueError(f'{who}: name {cls.name!r}, want a lower-case word of letters, digits and dashes such as "my-es"')
    if not cls.version or not cls.summary:
        raise ValueError(f"{who}: version {cls.version!r} and summary {cls.summary!r}, want neither empty")
    if cls.need not in ("loss", "grad"):
        raise ValueError(f'{who}: need {cls.need!r}, want "loss" or "grad"')
    if cls.min_dim < 0 or cls.max_dim < 0 or cls.max_dim and cls.max_dim < cls.min_dim:
        raise ValueError(f"{who}: takes {cls.min_dim} to {cls.max_dim} weights, want a range; 0 is no limit")
    if isinstance(cls.refs, str) or isinstance(cls.modules, str):
        raise ValueError(f"{who}: refs and modules are lists of strings, not a string")
    for method in ("init", "ask", "tell"):
        if getattr(cls, method) is getattr(Optimizer, method):
            raise ValueError(f"{who} has no method {method}")
    able = abilities(cls)
    if "needs" in able and cls.need != "grad":
        raise ValueError(f'{who}: needs is for an optimizer with need = "grad"')
    try:
        check_names(cls.params)
        inspect.signature(cls.init).bind(None, None, **{name: p.default for name, p in cls.params.items()})
        inspect.signature(cls.tell).bind(None, None, None, None)
    except (ValueError, TypeError) as e:
        raise ValueError(f"{who}: {e} (init takes problem and every parameter; tell takes x, losses, grads)") from None
