"""The adapters: scipy itself, and stand-ins for pycma and nevergrad."""

import os
import sys
import threading
import unittest
import warnings

import numpy as np

from joust import errors
from joust.adapters import callback
from joust.adapters import scipy as scipy_adapter

from . import hosts

STANDIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "standin")
sys.path.insert(0, STANDIN)
try:
    import cma
    import nevergrad

    from joust.adapters import cma as cma_adapter
    from joust.adapters import nevergrad as nevergrad_adapter
finally:
    sys.path.remove(STANDIN)

START = 0.5 * np.random.default_rng(1).standard_normal(8)


def search(cls, evaluations, config=None, seed=1, x0=START, objective=hosts.sphere):
    """Returns all candidates, the lowest loss, and whether it has converged."""
    host = hosts.InProcess(cls)
    host.init("run", cls.name, x0, config, seed=seed)
    asked, tell, low = [], None, np.inf
    try:
        while sum(map(len, asked)) < evaluations:
            a = host.step("run", tell)
            if a.failure is not None:
                raise a.failure
            if len(a.rows) == 0:
                return asked, low, True
            losses, grads = objective(a.rows)
            low = min(low, losses.min())
            asked.append(a.rows)
            tell = (a.batch, losses, grads) if cls.need == "grad" else (a.batch, losses)
        return asked, low, False
    finally:
        host.finish("run")


class Every:
    """What every adapter does."""

    classes = ()

    def setUp(self):
        self.threads = threading.active_count()
        # The losses are as large as losses can be: scipy's sums overflow.
        warnings.simplefilter("ignore")
        self.addCleanup(warnings.resetwarnings)

    def tearDown(self):
        self.assertEqual(threading.active_count(), self.threads, "a thread of the library is left")

    def each(self):
        for cls in self.classes:
            with self.subTest(cls.name):
                yield cls

    def test_it_comes_down_a_shifted_sphere(self):
        for cls in self.each():
            _, low, _ = search(cls, 1500)
            self.assertLess(low, hosts.sphere(START[None])[0][0] / 3)

    def test_same_seed_same_candidates(self):
        for cls in self.each():
            a, b = (search(cls, 120, seed=5)[0] for _ in range(2))
            self.assertEqual(len(a), len(b))
            for x, y in zip(a, b):
                np.testing.assert_array_equal(x, y)

    def test_runs_do_not_disturb_each_other(self):
        for cls in self.each():
            want = search(cls, 60)[0]
            host, tells, got = hosts.InProcess(cls), {}, {}
            for name in "abc":
                host.init(name, cls.name, START)
                tells[name], got[name] = None, []
            for _ in range(len(want)):
                for name in "abc":
                    rows, tells[name] = hosts.drive(host, name, 1, grads=cls.need == "grad", tell=tells[name])
                    got[name] += rows
            for name in "abc":
                host.finish(name)
                self.assertEqual(len(got[name]), len(want))
                for x, y in zip(got[name], want):
                    np.testing.assert_array_equal(x, y)

    def test_losses_without_sense_are_survived(self):
        for cls in self.each():
            for losses in (
                lambda n: np.full(n, np.inf),
                lambda n: np.where(np.arange(n) % 2, 1e308, -1e308),
                lambda n: np.ones(n),
            ):
                asked, _, _ = search(cls, 60, objective=lambda rows: (losses(len(rows)), np.zeros(rows.shape)))
                self.assertTrue(all(np.isfinite(rows).all() for rows in asked))

    def test_one_weight_is_enough(self):
        for cls in self.each():
            asked, low, _ = search(cls, 60, x0=np.zeros(1))
            self.assertEqual(asked[0].shape[1], 1)
            self.assertLess(low, 0.25 / 3)  # from 0, where it is 0.5 squared


