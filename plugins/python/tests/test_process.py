"""The process: handshake, TLS, signals, its end, and what it says by hand."""

import base64
import os
import signal
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import grpc
import numpy as np

from joust import goplugin, tls
from joust.server import Server

from . import hosts, zoo


def by_hand(*arguments, script=zoo.__file__, **env):
    return subprocess.run(
        [sys.executable, script, *arguments], env=hosts.environment(**env), capture_output=True, text=True, timeout=hosts.LIMIT
    )


class TestByHand(unittest.TestCase):
    def test_it_explains_itself(self):
        done = by_hand(JOUST_PLUGIN="something")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("zoo.py: this is a plugin of joust", done.stderr)
        self.assertIn("walk 1.2.3: Steps at random", done.stderr)
        self.assertIn("sigma = 0.5: size of a step", done.stderr)

    def test_a_class_that_is_wrong_is_said_before_anything_else(self):
        script = "import joust\nclass A(joust.Optimizer): name = 'a'\njoust.serve(A)"
        done = by_hand(script, "--frames", script="-c")
        self.assertEqual(done.returncode, 1)
        self.assertIn("class A: version '0.1.0' and summary ''", done.stderr)

    def test_gRPC_that_is_not_there_is_said(self):
        script = "import sys; sys.modules['grpc'] = None\nfrom tests import zoo\nimport joust\njoust.serve(*zoo.ALL)"
        done = by_hand(script, script="-c", JOUST_PLUGIN="optimizer", PYTHONPATH=f"{hosts.SRC}:{hosts.ROOT}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("python3-grpcio", done.stderr)

    def test_frames_need_no_gRPC_and_no_protobuf(self):
        script = "import sys; sys.modules['grpc'] = sys.modules['google'] = None\nfrom tests import zoo\nimport joust\njoust.serve(*zoo.ALL, argv=['--frames'])"
        done = subprocess.run(
            [sys.executable, "-c", script], env=hosts.environment(PYTHONPATH=f"{hosts.SRC}:{hosts.ROOT}"),
            input='{"op":"describe"}\n', capture_output=True, text=True, timeout=hosts.LIMIT,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn('"name": "walk"', done.stdout)


class TestHandshake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = hosts.GRPC(zoo.__file__, tls=True)
        cls.addClassCleanup(cls.host.close)

    def test_the_highest_version_that_both_have(self):
        self.assertEqual(goplugin.version("1"), 1)
        self.assertEqual(goplugin.version("3,1,2", served=(1, 2)), 2)
        self.assertEqual(goplugin.version("7", served=(1, 2)), 2)  # the host explains
        self.assertEqual(goplugin.version(""), 1)
        self.assertEqual(goplugin.version("x, 1 ,"), 1)

    def test_the_services_of_go_plugin(self):
        host = self.host
        call = host.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(call(b"\x0a\x06plugin"), b"\x08\x01")
        with self.assertRaises(grpc.RpcError) as caught:
            call(b"\x0a\x05other")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        self.assertEqual(list(host.channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"", timeout=hosts.LIMIT)), [])
        self.assertEqual(list(host.channel.stream_stream("/plugin.GRPCBroker/StartStream")(iter([]), timeout=hosts.LIMIT)), [])
        path = host.handshake[3]
        self.assertEqual(os.path.dirname(path), host.dir.name)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_only_the_certificate_of_the_host_is_let_in(self):
        host = self.host
        self.assertNotIn("=", host.handshake[5])
        der = base64.b64decode(host.handshake[5] + "=" * (-len(host.handshake[5]) % 4))
        server = ssl.DER_cert_to_PEM_cert(der).encode()
        stranger = tls.certificate()
        options = [("grpc.ssl_target_name_override", "localhost")]
        for credentials in (
            grpc.ssl_channel_credentials(server, stranger.key, stranger.cert),
            grpc.ssl_channel_credentials(server),
        ):
            with grpc.secure_channel("unix:" + host.handshake[3], credentials, options) as channel:
                with self.assertRaises(grpc.RpcError) as caught:
                    channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=hosts.LIMIT)
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        with grpc.insecure_channel("unix:" + host.handshake[3]) as channel:
            with self.assertRaises(grpc.RpcError):
                channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=hosts.LIMIT)
        self.assertEqual(len(host.describe()), 4)

    def test_control_c_is_for_the_host(self):
        self.host.process.send_signal(signal.SIGINT)
        time.sleep(0.1)  # would be enough for it to end
        self.host.init("1", "walk", np.zeros(3))
        self.assertEqual(len(self.host.step("1").rows), 3)
        self.host.finish("1")

    def test_openssl_makes_a_certificate_too(self):
        with mock.patch.dict(sys.modules, {"cryptography": None}):
            made = tls.certificate()
        with tempfile.NamedTemporaryFile() as f:
            f.write(made.cert)
            f.flush()
            text = subprocess.run(
                ["openssl", "x509", "-in", f.name, "-noout", "-text"], capture_output=True, text=True, check=True
            ).stdout
        for word in ("DNS:localhost", "prime256v1", "CA:TRUE", "TLS Web Client Authentication"):
            self.assertIn(word, text)
        self.assertEqual(ssl.PEM_cert_to_DER_cert(made.cert.decode()), made.der)
        with mock.patch.dict(sys.modules, {"cryptography": None}), mock.patch.dict(os.environ, {"PATH": "/nowhere"}):
            with self.assertRaisesRegex(RuntimeError, "openssl"):
                tls.certificate()


