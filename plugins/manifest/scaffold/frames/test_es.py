"""python3 -m unittest, in this folder."""

import array
import json
import os
import subprocess
import sys
import unittest

OPTIMUM = [1.0, -2.0, 0.5, 3.0]


def sphere(w):
    return sum((a - b) ** 2 for a, b in zip(w, OPTIMUM))


class Plugin:
    """es.py in a process of its own, as joust runs it."""

    def __init__(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "es.py")
        self.process = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, request, numbers=()):
        data = array.array("d", numbers).tobytes()
        self.process.stdin.write(json.dumps({**request, "bytes": len(data)}).encode() + b"\n" + data)
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return said, array.array("d", self.process.stdout.read(said.get("bytes", 0))).tolist()

    def minimize(self, run, seed, generations=250, loss=sphere):
        """Returns the recommended point, and all that was asked about."""
        self.call({"op": "init", "run": run, "optimizer": "my-es", "dim": 4, "seed": seed, "threads": 1}, [0.0] * 4)
        said, rows = self.call({"op": "step", "run": run, "ask": True})
        asked = rows
        for _ in range(generations):
            losses = [loss(rows[i : i + 4]) for i in range(0, len(rows), 4)]
            tell = {"batch": said["batch"], "n": said["n"]}
            said, rows = self.call({"op": "step", "run": run, "tell": tell, "ask": True}, losses)
            asked = asked + rows
        return self.call({"op": "recommend", "run": run})[1], asked


class TestES(unittest.TestCase):
    def setUp(self):
        self.plugin = Plugin()
        self.addCleanup(self.plugin.process.wait)
        self.addCleanup(self.plugin.process.stdout.close)
        self.addCleanup(self.plugin.process.stdin.close)

    def test_it_describes_itself(self):
        said, _ = self.plugin.call({"op": "describe", "protocol": 1})
        self.assertEqual([o["name"] for o in said["optimizers"]], ["my-es"])

    def test_it_finds_the_optimum_of_a_sphere(self):
        # It starts at a loss of 14.25.
        self.assertLess(sphere(self.plugin.minimize("1", seed=1)[0]), 0.01)

    def test_the_same_seed_gives_the_same_candidates(self):
        first, again, other = (self.plugin.minimize(run, seed, 10)[1] for run, seed in (("1", 1), ("2", 1), ("3", 2)))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_a_network_that_diverges_is_survived(self):
        point, _ = self.plugin.minimize("1", 1, 10, loss=lambda w: float("inf"))
        self.assertEqual(len(point), 4)

    def test_errors_are_answers(self):
        self.assertEqual(self.plugin.call({"op": "finish", "run": "9"})[0]["error"]["kind"], "unknown_run")
        self.plugin.minimize("1", 1, 1)
        self.assertEqual(self.plugin.call({"op": "dance", "run": "1"})[0]["error"]["kind"], "invalid")


if __name__ == "__main__":
    unittest.main()
