"""Parameters: what users may set, to what, and what it is when they do not.

One description documents, validates, completes and tunes. joust checks a
configuration by it before the plugin sees it, and the plugin checks it again.
"""

from __future__ import annotations

import difflib
import json
import keyword
import math
import re
from typing import Any, Mapping, Optional, Sequence

from .errors import Invalid


class Param:
    """One member of a configuration. Use :class:`Float`, :class:`Int`,
    :class:`Bool`, :class:`String` or :class:`Choice`."""

    type = ""
    min: Optional[float] = None
    max: Optional[float] = None
    min_open = False
    max_open = False
    log = False
    choices: tuple[str, ...] = ()

    def __init__(self, default: Any, *, doc: str) -> None:
        if not doc:
            raise ValueError("a parameter has a doc: what it does, in a few words")
        self.doc = doc
        try:
            self.default = self.check("default", default)
        except Invalid as e:
            raise ValueError(str(e)) from None

    def check(self, name: str, value: Any) -> Any:
        """value as the optimizer is given it. Raises Invalid, naming the
        parameter and what would be right."""
        raise NotImplementedError

    def wanted(self) -> str:
        """What a value must be, for errors and documentation."""
        raise NotImplementedError

    def refuse(self, name: str, value: Any) -> Invalid:
        text = value if isinstance(value, _Unreadable) else json.dumps(value, default=repr)
        if len(text) > 40:
            text = text[:40] + "..."
        return Invalid(f"{name}: {text}, want {self.wanted()}")

    def describe(self, name: str) -> dict[str, Any]:
        """The members of the protocol's Param; what is zero is left out."""
        d: dict[str, Any] = {"name": name, "doc": self.doc, "type": self.type, "default": self.default}
        for key in ("min", "max"):
            if getattr(self, key) is not None:
                d[key] = float(getattr(self, key))
        for key in ("min_open", "max_open", "log"):
            if getattr(self, key):
                d[key] = True
        if self.choices:
            d["choices"] = list(self.choices)
        return d


class _Number(Param):
    def __init__(
        self,
        default: Any,
        *,
        min: Optional[float] = None,
        max: Optional[float] = None,
        min_open: bool = False,
        max_open: bool = False,
        log: bool = False,
        doc: str,
    ) -> None:
        if log and (min is None or min < 0):
            raise ValueError("log is for a range that is not negative: give a min of at least 0")
        if min_open and min is None or max_open and max is None:
            raise ValueError("an open bound is a bound: give min with min_open and max with max_open")
        if not all(bound is None or math.isfinite(bound) for bound in (min, max)):
            raise ValueError(f"bounds {min} and {max}, want finite numbers; leave out one that there is not")
        self.min, self.max, self.min_open, self.max_open, self.log = min, max, min_open, max_open, log
        super().__init__(default, doc=doc)

    def contains(self, x: float) -> bool:
        if self.min is not None and (x < self.min or self.min_open and x == self.min):
            return False
        return self.max is None or x < self.max or not self.max_open and x == self.max

    def interval(self) -> str:
        if self.min is None and self.max is None:
            return ""
        low = "(-inf" if self.min is None else ("(" if self.min_open else "[") + f"{self.min:g}"
        high = "inf)" if self.max is None else f"{self.max:g}" + (")" if self.max_open else "]")
        return f" in {low}, {high}"


class Float(_Number):
    """A finite number. ``log`` says that a search over it should be even in
    its logarithm; ``min_open`` leaves the bound itself out."""

    type = "float"

    def check(self, name: str, value: Any) -> float:
        try:
            x = math.nan if isinstance(value, (bool, str)) else float(value)
        except (TypeError, ValueError, OverflowError):
            x = math.nan
        if not math.isfinite(x) or not self.contains(x):
            raise self.refuse(name, value)
        return x

    def wanted(self) -> str:
        return "a number" + self.interval()


class Int(_Number):
    """A whole number of 64 bits: signed, or unsigned if min is 0 and there is no max."""

    type = "int"

    def check(self, name: str, value: Any) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            value = int(value)  # as programs write it that know only floats
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(name, value)
        unsigned = self.min == 0 and self.max is None
        low, high = (0, 2**64) if unsigned else (-(2**63), 2**63)
        if not low <= value < high or not self.contains(value):
            raise self.refuse(name, value)
        return value

    def wanted(self) -> str:
        return "an integer" + self.interval()


class Bool(Param):
    """True or false."""

    type = "bool"

    def check(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(name, value)
        return value

    def wanted(self) -> str:
        return "true or false"


class String(Param):
    """Any string."""

    type = "string"

    def check(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or isinstance(value, _Unreadable):
            raise self.refuse(name, value)
        if self.choices and value not in self.choices:
            raise self.refuse(name, value)
        return value

    def wanted(self) -> str:
        return "a string"


class Choice(String):
    """One of some strings."""

    def __init__(self, default: str, choices: Sequence[str], *, doc: str) -> None:
        self.choices = tuple(choices)
        if not self.choices or len(set(self.choices)) != len(self.choices):
            raise ValueError(f"choices {list(choices)}, want one at least, and each once")
        super().__init__(default, doc=doc)

    def wanted(self) -> str:
        return "one of " + ", ".join(self.choices)


def check_names(params: Mapping[str, Param]) -> None:
    """Raises ValueError on a name that cannot be a keyword argument, or is taken."""
    for name, p in params.items():
        if not isinstance(p, Param):
            raise ValueError(f"params: {name} is a {type(p).__name__}, want a joust.Float, Int, Bool, String or Choice")
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name) or len(name) > 64:
            raise ValueError(f"params: {name!r}, want a lower-case name that can be an argument of init, such as learning_rate")
        if name in ("batch", "self", "problem"):
            raise ValueError(f"params: the name {name!r} is taken, choose another")


class _Unreadable(str):
    """Text that JSON has no number for, such as NaN; no parameter takes it."""


def configure(params: Mapping[str, Param], config: str) -> dict[str, Any]:
    """The value of every parameter: as config, a JSON object, has it, or its
    default. It is strict, because a misspelt setting that is silently ignored
    makes a comparison wrong. Raises Invalid."""
    values = {name: p.default for name, p in params.items()}
    if not config.strip():
        return values
    try:
        given = json.loads(config, object_pairs_hook=_Pairs, parse_constant=_Unreadable)
    except (ValueError, RecursionError) as e:
        raise Invalid(f"configuration is not JSON: {e}") from None
    if not isinstance(given, _Pairs):
        raise Invalid(f"configuration is {config[:40]}, want a JSON object")
    seen = set()
    for name, value in given:
        if name not in params:
            raise Invalid(_unknown(name, list(params)))
        if name in seen:
            raise Invalid(f"{name}: given twice")
        seen.add(name)
        values[name] = params[name].check(name, value)
    return values


class _Pairs(list):  # type: ignore[type-arg]
    """The members of a JSON object; a dict would hide that one is given twice."""


def _unknown(name: str, names: list[str]) -> str:
    text = f"{json.dumps(name[:40])}: no such member"
    if not names:
        return text + ", there are none"
    near = difflib.get_close_matches(name, names, 1)
    if near:
        text += f", did you mean {near[0]}?"
    return f"{text} (members: {', '.join(names)})"
