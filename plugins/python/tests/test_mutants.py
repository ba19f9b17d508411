"""The mutants have the fault that they say, and only that; the checker that is
to find it is elsewhere (plugins/conformance)."""

import os
import runpy
import sys
import time
import unittest
from unittest import mock

import numpy as np

import joust
from joust import errors

from . import hosts

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mutants")
START = np.array([1.0, -2.0, 0.5])


def start(name):
    """The optimizer of a mutant, in this process."""
    served = []
    with mock.patch.object(joust, "serve", served.append), mock.patch.object(sys, "path", [FOLDER, *sys.path]):
        runpy.run_path(os.path.join(FOLDER, name + ".py"))
    return hosts.InProcess(*served)


def run(name, objective=hosts.sphere, steps=30, seeds=(1,)):
    """The candidates of one run for each seed, one after the other."""
    host, asked = start(name), []
    for i, seed in enumerate(seeds):
        host.init(str(i), "mutant", START, seed=seed)
        asked.append(np.array(hosts.drive(host, str(i), steps, objective)[0]))
    return asked


class TestMutants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sound = run("sound", seeds=(1, 2))

    def same(self, a, b):
        return np.array_equal(a, b)

    def test_sound(self):
        one, two = self.sound
        self.assertFalse(self.same(one, two))
        self.assertLess(hosts.sphere(one[-1])[0].mean(), hosts.sphere(one[0])[0].mean() / 3)

    def test_ascent(self):
        [asked] = run("ascent")
        self.assertGreater(hosts.sphere(asked[-1])[0].mean(), hosts.sphere(asked[0])[0].mean())

    def test_constseed(self):
        self.assertTrue(self.same(*run("constseed", seeds=(1, 2))))

    def test_f32(self):
        [asked] = run("f32", steps=1)
        self.assertTrue(self.same(asked, asked.astype(np.float32)))
        self.assertTrue(self.same(asked[0], self.sound[0][0].astype(np.float32)))

    def test_globalrng(self):
        self.assertFalse(self.same(*run("globalrng", seeds=(1, 1))))
        self.assertTrue(self.same(run("globalrng")[0], self.sound[0]))  # alone it is right

    def test_noseed(self):
        self.assertFalse(self.same(*run("noseed", seeds=(1, 1))))

    def test_lostrng(self):
        host = start("lostrng")
        host.init("1", "mutant", START)
        asked, tell = hosts.drive(host, "1", 3)
        host.step("1", tell, ask=False)
        host.restore(host.checkpoint("1"), "2", "mutant", START)
        self.assertTrue(self.same(asked, self.sound[0][:3]))
        self.assertFalse(self.same(host.step("1").rows, host.step("2").rows))

    def test_nanpoison(self):
        def diverging(rows):
            losses, grads = hosts.sphere(rows)
            losses[3] = np.inf
            return losses, grads

        self.assertTrue(np.isfinite(run("sound", diverging, steps=2)).all())
        self.assertFalse(np.isfinite(run("nanpoison", diverging, steps=2)).all())
        self.assertTrue(np.isfinite(run("nanpoison", steps=3)).all())

    def test_wrongshape(self):
        with self.assertRaisesRegex(errors.Broken, r"shape \(16, 4\), want rows of 3"):
            run("wrongshape", steps=2)

    def test_noise(self):
        with self.assertRaisesRegex(AssertionError, "loading the model"):
            hosts.GRPC(os.path.join(FOLDER, "noise.py"))

    def test_slowstop(self):
        host = hosts.Frames(os.path.join(FOLDER, "slowstop.py"))
        host.init("1", "mutant", START)
        host.process.stdin.close()
        time.sleep(0.3)
        self.assertIsNone(host.process.poll())
        host.process.kill()
        host.wait()

