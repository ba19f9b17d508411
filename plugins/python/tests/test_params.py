"""Parameters, and what is said to an author whose class is wrong."""

import unittest

import numpy as np

import joust
from joust.errors import Invalid
from joust.optimizer import check_class, describe
from joust.params import configure

PARAMS = {
    "f": joust.Float(0.5, min=0, max=1, min_open=True, max_open=True, doc="open"),
    "g": joust.Float(1, doc="any"),
    "i": joust.Int(3, min=-2, max=9, doc="closed"),
    "seed": joust.Int(0, min=0, doc="unsigned"),
    "any": joust.Int(0, doc="signed"),
    "b": joust.Bool(True, doc="yes or no"),
    "s": joust.String("x", doc="text"),
    "c": joust.Choice("one", ["one", "two"], doc="of two"),
}


def plain(**attributes):
    def init(self, problem): ...
    def ask(self): ...
    def tell(self, x, losses, grads): ...

    return type("Plain", (joust.Optimizer,), {"name": "p", "summary": "s", "init": init, "ask": ask, "tell": tell, **attributes})


class TestConfigure(unittest.TestCase):
    def test_what_is_left_out_has_its_default(self):
        want = {"f": 0.5, "g": 1.0, "i": 3, "seed": 0, "any": 0, "b": True, "s": "x", "c": "one"}
        for config in ("", " ", "{}"):
            self.assertEqual(configure(PARAMS, config), want)
        self.assertEqual(configure(PARAMS, '{"i": 4}'), {**want, "i": 4})

    def test_values_at_the_edges_are_taken(self):
        for text, name, want in (
            ("-2", "i", -2), ("9", "i", 9), ("9.0", "i", 9), ("1e0", "i", 1), ("18446744073709551615", "seed", 2**64 - 1),
            ("-9223372036854775808", "any", -(2**63)), ("5e-324", "f", 5e-324), ('""', "s", ""), ('"two"', "c", "two"),
        ):  # fmt: skip
            got = configure(PARAMS, f'{{"{name}": {text}}}')[name]
            self.assertEqual((got, type(got)), (want, type(want)))

    def test_what_is_wrong_is_refused_by_name(self):
        for text, name in (
            ("0", "f"), ("1", "f"), ("-1", "f"), ("NaN", "f"), ("Infinity", "f"), ("1e999", "f"), ('"0.5"', "f"), ("null", "f"),
            ("true", "g"), ("-1e999", "g"), ("[0.5]", "f"), ("{}", "f"), ("-3", "i"), ("10", "i"), ("1.5", "i"), ("1e30", "i"), ("NaN", "i"),
            ("true", "i"), ('"1"', "i"), ("null", "i"), ("-1", "seed"), ("18446744073709551616", "seed"),
            ("9223372036854775808", "any"), ("1", "b"), ('"true"', "b"), ("null", "b"), ("NaN", "s"), ("1", "s"), ("null", "s"),
            ('"three"', "c"), ("1", "c"), ("1" * 5000, "i"),
        ):  # fmt: skip
            with self.subTest(name + text[:20]):
                with self.assertRaisesRegex(Invalid, f"^{name}: .*want|not JSON"):
                    configure(PARAMS, f'{{"{name}": {text}}}')

    def test_what_is_no_configuration_is_refused(self):
        for config, words in (
            ("{", "not JSON"), ("null", "object"), ("[]", "object"), ("1", "object"), ("{} {}", "not JSON"), ("[" * 10**5, "not JSON"),
            ('{"i": 1, "i": 1}', "given twice"), ('{"I": 1}', "no such member"), ('{"sed": 1}', "did you mean seed"),
        ):  # fmt: skip
            with self.subTest(config[:20]):
                with self.assertRaisesRegex(Invalid, words):
                    configure(PARAMS, config)
        with self.assertRaisesRegex(Invalid, "there are none"):
            configure({}, '{"a": 1}')


