"""Frames that are wrong, and the example without the SDK."""

import io
import json
import os
import random
import unittest

import numpy as np

import joust
from joust.frames import Frames, Lost
from joust.server import Server

from . import hosts, zoo

SCRIPT = os.path.join(hosts.EXAMPLES, "frames-es", "es.py")
START = np.array([1.0, -2.0, 0.5])


def talk(*frames):
    """Sends frames, bytes or objects, and returns the answers."""
    sent = b"".join(f if isinstance(f, bytes) else json.dumps(f).encode() + b"\n" for f in frames)
    out = io.BytesIO()
    Frames(Server(zoo.ALL), io.BytesIO(sent), out).run()
    return [json.loads(line) for line in out.getvalue().splitlines()]


class TestWrongFrames(unittest.TestCase):
    def test_requests_that_make_no_sense_are_refused_and_it_goes_on(self):
        init = {"op": "init", "run": "1", "optimizer": "walk", "dim": 1, "threads": 1, "bytes": 8}
        body = bytes(8)
        for wrong, words in (
            ([{"op": "dance"}], "dance"),
            ([{}], "not known"),
            ([{"op": ["step"]}], "not known"),
            ([{"op": "step", "run": 1}], "run: 1, want a string"),
            ([{"op": "describe", "protocol": 2}], "update the joust package"),
            ([{"op": "describe", "protocol": 0}], "update joust"),
            ([{**init, "dim": -1}, body], "dim"),
            ([{**init, "dim": 2}, body], "8 bytes for a dimension of 2"),
            ([{**init, "dim": 2**63}, body], "want"),
            ([{**init, "seed": 1.5}, body], "seed"),
            ([{**init, "seed": 2**64}, body], "seed"),
            ([{**init, "blocks": 5}, body], "blocks"),
            ([{**init, "blocks": [{"len": 1, "scale": "x"}]}, body], "scale"),
            ([{**init, "op": "restore", "state": 100}, body], "bytes"),
            ([{**init, "op": "restore", "state": 2**63}, body], "bytes"),
            ([{**init, "config": "text"}, body], "object"),
        ):
            with self.subTest(wrong):
                answers = talk(*wrong, {"op": "describe"})
                self.assertEqual(answers[0]["error"]["kind"], "invalid")
                self.assertIn(words, answers[0]["error"]["message"])
                self.assertEqual(len(answers[1]["optimizers"]), len(zoo.ALL))

    def test_wrong_tells_are_refused(self):
        init = {"op": "init", "run": "1", "optimizer": "walk", "dim": 1, "threads": 1, "bytes": 8, "config": {"rows": 2}}
        for tell, size in (
            ({"batch": 1, "n": 2}, 8),
            ({"batch": 1, "n": 2}, 17),
            ({"batch": 1, "n": 2, "grads": True}, 16),
            ({"batch": 1, "n": -2}, 16),
            ({"batch": 1, "n": 2**62}, 16),
            ({"batch": "1", "n": 2}, 16),
            ([], 16),
        ):
            with self.subTest(tell):
                frames = [init, bytes(8), {"op": "step", "run": "1", "tell": tell, "bytes": size}, bytes(size)]
                out = io.BytesIO()
                sent = b"".join(f if isinstance(f, bytes) else json.dumps(f).encode() + b"\n" for f in frames)
                Frames(Server(zoo.ALL), io.BytesIO(sent), out).run()
                self.assertEqual(json.loads(out.getvalue().splitlines()[-1])["error"]["kind"], "invalid")

    def test_a_stream_that_cannot_be_followed_ends_it(self):
        for sent, words in (
            (b"{", "without an end"),
            (b"x" * (1 << 20), "without an end"),
            (b" " * (1 << 20) + b"{}\n", "without an end"),
            (b"no\n", "not JSON"),
            (b"\xff\n", "not JSON"),
            (b"[" * 10**5 + b"\n", "not JSON"),
            (b"[]\n", "not an object"),
            (b'{"bytes": -1}\n', "not an object"),
            (b'{"bytes": "8"}\n', "not an object"),
            (b'{"bytes": true}\n', "not an object"),
            (b'{"bytes": 9}\n1234', "4 bytes after"),
            (b'{"bytes": 1e3}\n', "not an object"),
        ):
            with self.subTest(sent[:20]):
                with self.assertRaisesRegex(Lost, words):
                    talk(sent)
        process = hosts.Frames(zoo.__file__)
        process.process.stdin.write(b"hello\n")
        process.process.stdin.flush()
        self.assertEqual(process.process.wait(hosts.LIMIT), 1)
        self.assertIn("frames: a line that is not JSON", process.stderr())
        process.close()

    def test_any_bytes_end_it_or_are_answered(self):
        good = b"".join(
            json.dumps(f).encode() + b"\n" + bytes(f.get("bytes", 0))
            for f in (
                {"op": "describe", "protocol": 1},
                {"op": "init", "run": "1", "optimizer": "walk", "dim": 2, "seed": 1, "threads": 1, "bytes": 16},
                {"op": "step", "run": "1", "ask": True},
                {"op": "step", "run": "1", "tell": {"batch": 1, "n": 3}, "ask": True, "bytes": 24},
                {"op": "recommend", "run": "1", "shortlist": 2},
                {"op": "finish", "run": "1"},
            )
        )
        rng = random.Random(1)
        for _ in range(300):
            b = bytearray(good)
            for _ in range(rng.choice((1, 2, 5))):
                b[rng.randrange(len(b))] = rng.choice((rng.randrange(256), ord("9"), ord('"'), ord("\n")))
            try:
                Frames(Server(zoo.ALL), io.BytesIO(bytes(b)), io.BytesIO()).run()
            except Lost:
                pass


