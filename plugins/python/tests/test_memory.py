"""What candidates cost: copies, new memory, and whose time that is."""

import mmap
import os
import platform
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import joust
from joust.server import Init, Server, Tell
from joust.shared import TOGETHER, Shared

from . import fresh, hosts


class TestLargeCopies(unittest.TestCase):
    def setUp(self):
        half = TOGETHER + (1 << 20)
        fd = os.memfd_create("joust")
        self.addCleanup(os.close, fd)
        os.ftruncate(fd, 2 * half)
        self.memory = mmap.mmap(fd, 2 * half)
        self.shared = Shared(fd)
        self.assertTrue(self.shared.take("1", half))

    def put(self, rows):
        self.assertEqual(self.shared.put("1", rows), 0)
        there = np.frombuffer(self.memory, "<f8", rows.size).reshape(rows.shape)
        np.testing.assert_array_equal(there, rows)

    def test_every_row_is_there(self):
        n = TOGETHER // 8
        rng = np.random.default_rng(1)
        for shape in ((3, n // 3 + 1), (2, n // 2), (257, n // 257 + 1)):  # odd and even, few and many
            x = rng.standard_normal(shape)
            self.put(x)
            self.put(np.asfortranarray(-x))
        self.assertIsNotNone(self.shared.helper)

    def test_it_waits_for_the_other_thread(self):
        self.shared.helper = ThreadPoolExecutor(1)
        self.addCleanup(self.shared.helper.shutdown)
        self.shared.helper.submit(time.sleep, 0.1)
        self.put(np.ones((2, TOGETHER // 16)))

    def test_what_is_small_or_has_one_row_is_copied_by_one_thread(self):
        n = TOGETHER // 8
        self.put(np.full((1, n + 1), 2.5))
        self.put(np.full((8, n // 8 - 1), 1.5))
        self.assertIsNone(self.shared.helper)


class TestNewMemory(unittest.TestCase):
    @unittest.skipIf(platform.libc_ver()[0] != "glibc", "only glibc is told to keep it")
    def test_what_a_step_frees_the_next_one_has(self):
        rows, dim, steps = 64, 2400, 20
        pages = 8 * rows * dim // mmap.PAGESIZE  # of an array
        for name, start in (
            ("frames", lambda: hosts.Frames(fresh.__file__)),
            ("shared", lambda: hosts.GRPC(fresh.__file__, shared=8 * rows * dim, socketed=True)),
        ):
            with self.subTest(name):
                host = start()
                self.addCleanup(host.close)
                host.init("1", "fresh", np.zeros(dim))
                _, tell = hosts.drive(host, "1", 10)
                before = host.diagnose("1")["faults"]
                hosts.drive(host, "1", steps, tell=tell)
                faults = host.diagnose("1")["faults"] - before
                # Three new arrays in each step would be 3 times steps times pages.
                self.assertLess(faults, steps * pages / 10)


class Slow(np.ndarray):
    """Takes its time to be freed."""

    def __del__(self):
        if self.base is None:
            time.sleep(0.1)


class Leaver(joust.Optimizer):
    name, summary = "leaver", "Keeps nothing of what it asks about."

    def init(self, problem):
        pass

    def ask(self):
        x = Slow((3, 2))
        x[...] = 1
        return x

    def tell(self, x, losses, grads):
        pass


class TestWhoseTime(unittest.TestCase):
    def test_freeing_candidates_is_the_optimizers(self):
        server = Server([Leaver])
        server.init(Init("1", "leaver", 2, 1, np.zeros(2)))
        self.assertLess(server.step("1", None, ask=True).seconds, 0.1)
        seconds = server.step("1", Tell(1, np.ones(3)), ask=False).seconds
        self.assertGreaterEqual(seconds, 0.1)