class TestSciPy(Every, unittest.TestCase):
    classes = scipy_adapter.ALL

    def test_other_seed_other_candidates(self):
        for cls in (scipy_adapter.DifferentialEvolution, scipy_adapter.DualAnnealing):
            a, b = (search(cls, 60, seed=s)[0] for s in (1, 2))
            self.assertFalse(np.array_equal(a[-1], b[-1]))

    def test_it_computes_what_scipy_does(self):
        from scipy import optimize

        def one(x):
            return hosts.sphere(x[None])[0][0]

        # The same generator, used in the same order: first the population.
        rng = np.random.default_rng(3)
        first = rng.uniform(-2, 2, (32, 8)) + START
        first[0] = START
        want = optimize.differential_evolution(
            one, list(zip(START - 2, START + 2)), maxiter=9, tol=0, polish=False, init=first,
            updating="deferred", seed=np.random.default_rng(3),
        )  # fmt: skip
        _, low, _ = search(scipy_adapter.DifferentialEvolution, 32 * 10, seed=3)
        self.assertEqual(low, want.fun)
        simplex = np.vstack([START, START + 0.5 * np.eye(8)])
        options = {"initial_simplex": simplex, "adaptive": True, "xatol": 1e-8, "fatol": 1e-8}
        want = optimize.minimize(one, START, method="Nelder-Mead", options={**options, "maxiter": 10**6, "maxfev": 10**6})
        asked, low, converged = search(scipy_adapter.NelderMead, 10**6)
        self.assertTrue(converged)
        self.assertEqual((len(asked), low), (want.nfev, want.fun))

    def test_a_generation_is_one_batch(self):
        asked, _, _ = search(scipy_adapter.DifferentialEvolution, 100, {"population": 25})
        self.assertEqual([len(rows) for rows in asked], [25] * 4)
        np.testing.assert_allclose(asked[0][0], START, rtol=0, atol=1e-15)  # scipy maps the box to [0, 1] and back

    def test_candidates_stay_in_the_box(self):
        for cls in (scipy_adapter.DifferentialEvolution, scipy_adapter.DualAnnealing):
            asked, _, _ = search(cls, 300, {"radius": 0.25})
            self.assertLessEqual(max(np.abs(rows - START).max() for rows in asked), 0.25 + 1e-12)
            self.assertGreater(max(np.abs(rows - START).max() for rows in asked), 0.2)


    def test_enormous_gradients_are_survived_or_diverge(self):
        for cls in (scipy_adapter.LBFGSB, scipy_adapter.CG):
            for sizes in ((1e300, 1e-300), (1e300, -1e300), (1.7e308, 1.7e308), (5e-324, 5e-324), (0, 0)):
                steps = iter(range(60))

                def steep(rows):
                    return np.abs(rows[:, 0]), np.full(rows.shape, sizes[next(steps) % 2])

                with self.subTest(f"{cls.name} {sizes}"):
                    try:
                        asked, _, _ = search(cls, 60, objective=steep)
                        self.assertTrue(np.isfinite(asked).all())
                    except errors.Diverged:
                        pass


class TestPycma(Every, unittest.TestCase):
    classes = (cma_adapter.CMA,)

    def test_it_ends_where_pycma_says_so(self):
        self.assertTrue(search(cma_adapter.CMA, 10**5)[2])
        self.assertFalse(search(cma_adapter.CMA, 3000, {"converge": False})[2])

    def test_the_mean_is_recommended(self):
        host = hosts.InProcess(cma_adapter.CMA)
        host.init("1", "pycma", START, {"population": 8})
        np.testing.assert_array_equal(host.recommend("1"), START[None])
        a = host.step("1")
        host.step("1", (1, np.arange(8.0)), ask=False)
        np.testing.assert_array_equal(host.recommend("1"), a.rows[:2].mean(axis=0)[None])
        self.assertEqual(host.diagnose("1"), {"sigma": 0.3 * 0.97})

    def test_the_version_is_known(self):
        self.assertIn(f"cma {cma.__version__}", hosts.InProcess(cma_adapter.CMA).server.runtime())


class TestNevergrad(Every, unittest.TestCase):
    classes = (nevergrad_adapter.Nevergrad,)

    def test_a_name_that_is_not_in_the_registry_is_refused(self):
        with self.assertRaisesRegex(errors.Invalid, "such as TwoPointsDE"):
            search(nevergrad_adapter.Nevergrad, 1, {"method": "TwoPointDE"})

    def test_as_many_candidates_as_workers(self):
        asked, _, _ = search(nevergrad_adapter.Nevergrad, 20, {"workers": 5})
        self.assertEqual([len(rows) for rows in asked], [5] * 4)
        self.assertIn("nevergrad", nevergrad.__name__)


class Raises(callback.CallbackOptimizer):
    name, summary = "raises", "Fails in the library's thread."

    def minimize(self, problem):
        for _ in range(2):
            self.evaluate(np.zeros((1, problem.dim)))
        raise RuntimeError("the library gave up")


class Stubborn(callback.CallbackOptimizer):
    """Catches whatever it can and goes on."""

    name, summary = "stubborn", "Does not want to stop."

    def minimize(self, problem):
        for _ in range(3):
            try:
                while True:
                    self.evaluate(np.zeros((1, problem.dim)))
            except BaseException:
                pass


class Lost(callback.CallbackOptimizer):
    name, summary = "lost", "Is not finite at its second step."

    def minimize(self, problem):
        self.evaluate(np.zeros((1, problem.dim)))
        self.evaluate(np.full((1, problem.dim), np.nan))


class Listens(callback.CallbackOptimizer):
    name, summary, need = "listens", "Remembers what it is told.", "grad"

    def minimize(self, problem):
        Listens.told = self.evaluate(np.zeros((3, problem.dim)))


class TestCallback(unittest.TestCase):
    def test_a_library_is_told_finite_numbers(self):
        losses, grads = np.array([np.inf, -1.7e308, 2.0]), np.full((3, len(START)), 1.7e308)
        search(Listens, 4, objective=lambda rows: (losses, grads))
        np.testing.assert_array_equal(Listens.told[0], [1e300, -1e300, 2.0])
        np.testing.assert_array_equal(Listens.told[1], np.full(grads.shape, 1e300))

    def test_a_point_that_is_not_finite_is_divergence(self):
        with self.assertRaises(errors.Diverged):
            search(Lost, 10)

    def test_an_error_of_the_library_is_an_error_of_ask(self):
        with self.assertRaisesRegex(errors.Broken, "the library gave up"):
            search(Raises, 10)

    def test_a_library_that_catches_everything_is_stopped(self):
        before = threading.active_count()
        search(Stubborn, 10)
        self.assertEqual(threading.active_count(), before)
