"""The gRPC service over a Server: messages to numpy and back.

The service is registered by hand, which takes no stubs; optimizer_pb2 is all
that is generated (the README says how).
"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Iterable, Iterator, NoReturn, Optional

import grpc
import numpy as np

from . import optimizer_pb2 as pb
from .errors import BadState, Broken, Error, Invalid, line
from .optimizer import Array, Block
from .server import MINOR, Answer, Init, Server, Tell
from .shared import Shared
from .socket_server import FEATURE, Steps, handed

SERVICE = "joust.optimizer.v1.Optimizer"

# Rows that do not go through shared memory are cut into messages of about this
# size. The protocol allows 32 MiB, but a message is copied some four times, and
# what is larger than a few MiB gets new pages from the system for each copy:
# measured on 104 MB, 32 MiB at a time took 30 times the processor time of 4.
MESSAGE = 4 << 20
CHUNK = 1 << 20  # of a checkpoint

CODES = {
    "unknown_run": grpc.StatusCode.NOT_FOUND,
    "wrong_order": grpc.StatusCode.FAILED_PRECONDITION,
    "invalid": grpc.StatusCode.INVALID_ARGUMENT,
    "diverged": grpc.StatusCode.ABORTED,
    "bad_state": grpc.StatusCode.DATA_LOSS,
    "too_large": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "broken": grpc.StatusCode.INTERNAL,
}


class Service:
    """The calls of the protocol. dims and halves are those of live runs: what
    is needed to read a message before the run is asked."""

    def __init__(self, server: Server, shared: Optional[Shared] = None) -> None:
        self.server = server
        self.shared = shared or Shared()
        self.dims: dict[str, tuple[int, int]] = {}
        sock = handed() if shared is None else None
        self.steps_there = Steps(sock, self.step) if sock else None

    def handler(self) -> grpc.GenericRpcHandler:
        """What a grpc.Server is given."""
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "Describe": unary(_answer(self.describe), pb.DescribeRequest.FromString, _bytes),
                "Init": unary(_answer(self.init), pb.InitRequest.FromString, _bytes),
                "Step": grpc.stream_stream_rpc_method_handler(self.steps, pb.StepRequest.FromString, _bytes),
                "Recommend": unary(_answer(self.recommend), pb.RecommendRequest.FromString, _bytes),
                "Diagnose": unary(_answer(self.diagnose), pb.DiagnoseRequest.FromString, _bytes),
                "Checkpoint": stream(self.checkpoint, pb.CheckpointRequest.FromString, _bytes),
                "Restore": grpc.stream_unary_rpc_method_handler(
                    _answer(self.restore), pb.RestoreRequest.FromString, _bytes
                ),
                "Finish": unary(_answer(self.finish), pb.FinishRequest.FromString, _bytes),
            },
        )

    def describe(self, r: pb.DescribeRequest) -> pb.DescribeResponse:
        features = []
        if self.steps_there and FEATURE in r.features:
            self.steps_there.start()
            features = [FEATURE]
        return pb.DescribeResponse(
            features=features,
            optimizers=[description(d) for d in self.server.describe()],
            minor=MINOR,
            runtime=self.server.runtime() + [f"grpcio {grpc.__version__}"],
        )

    def init(self, r: pb.InitRequest) -> pb.InitResponse:
        return self._begin(r, self.server.init)

    def restore(self, parts: Iterable[pb.RestoreRequest]) -> pb.InitResponse:
        parts = iter(parts)
        first = next(parts, None)
        if first is None or first.WhichOneof("part") != "init":
            raise Invalid("restore: the first message has no init")
        chunks = []
        for part in parts:
            if part.WhichOneof("part") != "chunk":
                raise BadState("restore: a message without a chunk after the first")
            chunks.append(part.chunk.data)
        return self._begin(first.init, lambda init: self.server.restore(init, b"".join(chunks)))

    def _begin(self, r: pb.InitRequest, begin: Callable[[Init], float]) -> pb.InitResponse:
        init = Init(
            run=r.run,
            optimizer=r.optimizer,
            dim=r.dim,
            seed=r.seed,
            init=self._rows("starting weights", r.init, r.dim, r.shared_half, n=1),
            config=r.config,
            blocks=[Block(b.name, b.off, b.len, b.layer, b.rows, b.fan_in, b.scale) for b in r.blocks],
            budget=r.budget,
            threads=r.threads,
        )
        shared = self.shared.take(r.run, r.shared_half)
        if shared:
            init.memory = self.shared.allocate
        try:
            seconds = begin(init)
        except BaseException:
            if shared:
                self.shared.release(r.run)
            raise
        self.dims[r.run] = (r.dim, r.shared_half)
        return pb.InitResponse(shared=shared, optimizer_seconds=seconds)

    def steps(self, requests: Iterable[pb.StepRequest], context: Any) -> Iterator[pb.StepResponse]:
        for r in requests:
            yield from self.step(r)

    def step(self, r: pb.StepRequest) -> Iterator[pb.StepResponse]:
        """The answer to a request, a message at a time."""
        try:
            tell = self._tell(r) if r.HasField("tell") else None
        except Error as e:
            yield pb.StepResponse(failure=_failure(e))
            return
        yield from self._answers(r.run, self.server.step(r.run, tell, r.HasField("ask")))

    def _tell(self, r: pb.StepRequest) -> Tell:
        t, grads = r.tell, None
        if t.HasField("grads"):
            dim, half = self.dims.get(r.run, (0, 0))  # an unknown run is refused by the server
            if dim:
                grads = self._rows("gradients", t.grads, dim, half)
        return Tell(t.batch, np.array(t.losses, np.float64), grads)

    def _answers(self, run: str, a: Answer) -> Iterator[pb.StepResponse]:
        """One message, or several where the rows do not fit into one: each but
        the last says more, and the last has the rest of the answer."""
        last = pb.StepResponse(told=a.told, optimizer_seconds=a.seconds)
        if a.failure is not None:
            last.failure.CopyFrom(_failure(a.failure))
        if a.failure is not None or a.rows is None:
            yield last
            return
        asked = pb.Asked(batch=a.batch, need=_NEEDS.get(a.need, pb.NEED_UNSPECIFIED))
        last.asked.CopyFrom(asked)
        n, dim = a.rows.shape
        if n == 0:
            yield last
            return
        at = self.shared.put(run, a.rows)
        if at is not None:
            last.asked.rows.n, last.asked.rows.offset = n, at
            yield last
            return
        at_once = max(1, MESSAGE // (8 * dim))
        for first in range(0, n, at_once):
            part = a.rows[first : first + at_once]
            m = pb.StepResponse(asked=asked, more=True) if first + at_once < n else last
            m.asked.rows.n, m.asked.rows.data = len(part), _data(part)
            yield m

    def recommend(self, r: pb.RecommendRequest) -> pb.RecommendResponse:
        rows, seconds = self.server.recommend(r.run, r.shortlist)
        return pb.RecommendResponse(rows=pb.Rows(n=len(rows), data=_data(rows)), optimizer_seconds=seconds)

    def diagnose(self, r: pb.DiagnoseRequest) -> pb.DiagnoseResponse:
        figures, seconds = self.server.diagnose(r.run)
        return pb.DiagnoseResponse(figures=[pb.Figure(name=k, value=v) for k, v in figures], optimizer_seconds=seconds)

    def checkpoint(self, r: pb.CheckpointRequest, context: Any) -> Iterator[pb.Chunk]:
        try:
            data = self.server.checkpoint(r.run)
        except Error as e:
            _abort(context, e)
        for i in range(0, len(data), CHUNK):
            yield pb.Chunk(data=data[i : i + CHUNK])

    def finish(self, r: pb.FinishRequest) -> pb.FinishResponse:
        self.server.finish(r.run)
        self.shared.release(r.run)
        self.dims.pop(r.run, None)
        return pb.FinishResponse()

    def _rows(self, what: str, rows: pb.Rows, dim: int, half: int, n: Optional[int] = None) -> Array:
        """The numbers of rows, in memory of the message or of both sides."""
        if n is not None and rows.n != n:
            raise Invalid(f"{what}: {rows.n} rows, want {n}")
        if rows.WhichOneof("where") == "offset":
            return self.shared.read(half, rows.offset, rows.n * dim)
        if len(rows.data) != 8 * rows.n * dim:
            raise Invalid(f"{what}: {len(rows.data)} bytes for {rows.n} rows of {dim}, want {8 * rows.n * dim}")
        return np.frombuffer(rows.data, "<f8")


_NEEDS = {"loss": pb.NEED_LOSS, "grad": pb.NEED_GRAD}
_ABILITIES = {name: getattr(pb, "ABILITY_" + name.upper()) for name in ("checkpoint", "recommend", "shortlist", "diagnose", "needs")}


def description(d: dict[str, Any]) -> pb.Description:
    """A description as a message, in which a default is JSON."""
    known = dict(d)
    known["need"] = _NEEDS[d["need"]]
    known["abilities"] = [_ABILITIES[a] for a in d.get("abilities", ())]
    known["params"] = [pb.Param(**{**p, "default": json.dumps(p["default"])}) for p in d.get("params", ())]
    known["memory"] = pb.Memory(**d.get("memory", {}))
    return pb.Description(**known)


def _data(rows: Array) -> bytes:
    return np.ascontiguousarray(rows, "<f8").tobytes()


def _bytes(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data


def _failure(e: Error) -> pb.Failure:
    return pb.Failure(kind=getattr(pb.Failure, "KIND_" + e.kind.upper()), message=line(e))


def _abort(context: Any, e: Error) -> NoReturn:
    context.abort(CODES[e.kind], line(e))
    sys.exit("grpc's abort returned")  # it raises


def _answer(call: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A handler whose errors are answered with their kinds."""

    def handle(request: Any, context: Any) -> Any:
        try:
            return call(request)
        except Error as e:
            _abort(context, e)
        except (ValueError, TypeError, OverflowError) as e:  # the message could not be built
            _abort(context, Broken(line(e)))

    return handle
