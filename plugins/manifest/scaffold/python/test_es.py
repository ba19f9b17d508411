"""python3 -m unittest, in this folder."""

import unittest

import joust
import numpy as np

from es import ES

OPTIMUM = np.array([1.0, -2.0, 0.5, 3.0])


def sphere(w):
    return float(((w - OPTIMUM) ** 2).sum())


class TestES(unittest.TestCase):
    def minimize(self, seed):
        return joust.minimize(ES, sphere, np.zeros(4), evaluations=4000, seed=seed)

    def test_it_finds_the_optimum_of_a_sphere(self):
        # It starts at a loss of 14.25.
        self.assertLess(self.minimize(seed=1).loss, 0.01)

    def test_the_same_seed_gives_the_same_weights(self):
        first, again, other = self.minimize(seed=1), self.minimize(seed=1), self.minimize(seed=2)
        self.assertEqual(first.x.tolist(), again.x.tolist())
        self.assertNotEqual(first.x.tolist(), other.x.tolist())

    def test_a_network_that_diverges_is_survived(self):
        result = joust.minimize(ES, lambda w: float("inf"), np.zeros(4), evaluations=160)
        self.assertEqual(result.evaluations, 160)


if __name__ == "__main__":
    unittest.main()