class OnTheSDK(joust.Optimizer):
    """What the example without the SDK computes, on it. random.Random is no
    part of numpy, so that state and restore translate it."""

    name, summary = "frames-es", "The same, on the SDK."
    params = {"sigma": joust.Float(0.3, min=0, doc="d"), "population": joust.Int(16, min=4, doc="d")}

    def init(self, problem, sigma, population):
        self.mean, self.sigma, self.population = list(problem.init), sigma, population
        self.rng = random.Random(problem.seed)

    def ask(self):
        return [[m + self.sigma * self.rng.gauss(0, 1) for m in self.mean] for _ in range(self.population)]

    def tell(self, x, losses, grads):
        best = np.argsort(losses, kind="stable")[: len(x) // 4]
        self.mean = [sum(x[k][i] for k in best) / len(best) for i in range(len(self.mean))]
        self.sigma *= 0.98

    def recommend(self):
        return self.mean

    def state(self):
        return {**vars(self), "rng": self.rng.getstate()}

    def restore(self, state):
        super().restore(state)
        self.rng = random.Random()
        self.rng.setstate(state["rng"])


class TestExample(unittest.TestCase):
    def setUp(self):
        self.host = hosts.Frames(SCRIPT)
        self.addCleanup(self.host.close)

    def test_it_asks_the_same_as_the_same_on_the_sdk(self):
        [about] = self.host.describe()
        self.host.init("1", about["name"], START, seed=7)
        sdk = hosts.InProcess(OnTheSDK)
        sdk.init("1", "frames-es", START, seed=7)
        want, tell = hosts.drive(sdk, "1", 10)
        got, _ = hosts.drive(self.host, "1", 10)
        np.testing.assert_array_equal(got, want)
        sdk.step("1", tell, ask=False)
        sdk.restore(sdk.checkpoint("1"), "2", "frames-es", START, seed=7)
        np.testing.assert_array_equal(sdk.step("2").rows, sdk.step("1").rows)

    def test_it_comes_down(self):
        for run, seed in (("1", 1), ("2", 2)):
            self.host.init(run, "frames-es", START, {"sigma": 0.5}, seed=seed)
            hosts.drive(self.host, run, 60)
            low = hosts.sphere(self.host.recommend(run))[0][0]
            self.assertLess(low, hosts.sphere(START[None])[0][0] / 100)
            self.host.finish(run)
