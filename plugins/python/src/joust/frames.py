"""Frames over stdin and stdout: a line of JSON, then raw bytes.

See FRAMES.md, one folder up from the SDK, for all there is to know of them.
Requests are answered one at a time, in order.
"""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO, Optional, Union

import numpy as np

from .errors import Error, Invalid, line
from .optimizer import Array, Block
from .server import MAJOR, MINOR, Init, Server, Tell
from .stdio import take_stdout

Data = Union[bytes, memoryview]

HEADER = 1 << 20  # bytes that a line may have


class Lost(Exception):
    """The stream cannot be followed any further."""


def run(server: Server) -> None:
    """Answers the frames of stdin on stdout until stdin ends."""
    stdout = take_stdout()
    try:
        Frames(server, sys.stdin.buffer, stdout).run()
    except Lost as e:
        print(f"frames: {e}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)  # the host is gone


class Frames:
    """Serves one host over a pair of byte streams."""

    def __init__(self, server: Server, reader: BinaryIO, writer: BinaryIO) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.dims: dict[str, int] = {}

    def run(self) -> None:
        while True:
            request = self.read()
            if request is None:
                return
            header, body = request
            try:
                answer, data = self.answer(header, body)
            except Error as e:
                answer, data = {"error": {"kind": e.kind, "message": line(e)}}, b""
            self.write(answer, data)

    def read(self) -> Optional[tuple[dict[str, Any], bytes]]:
        """The next frame; None: stdin has ended. Raises Lost."""
        text = self.reader.readline(HEADER)
        if not text:
            return None
        if not text.endswith(b"\n"):
            raise Lost(f"a line of {len(text)} bytes without an end, want at most {HEADER}")
        try:
            header = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise Lost(f"a line that is not JSON: {e}") from None
        size = header.get("bytes", 0) if isinstance(header, dict) else None
        if not _whole(size):
            raise Lost(f"a line that is not an object with a number of bytes: {text[:80]!r}")
        try:
            body = self.reader.read(size)
        except (MemoryError, OverflowError):
            raise Lost(f"no memory for the {size} bytes that a line says follow it") from None
        if len(body) != size:
            raise Lost(f"{len(body)} bytes after a line that says {size}")
        return header, body

    def write(self, header: dict[str, Any], data: Data) -> None:
        if data:
            header["bytes"] = len(data)
        self.writer.write(json.dumps(header).encode() + b"\n")
        self.writer.write(data)
        self.writer.flush()

    def answer(self, h: dict[str, Any], body: bytes) -> tuple[dict[str, Any], Data]:
        op = h.get("op")
        if op == "describe":
            return self.describe(h), b""
        if op == "init":
            init = self.init(h, body)
            seconds = self.server.init(init)
            self.dims[init.run] = init.dim
            return {"optimizer_seconds": seconds}, b""
        if op == "restore":
            size = _count(h, "state")
            init = self.init(h, body[: len(body) - size])
            seconds = self.server.restore(init, body[len(body) - size :])
            self.dims[init.run] = init.dim
            return {"optimizer_seconds": seconds}, b""
        run = _text(h, "run")
        if op == "step":
            return self.step(run, h, body)
        if op == "recommend":
            rows, seconds = self.server.recommend(run, _count(h, "shortlist"))
            return {"n": len(rows), "optimizer_seconds": seconds}, _data(rows)
        if op == "diagnose":
            figures, seconds = self.server.diagnose(run)
            return {"names": [k for k, _ in figures], "optimizer_seconds": seconds}, _data(np.array([v for _, v in figures]))
        if op == "checkpoint":
            return {}, self.server.checkpoint(run)
        if op == "finish":
            self.server.finish(run)
            self.dims.pop(run, None)
            return {}, b""
        raise Invalid(f"op {str(op)[:40]!r} is not known")

    def describe(self, h: dict[str, Any]) -> dict[str, Any]:
        theirs = _count(h, "protocol", MAJOR)
        if theirs != MAJOR:
            older = "update the joust package of this plugin" if theirs > MAJOR else "update joust"
            raise Invalid(f"the host speaks version {theirs} of the protocol, this plugin {MAJOR}: {older}")
        return {
            "protocol": MAJOR,
            "minor": MINOR,
            "optimizers": self.server.describe(),
            "runtime": self.server.runtime(),
        }

    def init(self, h: dict[str, Any], body: bytes) -> Init:
        dim, config = _count(h, "dim"), h.get("config", {})
        if len(body) != 8 * dim:
            raise Invalid(f"starting weights: {len(body)} bytes for a dimension of {dim}, want {8 * dim}")
        return Init(
            run=_text(h, "run"),
            optimizer=_text(h, "optimizer"),
            dim=dim,
            seed=_count(h, "seed"),
            init=np.frombuffer(body, "<f8"),
            config=json.dumps(config),
            blocks=_blocks(h.get("blocks") or []),
            budget=_count(h, "budget"),
            threads=_count(h, "threads"),
        )

    def step(self, run: str, h: dict[str, Any], body: bytes) -> tuple[dict[str, Any], Data]:
        tell = self.tell(run, h["tell"], body) if h.get("tell") is not None else None
        a = self.server.step(run, tell, bool(h.get("ask")))
        answer: dict[str, Any] = {"optimizer_seconds": a.seconds}
        if a.told:
            answer["told"] = True
        if a.failure is not None:
            answer["error"] = {"kind": a.failure.kind, "message": line(a.failure)}
            return answer, b""
        if a.rows is None:
            return answer, b""
        answer["batch"], answer["n"] = a.batch, len(a.rows)
        if a.need:
            answer["need"] = a.need
        return answer, _data(a.rows)

    def tell(self, run: str, t: Any, body: bytes) -> Tell:
        if not isinstance(t, dict):
            raise Invalid("tell is not an object")
        n = _count(t, "n")
        size = 8 * n
        grads = None
        if t.get("grads"):
            size += 8 * n * self.dims.get(run, 0)
        if run in self.dims and len(body) != size:
            raise Invalid(f"tell: {len(body)} bytes for {n} losses{' with gradients' if t.get('grads') else ''}, want {size}")
        numbers = np.frombuffer(body[: len(body) - len(body) % 8], "<f8")
        if t.get("grads"):
            grads = numbers[n:]
        return Tell(_count(t, "batch"), numbers[:n], grads)


def _whole(v: Any) -> bool:
    return isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 2**64


def _count(h: dict[str, Any], name: str, absent: int = 0) -> int:
    v = h.get(name, absent)
    if not _whole(v):
        raise Invalid(f"{name}: {str(v)[:40]}, want a whole number")
    return int(v)


def _text(h: dict[str, Any], name: str) -> str:
    v = h.get(name, "")
    if not isinstance(v, str):
        raise Invalid(f"{name}: {str(v)[:40]}, want a string")
    return v


def _blocks(blocks: Any) -> list[Block]:
    if not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        raise Invalid("blocks: want a list of objects")
    made = []
    for b in blocks:
        layer, scale = b.get("layer", 0), b.get("scale", 0.0)
        if not isinstance(layer, int) or isinstance(scale, bool) or not isinstance(scale, (int, float)):
            raise Invalid(f"block: layer {str(layer)[:40]} and scale {str(scale)[:40]}, want numbers")
        counts = [_count(b, k) for k in ("rows", "fan_in")]
        made.append(Block(_text(b, "name"), _count(b, "off"), _count(b, "len"), layer, *counts, float(scale)))
    return made


def _data(rows: Array) -> Data:
    """The bytes of rows, which are only copied if they are not as they have to be."""
    return memoryview(np.ascontiguousarray(rows, "<f8")).cast("B") if rows.size else b""
