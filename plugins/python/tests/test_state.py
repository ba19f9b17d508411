"""Checkpoints hold what they say, and nothing that is damaged is taken."""

import io
import json
import random
import unittest
import zlib

import numpy as np

from joust import state as states
from joust.errors import BadState, Broken
from joust.optimizer import Problem

PROBLEM = Problem(np.zeros(2), 1)
WHO = {"optimizer": "x", "dimension": 2}


def again(value):
    data = states.save(WHO, {"v": value})
    return states.load(WHO, data, PROBLEM)["v"]


class TestState(unittest.TestCase):
    def test_values_come_back_with_their_types(self):
        for v in (
            None, True, 0, -5, 2**200, 0.1, -0.0, float("inf"), "grüße", b"\0\xff", bytearray(b"x"), [], (), {},
            [1, (2.5, "a")], {"a": {1: [None]}}, np.float32(0.1), np.int64(-3), np.bool_(True), np.str_("s"),
        ):  # fmt: skip
            got = again(v)
            self.assertEqual(got, v)
            self.assertIs(type(got), type(v))
        self.assertEqual(str(again(-0.0)), "-0.0")
        self.assertTrue(np.isnan(again(float("nan"))))

    def test_arrays_come_back_with_their_bits(self):
        rng = np.random.default_rng(1)
        for a in (
            rng.standard_normal((3, 4)), np.asfortranarray(rng.standard_normal((3, 4))), rng.standard_normal(9)[::2],
            np.arange(3, dtype=np.uint8), np.array(2.0), np.empty((0, 5)), np.array([1j]), np.array(["ab", "c"]),
            np.array([np.nan, -0.0, np.inf, 5e-324]), np.arange(3, dtype=">i4"),
        ):  # fmt: skip
            got = again(a)
            self.assertEqual((got.dtype, got.shape), (a.dtype, a.shape))
            self.assertEqual(got.tobytes(), a.tobytes())
        self.assertTrue(again(np.zeros((2, 3), order="F")).flags.f_contiguous)
        again(np.zeros(3))[0] = 1  # it may be written to

    def test_random_streams_go_on(self):
        for name in states.GENERATORS:
            rng = np.random.Generator(getattr(np.random, name)(7))
            rng.standard_normal(5)
            rng.integers(0, 9, 3, dtype=np.uint32)  # half of a draw is left over
            got = again(rng)
            np.testing.assert_array_equal(got.integers(0, 2**32, 5, dtype=np.uint32), rng.integers(0, 2**32, 5, dtype=np.uint32))
            np.testing.assert_array_equal(got.standard_normal(100), rng.standard_normal(100))

    def test_what_is_one_object_stays_one(self):
        a, rng = np.zeros(3), np.random.default_rng(1)
        got = again([a, a, rng, {"rng": rng}, np.zeros(3)])
        self.assertIs(got[0], got[1])
        self.assertIs(got[2], got[3]["rng"])
        self.assertIsNot(got[0], got[4])

    def test_the_problem_is_that_of_the_new_run(self):
        self.assertIs(again([PROBLEM])[0], PROBLEM)

    def test_a_random_stream_of_the_standard_library_can_be_kept_as_its_state(self):
        r = random.Random(3)
        r.gauss(0, 1)
        s = random.Random()
        s.setstate(again(r.getstate()))
        self.assertEqual([r.gauss(0, 1) for _ in range(9)], [s.gauss(0, 1) for _ in range(9)])

    def test_what_cannot_be_saved_is_refused_by_name(self):
        circle = []
        circle.append(circle)
        for v, words in (
            (lambda: 1, "'v', a builtins.function"),
            ([np.array([None])], r"'v'\[0\], a numpy.ndarray"),
            ({"a": {1, 2}}, r"'v'\['a'\], a builtins.set"),
            ({(1, 2): 3}, "a builtins.dict"),
            (random.Random(1), "random.Random"),
            (np.random.RandomState(1), "RandomState"),
            (np.ma.array([1.0]), "MaskedArray"),
            (circle, "nested"),
        ):
            with self.assertRaisesRegex(Broken, words):
                again(v)

    def test_the_same_state_has_the_same_bytes(self):
        v = {"v": [np.arange(5.0), np.random.default_rng(1), 1]}
        self.assertEqual(states.save(WHO, v), states.save(WHO, v))

    def test_a_pickle_is_never_read(self):
        out = io.BytesIO()
        meta = json.dumps({"identity": WHO, "generators": [], "state": {"v": {"array": 0}}}).encode()
        np.savez(out, meta=np.frombuffer(meta, np.uint8), a0=np.array([print], dtype=object))  # pickles
        with self.assertRaisesRegex(BadState, "cannot be read"):
            states.load(WHO, envelope(out.getvalue()), PROBLEM)

    def test_another_identity_is_refused(self):
        data = states.save(WHO, {})
        for other in ({"optimizer": "y", "dimension": 2}, {**WHO, "version": "1"}):
            with self.assertRaisesRegex(BadState, "want"):
                states.load(other, data, PROBLEM)

    def test_any_bytes_are_a_state_or_an_error(self):
        """With a right checksum, so that what reads the archive is tried, too."""
        body = states.save(WHO, {"a": np.arange(9.0), "r": np.random.default_rng(1), "l": [1, (2,)]})[len(states.MAGIC) + 4 :]
        rng = random.Random(1)
        good = 0
        for _ in range(400):
            b = bytearray(body)
            for _ in range(rng.choice((1, 1, 2, 20))):
                b[rng.randrange(len(b))] = rng.randrange(256)
            if rng.random() < 0.2:
                del b[rng.randrange(len(b)) :]
            try:
                states.load(WHO, envelope(bytes(b)), PROBLEM)
                good += 1
            except BadState:
                pass
        self.assertLess(good, 400)

    def test_any_description_is_a_state_or_an_error(self):
        for tree in (
            {"array": 7}, {"array": "x"}, {"generator": 0}, {"generator": -1}, {"scalar": None}, {"dict": 5}, {"list": 5},
            {"dict": [[1]]}, {"nothing": 1}, {"a": 1, "b": 2}, {}, {"bytes": 9}, {"list": [{"dict": [[[], 1]]}]},
        ):  # fmt: skip
            for generators in ([], [{"dict": []}], [{"dict": [["bit_generator", "os"]]}], 5, [None]):
                out = io.BytesIO()
                meta = json.dumps({"identity": WHO, "generators": generators, "state": {"v": tree}}).encode()
                np.savez(out, meta=np.frombuffer(meta, np.uint8))
                with self.assertRaises(BadState):
                    states.load(WHO, envelope(out.getvalue()), PROBLEM)


def envelope(body):
    return states.MAGIC + zlib.crc32(body).to_bytes(4, "little") + body
