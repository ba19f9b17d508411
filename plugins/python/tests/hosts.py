"""Small hosts, to drive a plugin as joust does: in this process, over gRPC and
over frames. All three have the same methods, so that one test runs on each."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import numpy as np

from joust import optimizer_pb2 as pb
from joust import errors
from joust.server import Init, Server, Tell

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")
EXAMPLES = os.path.join(os.path.dirname(ROOT), "examples")
LIMIT = 60  # seconds that anything may take before a test fails

KINDS = {cls.kind: cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.Error)}
KINDS["broken"] = errors.Broken


def environment(**more):
    """The whole environment of a plugin; nothing of this process is in it."""
    return {"PYTHONPATH": SRC, "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **more}


class InProcess:
    """Calls a Server directly."""

    def __init__(self, *classes):
        self.server = Server(classes)

    def describe(self):
        return self.server.describe()

    def init(self, run, optimizer, x0, config=None, seed=1, blocks=(), budget=0, threads=1):
        return self._request(self.server.init, run, optimizer, x0, config, seed, blocks, budget, threads)

    def restore(self, state, run, optimizer, x0, config=None, seed=1):
        self._request(lambda r: self.server.restore(r, state), run, optimizer, x0, config, seed, (), 0, 1)

    def _request(self, call, run, optimizer, x0, config, seed, blocks, budget, threads):
        x0 = np.asarray(x0, float)
        call(Init(run, optimizer, len(x0), seed, x0, json.dumps(config or {}), blocks, budget, threads))

    def step(self, run, tell=None, ask=True):
        """tell is (batch, losses[, grads]). Returns told, batch, rows, need, failure."""
        t = None
        if tell is not None:
            t = Tell(tell[0], np.asarray(tell[1], float), np.asarray(tell[2], float) if len(tell) > 2 else None)
        a = self.server.step(run, t, ask)
        rows = None if a.rows is None else np.array(a.rows)
        return SimpleNamespace(told=a.told, batch=a.batch, rows=rows, need=a.need, failure=a.failure)

    def recommend(self, run, shortlist=0):
        return np.array(self.server.recommend(run, shortlist)[0])

    def diagnose(self, run):
        return dict(self.server.diagnose(run)[0])

    def checkpoint(self, run):
        return self.server.checkpoint(run)

    def finish(self, run):
        self.server.finish(run)

    def close(self):
        pass


class Process:
    """What the two transports share: a process that ends in good order."""

    def start(self, command, env, **options):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=self.log, **options)

    def stderr(self):
        self.log.seek(0)
        return self.log.read().decode()

    def wait(self):
        try:
            return self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.log.close()


class GRPC(Process):
    """Starts a plugin as go-plugin does and calls it over gRPC.

    tls: with mutual TLS. shared: so many bytes of shared memory a half, as file
    descriptor 3. socketed: steps go over a socket, file descriptor 4.
    """

    def __init__(self, script, *arguments, tls=False, shared=0, socketed=False):
        import grpc

        self.dir = tempfile.TemporaryDirectory()
        self.half, self.memory = shared, None
        env = environment(
            JOUST_PLUGIN="optimizer", PLUGIN_PROTOCOL_VERSIONS="1", PLUGIN_UNIX_SOCKET_DIR=self.dir.name
        )
        command = [sys.executable, script, *arguments]
        options = {}
        if tls:
            from joust.tls import certificate

            own = certificate()
            env["PLUGIN_CLIENT_CERT"] = own.cert.decode()
        if shared:
            import mmap

            first = os.memfd_create("joust")
            fd = fcntl.fcntl(first, fcntl.F_DUPFD_CLOEXEC, 10)  # none that is taken below
            os.close(first)
            os.ftruncate(fd, 2 * shared)
            self.memory = mmap.mmap(fd, 2 * shared)
            # The shell puts the memory where the plugin expects it.
            command = ["/bin/sh", "-c", f'exec 3<&{fd}; exec "$@"', "sh", *command]
            command[2] = f'exec 3<>/proc/self/fd/{fd}; exec "$@"'
            options["pass_fds"] = [fd]
        self.socket = None
        if socketed:
            self.socket, theirs = socket.socketpair()
            self.socket.settimeout(LIMIT)
            options["preexec_fn"] = lambda: os.dup2(theirs.fileno(), 4)  # the shell knows no number of two digits
            options["pass_fds"] = [*options.get("pass_fds", ()), 4]
        self.start(command, env, **options)
        if shared:
            os.close(fd)
        if socketed:
            theirs.close()
        line = self.process.stdout.readline().decode().strip()
        self.handshake = line.split("|")
        if len(self.handshake) != 6:
            self.process.kill()
            self.process.wait()
            log = self.stderr()
            self.wait()
            self.dir.cleanup()
            raise AssertionError(f"handshake {line!r}, log: {log}")
        core, version, network, path, protocol, cert = self.handshake
        assert (core, version, network, protocol) == ("1", "1", "unix", "grpc"), line
        options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", -1)]
        if tls:
            der = base64.b64decode(cert + "=" * (-len(cert) % 4))
            credentials = grpc.ssl_channel_credentials(ssl.DER_cert_to_PEM_cert(der).encode(), own.key, own.cert)
            options.append(("grpc.ssl_target_name_override", "localhost"))
            self.channel = grpc.secure_channel("unix:" + path, credentials, options)
        else:
            assert cert == "", line
            self.channel = grpc.insecure_channel("unix:" + path, options)
        self.error = grpc.RpcError
        call = self.call
        self.describes = call("unary_unary", "Describe", pb.DescribeResponse)
        self.inits = call("unary_unary", "Init", pb.InitResponse)
        self.steps = call("stream_stream", "Step", pb.StepResponse)
        self.recommends = call("unary_unary", "Recommend", pb.RecommendResponse)
        self.diagnoses = call("unary_unary", "Diagnose", pb.DiagnoseResponse)
        self.checkpoints = call("unary_stream", "Checkpoint", pb.Chunk)
        self.restores = call("stream_unary", "Restore", pb.InitResponse)
        self.finishes = call("unary_unary", "Finish", pb.FinishResponse)
        self.dims, self.messages, self.is_shared = {}, 0, False
        if socketed:
            features = self.describes(pb.DescribeRequest(host="test", features=["socket", "other"])).features
            assert features == ["socket"], features
            self.steps = self.steps_over_socket

    def steps_over_socket(self, requests):
        [r] = requests
        data = r.SerializeToString()
        self.socket.sendall(struct.pack("<I", len(data)) + data)
        answers = []
        while not answers or answers[-1].more:
            (size,) = struct.unpack("<I", self.receive(4))
            answers.append(pb.StepResponse.FromString(self.receive(size)))
        return answers

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError("the plugin has closed the socket")
            data += piece
        return data

    def call(self, form, name, answer):
        make = getattr(self.channel, form)
        path = f"/joust.optimizer.v1.Optimizer/{name}"
        f = make(path, lambda m: m.SerializeToString(), answer.FromString)

        def do(request):
            from joust.grpc_server import CODES

            try:
                result = f(request, timeout=LIMIT)
                return list(result) if form.endswith("stream") else result
            except self.error as e:
                for kind, code in CODES.items():
                    if code == e.code():
                        raise KINDS[kind](e.details()) from None
                raise

        return do

    def describe(self):
        return self.describes(pb.DescribeRequest(host="test")).optimizers

    def request(self, run, optimizer, x0, config, seed, blocks, budget, threads):
        x0 = np.asarray(x0, "<f8")
        r = pb.InitRequest(run=run, optimizer=optimizer, config=json.dumps(config or {}), dim=len(x0), seed=seed)
        r.budget, r.threads, r.shared_half = budget, threads, self.half
        r.blocks.extend(pb.Block(**vars(b)) for b in blocks)
        r.init.n = 1
        if self.memory:
            r.init.offset = self.half
            self.memory[self.half : self.half + x0.nbytes] = x0.tobytes()
        else:
            r.init.data = x0.tobytes()
        self.dims[run] = len(x0)
        return r

    def init(self, run, optimizer, x0, config=None, seed=1, blocks=(), budget=0, threads=1):
        r = self.request(run, optimizer, x0, config, seed, blocks, budget, threads)
        self.is_shared = self.inits(r).shared

    def restore(self, state, run, optimizer, x0, config=None, seed=1):
        first = pb.RestoreRequest(init=self.request(run, optimizer, x0, config, seed, (), 0, 1))
        chunks = [pb.RestoreRequest(chunk=pb.Chunk(data=state[i : i + 1000])) for i in range(0, len(state), 1000)]
        self.is_shared = self.restores(iter([first, *chunks])).shared

    def step(self, run, tell=None, ask=True):
        r = pb.StepRequest(run=run)
        if tell is not None:
            r.tell.batch = tell[0]
            r.tell.losses.extend(tell[1])
            if len(tell) > 2:
                grads = np.asarray(tell[2], "<f8").tobytes()
                r.tell.grads.n = len(tell[2])
                if self.is_shared:
                    r.tell.grads.offset = self.half
                    self.memory[self.half : self.half + len(grads)] = grads
                else:
                    r.tell.grads.data = grads
        if ask:
            r.ask.SetInParent()
        answers = self.steps(iter([r]))
        self.messages = len(answers)
        assert [a.more for a in answers] == [True] * (len(answers) - 1) + [False]
        last, dim = answers[-1], self.dims.get(run, 0)
        failure = KINDS[errors_kind(last.failure.kind)](last.failure.message) if last.HasField("failure") else None
        rows, need = None, ""
        self.where = last.asked.rows.WhichOneof("where")
        if last.HasField("asked"):
            rows = np.concatenate([self.rows(a.asked.rows, dim) for a in answers])
            need = {pb.NEED_LOSS: "loss", pb.NEED_GRAD: "grad"}.get(last.asked.need, "")
        return SimpleNamespace(told=last.told, batch=last.asked.batch, rows=rows, need=need, failure=failure)

    def rows(self, rows, dim):
        if rows.WhichOneof("where") == "offset":
            data = self.memory[rows.offset : rows.offset + 8 * dim * rows.n]
        else:
            data = rows.data
        return np.frombuffer(data, "<f8").reshape(rows.n, dim)

    def recommend(self, run, shortlist=0):
        r = self.recommends(pb.RecommendRequest(run=run, shortlist=shortlist))
        return self.rows(r.rows, self.dims.get(run, 0))

    def diagnose(self, run):
        return {f.name: f.value for f in self.diagnoses(pb.DiagnoseRequest(run=run)).figures}

    def checkpoint(self, run):
        return b"".join(c.data for c in self.checkpoints(pb.CheckpointRequest(run=run)))

    def finish(self, run):
        self.finishes(pb.FinishRequest(run=run))

    def close(self):
        """Asks the plugin to stop; returns its exit status."""
        try:
            self.channel.unary_unary("/plugin.GRPCController/Shutdown")(b"", timeout=LIMIT)
        except self.error:
            pass  # the server may be gone before the answer is
        self.channel.close()
        if self.socket:
            self.socket.close()
        status = self.wait()
        self.dir.cleanup()
        return status


def errors_kind(kind):
    return pb.Failure.Kind.Name(kind).removeprefix("KIND_").lower()


class Frames(Process):
    """Talks frames to a plugin over its stdin and stdout."""

    def __init__(self, script, *arguments):
        self.start([sys.executable, script, "--frames", *arguments], environment(), stdin=subprocess.PIPE)
        self.dims = {}

    def call(self, header, body=b""):
        if body:
            header = {**header, "bytes": len(body)}
        self.process.stdin.write(json.dumps(header).encode() + b"\n" + body)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the plugin ended: {self.stderr()}")
        answer = json.loads(line)
        return answer, self.process.stdout.read(answer.get("bytes", 0))

    def good(self, header, body=b""):
        answer, data = self.call(header, body)
        if "error" in answer:
            raise failure(answer)
        return answer, data

    def describe(self):
        answer, _ = self.good({"op": "describe", "protocol": 1, "minor": 0, "host": "test"})
        return answer["optimizers"]

    def init(self, run, optimizer, x0, config=None, seed=1, blocks=(), budget=0, threads=1):
        self.begin("init", {}, b"", run, optimizer, x0, config, seed, blocks, budget, threads)

    def restore(self, state, run, optimizer, x0, config=None, seed=1):
        self.begin("restore", {"state": len(state)}, state, run, optimizer, x0, config, seed, (), 0, 1)

    def begin(self, op, more, state, run, optimizer, x0, config, seed, blocks, budget, threads):
        x0 = np.asarray(x0, "<f8")
        header = {"op": op, "run": run, "optimizer": optimizer, "config": config or {}, "dim": len(x0), "seed": seed}
        header.update(more, budget=budget, threads=threads, blocks=[vars(b) for b in blocks])
        self.dims[run] = len(x0)
        self.good(header, x0.tobytes() + state)

    def step(self, run, tell=None, ask=True):
        header, body = {"op": "step", "run": run}, b""
        if tell is not None:
            header["tell"] = {"batch": tell[0], "n": len(tell[1]), "grads": len(tell) > 2}
            body = b"".join(np.asarray(v, "<f8").tobytes() for v in tell[1:])
        if ask:
            header["ask"] = True
        answer, data = self.call(header, body)
        rows = None
        if "n" in answer:
            rows = np.frombuffer(data, "<f8").reshape(answer["n"], self.dims[run])
        return SimpleNamespace(
            told=answer.get("told", False),
            batch=answer.get("batch", 0),
            rows=rows,
            need=answer.get("need", ""),
            failure=failure(answer) if "error" in answer else None,
        )

    def recommend(self, run, shortlist=0):
        answer, data = self.good({"op": "recommend", "run": run, "shortlist": shortlist})
        return np.frombuffer(data, "<f8").reshape(answer.get("n", 0), self.dims[run])

    def diagnose(self, run):
        answer, data = self.good({"op": "diagnose", "run": run})
        return dict(zip(answer.get("names", ()), np.frombuffer(data, "<f8")))

    def checkpoint(self, run):
        return self.good({"op": "checkpoint", "run": run})[1]

    def finish(self, run):
        self.good({"op": "finish", "run": run})

    def close(self):
        """Ends stdin; returns the exit status of the plugin."""
        self.process.stdin.close()
        return self.wait()


def failure(answer):
    return KINDS[answer["error"]["kind"]](answer["error"]["message"])


def sphere(rows):
    """Losses and gradients of a shifted sphere whose optimum has mixed signs."""
    target = np.where(np.arange(rows.shape[1]) % 2, -1.0, 1.0) * (0.5 + np.arange(rows.shape[1]) / rows.shape[1])
    return ((rows - target) ** 2).sum(axis=1), 2 * (rows - target)


def drive(host, run, steps, objective=sphere, grads=False, tell=None):
    """Takes steps. Returns the candidates of each, and what to tell next."""
    asked = []
    for _ in range(steps):
        a = host.step(run, tell)
        if a.failure is not None:
            raise a.failure
        if len(a.rows) == 0:
            break
        asked.append(a.rows)
        losses, gradients = objective(a.rows)
        tell = (a.batch, losses, gradients) if (a.need == "grad" or grads and not a.need) else (a.batch, losses)
    return asked, tell