class TestAuthor(unittest.TestCase):
    def test_a_parameter_that_makes_no_sense_is_an_error(self):
        for make in (
            lambda: joust.Float(2, max=1, doc="d"),
            lambda: joust.Float(0, min=0, min_open=True, doc="d"),
            lambda: joust.Float(1, doc=""),
            lambda: joust.Float("1", doc="d"),
            lambda: joust.Float(1, min=-1, log=True, doc="d"),
            lambda: joust.Float(1, log=True, doc="d"),
            lambda: joust.Float(1, min_open=True, doc="d"),
            lambda: joust.Float(1, max=float("inf"), doc="d"),
            lambda: joust.Int(1.5, doc="d"),
            lambda: joust.Bool(1, doc="d"),
            lambda: joust.Choice("a", ["b"], doc="d"),
            lambda: joust.Choice("a", [], doc="d"),
            lambda: joust.Choice("a", ["a", "a"], doc="d"),
        ):
            with self.assertRaises(ValueError):
                make()

    def test_a_class_that_cannot_be_served_is_an_error(self):
        check_class(plain())
        for attributes, words in (
            ({"name": ""}, "name"), ({"name": "My-ES"}, "name"), ({"name": "a" * 65}, "name"), ({"summary": ""}, "summary"),
            ({"version": ""}, "version"), ({"need": "gradient"}, "need"), ({"max_dim": 2, "min_dim": 3}, "range"),
            ({"refs": "one"}, "refs"), ({"ask": joust.Optimizer.ask}, "no method ask"), ({"params": {"a": 1}}, "a is a int"),
            ({"params": {"a": joust.Bool(True, doc="d")}}, "init takes problem and every parameter"),
            ({"params": {"batch": joust.Bool(True, doc="d")}}, "taken"),
            ({"params": {"lambda": joust.Bool(True, doc="d")}}, "argument of init"),
            ({"params": {"lr-2": joust.Bool(True, doc="d")}}, "argument of init"),
            ({"tell": lambda self, x, losses: None}, "tell takes x, losses, grads"),
            ({"needs": lambda self: "loss"}, "needs"),
        ):  # fmt: skip
            with self.subTest(attributes):
                with self.assertRaisesRegex(ValueError, words):
                    check_class(plain(**attributes))
        for other in (plain()(), int, "x"):
            with self.assertRaisesRegex(TypeError, "subclass"):
                check_class(other)

    def test_the_description_has_what_the_protocol_wants(self):
        cls = plain(params={"f": PARAMS["f"], "c": PARAMS["c"]}, init=lambda self, problem, f, c: None, __doc__="Long.")
        self.assertEqual(
            describe(cls),
            {
                "name": "p", "version": "0.1.0", "summary": "s", "doc": "Long.", "need": "loss", "abilities": ["checkpoint"],
                "params": [
                    {"name": "f", "doc": "open", "type": "float", "default": 0.5, "min": 0.0, "max": 1.0, "min_open": True, "max_open": True},
                    {"name": "c", "doc": "of two", "type": "string", "default": "one", "choices": ["one", "two"]},
                ],
            },
        )  # fmt: skip

    def test_minimize(self):
        class Descent(joust.Optimizer):
            name, summary, need = "d", "s", "grad"
            params = {"lr": joust.Float(0.25, doc="rate")}

            def init(self, problem, lr):
                self.w, self.lr = problem.init, lr

            def ask(self):
                return [self.w] if abs(self.w).max() > 0.1 else None

            def tell(self, x, losses, grads):
                self.w = self.w - self.lr * grads[0]

        def square(x):
            return x @ x, 2 * x

        result = joust.minimize(Descent, square, [1.0, -1.0], evaluations=3)
        self.assertEqual((result.loss, result.evaluations, result.converged), (2 * 0.25**2, 3, False))  # halved at each step
        np.testing.assert_array_equal(result.x, [0.25, -0.25])
        result = joust.minimize(Descent, square, [1.0, -1.0], evaluations=9, lr=0.5)
        self.assertEqual((result.evaluations, result.converged), (1, True))
        with self.assertRaises(joust.Invalid):
            joust.minimize(Descent, square, [1.0], evaluations=9, rate=0.5)