class TestEnd(unittest.TestCase):
    def test_it_ends_although_an_optimizer_computes(self):
        host = hosts.GRPC(zoo.__file__)
        host.init("1", "faulty", np.zeros(3), {"fault": "hang"})
        host.step("1")
        host.step("1", (1, [1, 1]))
        step = host.channel.stream_stream("/joust.optimizer.v1.Optimizer/Step")
        from joust import optimizer_pb2 as pb

        tell = pb.StepRequest(run="1", tell=pb.Tell(batch=2, losses=[1, 1]), ask=pb.Ask())
        step(iter([tell.SerializeToString()]))
        began = time.monotonic()
        self.assertEqual(host.close(), 0)
        self.assertLess(time.monotonic() - began, 30)  # it would sleep for 600

    def test_it_ends_when_its_host_is_gone(self):
        # The shell is its parent, and ends as soon as there is a handshake.
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "stdout")
            os.mkfifo(fifo)
            shell = subprocess.Popen(
                ["/bin/sh", "-c", 'F=$1; shift; "$@" > "$F" & echo $!; read -r line < "$F"; echo "$line"', "sh", fifo, sys.executable, zoo.__file__],
                env=hosts.environment(JOUST_PLUGIN="optimizer", PLUGIN_PROTOCOL_VERSIONS="1", PLUGIN_UNIX_SOCKET_DIR=folder),
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            out, _ = shell.communicate(timeout=hosts.LIMIT)
            pid, line = out.split()[:2]
            self.assertTrue(line.startswith("1|1|unix|"), out)
            deadline = time.monotonic() + hosts.LIMIT
            while alive(int(pid)) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertFalse(alive(int(pid)))

    def test_a_server_without_a_folder_for_its_socket_makes_one_and_removes_it(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [sys.executable, zoo.__file__], stdout=subprocess.PIPE,
                env=hosts.environment(JOUST_PLUGIN="optimizer", TMPDIR=folder),
            )  # fmt: skip
            with process:
                path = process.stdout.readline().decode().split("|")[3]
                self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)
                with grpc.insecure_channel("unix:" + path) as channel:
                    try:
                        channel.unary_unary("/plugin.GRPCController/Shutdown")(b"", timeout=hosts.LIMIT)
                    except grpc.RpcError:
                        pass  # gone before it could answer
                self.assertEqual(process.wait(hosts.LIMIT), 0)
            self.assertEqual(os.listdir(folder), [])


class TestServer(unittest.TestCase):
    def test_two_of_a_name_and_none_are_refused(self):
        with self.assertRaisesRegex(ValueError, "two optimizers"):
            Server([zoo.Walk, zoo.Walk])
        with self.assertRaisesRegex(ValueError, "nothing to serve"):
            Server([])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
