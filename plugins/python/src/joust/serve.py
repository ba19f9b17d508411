"""serve: all that a plugin's main needs."""

from __future__ import annotations

import os
import sys
from typing import NoReturn, Optional, Sequence

from . import heap
from .optimizer import Optimizer
from .server import Server

COOKIE, VALUE = "JOUST_PLUGIN", "optimizer"


def serve(*optimizers: type[Optimizer], argv: Optional[Sequence[str]] = None) -> None:
    """Serves optimizers, the classes, to the joust that started this process,
    and returns when it is told to stop.

    It talks gRPC, or frames over stdin and stdout if the first argument is
    ``--frames``. Started by hand, it explains itself and exits. argv is what
    follows the name of the program; by default, that of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        server = Server(optimizers)
    except (TypeError, ValueError) as e:
        _fail(f"this plugin cannot be served: {e}")
    heap.keep()
    if arguments[:1] == ["--frames"]:
        from .frames import run as run_frames

        run_frames(server)
        return
    if os.environ.get(COOKIE) != VALUE:
        _fail(explanation(server))
    try:
        from . import goplugin
        from .grpc_server import Service
    except ImportError as e:
        _fail(
            f"gRPC is not there: {e}. It needs grpcio and protobuf: apt install python3-grpcio python3-protobuf, or "
            "pip install 'joust[grpc]'. Frames need neither: see runtime in plugin.yaml"
        )
    try:
        goplugin.run(Service(server).handler())
    except (OSError, RuntimeError) as e:
        _fail(f"this plugin cannot be served: {e}")


def explanation(server: Server) -> str:
    """What someone is told who runs a plugin by hand."""
    text = ["this is a plugin of joust, which starts it; there is nothing to do for it by hand.", ""]
    for d in server.describe():
        text.append(f"  {d['name']} {d['version']}: {d['summary']}")
        for p in d.get("params", ()):
            text.append(f"      {p['name']} = {p['default']}: {p['doc']}")
    text += ["", "Put its folder, with a plugin.yaml, where joust looks for plugins; `joust plugin list` shows them."]
    return "\n".join(text)


def _fail(message: str) -> NoReturn:
    program = os.path.basename(sys.argv[0]) or "plugin"
    print(f"{program}: {message}", file=sys.stderr)
    sys.exit(1)
