"""The process as hashicorp/go-plugin wants it: its handshake, its own four
services, and its end.

The handshake is one line on stdout: ``1|1|unix|/path|grpc|certificate``. The
services are small enough to be encoded by hand, which saves four generated
files and the package grpcio-health-checking.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import sys
import tempfile
import threading
from concurrent import futures
from typing import Any, Iterator, Sequence

import grpc

from .server import MAJOR
from .stdio import take_stdout
from .tls import certificate

CORE = 1  # version of go-plugin's own protocol
POLL = 0.5  # seconds between looks at whether the host lives

_SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}


def services(stop: threading.Event) -> Sequence[grpc.GenericRpcHandler]:
    """go-plugin's own services. Shutdown sets stop."""

    def check(request: bytes, context: Any) -> bytes:
        # HealthCheckRequest{string service = 1}; the host asks about "plugin".
        if request not in (b"", b"\x0a\x06plugin"):
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return _SERVING

    def watch(request: bytes, context: Any) -> Iterator[bytes]:
        yield check(request, context)

    def shutdown(request: bytes, context: Any) -> bytes:
        stop.set()
        return b""

    def nothing(request: Any, context: Any) -> Iterator[bytes]:
        # What is printed goes to stderr, so stdio has nothing to carry; and the
        # broker has no connections to make.
        return iter(())

    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    both = grpc.stream_stream_rpc_method_handler
    return [
        grpc.method_handlers_generic_handler(name, methods)
        for name, methods in {
            "grpc.health.v1.Health": {"Check": unary(check), "Watch": stream(watch)},
            "plugin.GRPCController": {"Shutdown": unary(shutdown)},
            "plugin.GRPCStdio": {"StreamStdio": stream(nothing)},
            "plugin.GRPCBroker": {"StartStream": both(nothing)},
        }.items()
    ]


def version(offered: str, served: Sequence[int] = (MAJOR,)) -> int:
    """The highest version of the protocol that both sides know. If there is
    none, the highest of ours: the host compares, and explains."""
    theirs = {int(v) for v in offered.split(",") if v.strip().isdigit()}
    return max(theirs & set(served), default=max(served))


def run(handler: grpc.GenericRpcHandler) -> None:
    """Serves until the host says stop or is gone."""
    stdout = take_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host, which then stops this process
    parent = os.getppid()
    stop = threading.Event()
    # A stream keeps a thread for as long as it is open; threads are only made
    # when they are needed.
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=1024, thread_name_prefix="joust"),
        options=[
            ("grpc.max_receive_message_length", -1),  # the host is trusted with what it sends
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),
        ],
    )
    server.add_generic_rpc_handlers([handler, *services(stop)])
    given = os.environ.get("PLUGIN_UNIX_SOCKET_DIR")
    folder = given or tempfile.mkdtemp(prefix="joust-plugin-")
    try:
        path = os.path.join(folder, f"joust-{os.getpid()}.sock")
        cert = _listen(server, path)
        server.start()
        line = f"{CORE}|{version(os.environ.get('PLUGIN_PROTOCOL_VERSIONS', ''))}|unix|{path}|grpc|{cert}\n"
        with stdout:
            stdout.write(line.encode())
        while not stop.wait(POLL) and os.getppid() == parent:
            pass
        server.stop(0.2).wait(1)
    finally:
        if not given:
            shutil.rmtree(folder, ignore_errors=True)
    _exit_within(1.0)


def _listen(server: grpc.Server, path: str) -> str:
    """Opens the socket, for its owner alone. Returns the certificate as Go's
    base64.RawStdEncoding has it, or nothing if the host wants no TLS."""
    host_cert = os.environ.get("PLUGIN_CLIENT_CERT", "")
    mask = os.umask(0o177)
    try:
        if not host_cert:
            server.add_insecure_port("unix:" + path)
            return ""
        own = certificate()
        credentials = grpc.ssl_server_credentials([(own.key, own.cert)], host_cert.encode(), require_client_auth=True)
        server.add_secure_port("unix:" + path, credentials)
        return base64.b64encode(own.der).decode().rstrip("=")
    finally:
        os.umask(mask)


def _exit_within(seconds: float) -> None:
    """Lets the interpreter end in its own way, but not wait for ever for an
    optimizer that is still computing."""

    def end() -> None:
        sys.stderr.flush()
        os._exit(0)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
