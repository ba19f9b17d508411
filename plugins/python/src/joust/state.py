"""Checkpoints: a state as bytes, and back.

A line that says what it is, a checksum, and an npz archive: every array is a
member, and the member "meta" is JSON that holds everything else and refers to
the arrays. Nothing is ever pickled, so that reading one runs no code.
"""

from __future__ import annotations

import io
import json
import zlib
from typing import Any, Mapping

import numpy as np

from .errors import BadState, Broken
from .optimizer import Problem

MAGIC = b"joust python state 1\n"

# The random streams of numpy. Their state is a dict of numbers and arrays.
GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def save(identity: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    """state as bytes. identity says whose it is, and load wants the same."""
    writer = _Writer()
    tree = {name: writer.encode(f"attribute {name!r}", value) for name, value in state.items()}
    meta = json.dumps({"identity": identity, "state": tree, "generators": writer.generators})
    out = io.BytesIO()
    members: dict[str, Any] = {f"a{i}": a for i, a in enumerate(writer.arrays)}
    np.savez(out, allow_pickle=False, meta=np.frombuffer(meta.encode(), np.uint8), **members)
    body = out.getbuffer()
    return b"".join((MAGIC, zlib.crc32(body).to_bytes(4, "little"), body))


def load(identity: Mapping[str, Any], data: bytes, problem: Problem) -> dict[str, Any]:
    """What save was given. problem takes the place of the problem that was
    saved. Raises BadState if data is damaged or not of this identity."""
    head = len(MAGIC) + 4
    if not data.startswith(MAGIC):
        raise BadState(f"checkpoint starts with {bytes(data[:len(MAGIC)])!r}, want {MAGIC!r}")
    body = data[head:]
    if zlib.crc32(body) != int.from_bytes(data[len(MAGIC) : head], "little"):
        raise BadState(f"checkpoint of {len(data)} bytes is damaged or cut off: its checksum is wrong")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        meta = json.loads(arrays["meta"].tobytes())
        saved = dict(meta["identity"])
    except Exception as e:  # zipfile alone raises half a dozen kinds
        raise BadState(f"checkpoint cannot be read: {type(e).__name__}: {e}") from None
    for key, want in identity.items():
        if saved.get(key) != want:
            raise BadState(f"checkpoint is of {key} {saved.get(key)}, want {want}")
    try:
        reader = _Reader(arrays, meta["generators"], problem)
        return {name: reader.decode(node) for name, node in meta["state"].items()}
    except Exception as e:  # whatever JSON there may be in its place
        raise BadState(f"checkpoint cannot be read: {type(e).__name__}: {e}") from None


class _Writer:
    """Takes a state apart. The same array or generator in two places is saved
    once, and is one object again when it is read."""

    def __init__(self) -> None:
        self.arrays: list[Any] = []
        self.generators: list[Any] = []
        self.seen: dict[int, Any] = {}
        self.kept: list[Any] = []  # so that no id is used twice
        self.depth = 0

    def encode(self, where: str, v: Any) -> Any:
        if v is None or type(v) in (bool, int, float, str):
            return v
        if id(v) in self.seen:
            return self.seen[id(v)]
        if isinstance(v, np.ndarray) and v.dtype.kind in "biufcSU" and type(v) is np.ndarray:
            return self.once(v, "array", self.array(v))
        if isinstance(v, np.generic) and v.dtype.kind in "biufcSU":
            return {"scalar": self.array(np.asarray(v))}
        if isinstance(v, (bytes, bytearray)) and type(v) in (bytes, bytearray):
            return {type(v).__name__: self.array(np.frombuffer(v, np.uint8))}
        if isinstance(v, Problem):
            return {"problem": True}
        if isinstance(v, np.random.Generator) and type(v.bit_generator).__name__ in GENERATORS:
            state = self.inside(where, lambda: self.encode(where, v.bit_generator.state))
            self.generators.append(state)
            return self.once(v, "generator", len(self.generators) - 1)
        if type(v) in (list, tuple):
            return {type(v).__name__: self.inside(where, lambda: [self.encode(f"{where}[{i}]", x) for i, x in enumerate(v)])}
        if type(v) is dict and all(type(k) in (str, int) for k in v):
            return {"dict": self.inside(where, lambda: [[k, self.encode(f"{where}[{k!r}]", x)] for k, x in v.items()])}
        raise Broken(
            f"cannot save {where}, a {type(v).__module__}.{type(v).__qualname__}: a state holds numbers, strings, arrays of "
            "numbers, numpy Generators, and lists, tuples and dicts of them; write state and restore, or set checkpoint = False"
        )

    def array(self, a: Any) -> int:
        self.arrays.append(a)
        return len(self.arrays) - 1

    def once(self, v: Any, kind: str, index: int) -> Any:
        self.kept.append(v)
        self.seen[id(v)] = {kind: index}
        return self.seen[id(v)]

    def inside(self, where: str, encode: Any) -> Any:
        self.depth += 1
        if self.depth > 50:
            raise Broken(f"cannot save {where[:60]}...: it is nested more than 50 deep, or holds itself")
        v = encode()
        self.depth -= 1
        return v


class _Reader:
    def __init__(self, arrays: Mapping[str, Any], generators: list[Any], problem: Problem) -> None:
        self.arrays, self.problem = arrays, problem
        self.generators = [self.generator(state) for state in generators]

    def decode(self, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        [(kind, v)] = node.items()
        if kind == "array":
            return self.arrays[f"a{v}"]
        if kind == "scalar":
            return self.arrays[f"a{v}"][()]
        if kind == "bytes":
            return self.arrays[f"a{v}"].tobytes()
        if kind == "bytearray":
            return bytearray(self.arrays[f"a{v}"].tobytes())
        if kind == "problem":
            return self.problem
        if kind == "generator":
            return self.generators[v]
        if kind == "list":
            return [self.decode(x) for x in v]
        if kind == "tuple":
            return tuple(self.decode(x) for x in v)
        if kind == "dict":
            return {k: self.decode(x) for k, x in v}
        raise ValueError(f"a {kind} is not known")

    def generator(self, node: Any) -> np.random.Generator:
        state = self.decode(node)
        name = state["bit_generator"]
        if name not in GENERATORS:
            raise ValueError(f"random stream {name!r} is not known")
        bits = getattr(np.random, name)()
        bits.state = state
        return np.random.Generator(bits)
