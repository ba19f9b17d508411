"""The examples and what the README shows, as they stand."""

import os
import re
import unittest

import numpy as np

import joust

from . import hosts

START = np.array([1.0, -2.0, 0.5, 0.25])


class TestExamples(unittest.TestCase):
    def test_scipy_is_served(self):
        host = hosts.GRPC(os.path.join(hosts.EXAMPLES, "scipy", "plugin.py"))
        self.addCleanup(host.close)
        names = [d.name for d in host.describe()]
        self.assertIn("scipy-nelder-mead", names)
        for run, name in enumerate(names):
            need = next(d.need for d in host.describe() if d.name == name)
            host.init(str(run), name, START)
            asked, _ = hosts.drive(host, str(run), 5, grads=need == 2)
            self.assertGreaterEqual(len(asked), 3, name)
            host.finish(str(run))

    def test_every_example_is_a_plugin(self):
        for name in ("python-es", "frames-es", "scipy"):
            with open(os.path.join(hosts.EXAMPLES, name, "plugin.yaml")) as f:
                keys = dict(line.strip().split(": ") for line in f)
            self.assertEqual(keys["id"], name)
            entry = os.path.join(hosts.EXAMPLES, name, keys["entry"])
            self.assertTrue(os.access(entry, os.X_OK), f"{entry} is not executable")
            self.assertTrue(os.path.exists(os.path.join(hosts.EXAMPLES, name, "README.md")), name)

    def test_the_code_of_the_tutorial_runs(self):
        with open(os.path.join(hosts.ROOT, "README.md")) as f:
            blocks = re.findall(r"```python\n(.*?)```", f.read(), re.S)
        self.assertGreater(len(blocks), 2)
        space = {"__name__": "tutorial"}
        for block in blocks:
            exec(compile(block, "README.md", "exec"), space)
        classes = [c for c in space.values() if isinstance(c, type) and issubclass(c, joust.Optimizer) and c.name]
        for cls in classes:
            def objective(x):
                loss, grad = hosts.sphere(x[None])
                return (loss[0], grad[0]) if cls.need == "grad" else loss[0]

            result = joust.minimize(cls, objective, START, evaluations=2000)
            self.assertLess(result.loss, 0.1, cls.__name__)
