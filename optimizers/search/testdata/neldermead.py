"""SciPy's Nelder-Mead on six functions, standard and adaptive.

    python3 neldermead.py > neldermead.json      (Debian 12: apt-get install python3-scipy)

TestNelderMeadAgreesWithSciPy in ../neldermead_test.go takes the same steps from the same
simplex: the start, and 0.5 from it along each coordinate. SciPy also wants the losses to
be close before it stops; an infinite fatol leaves that out.
"""
import json
import math

import numpy
import scipy
from scipy.optimize import minimize


def booth(x):
    a, b = x[0] + 2 * x[1] - 7, 2 * x[0] + x[1] - 5
    return a * a + b * b


def himmelblau(x):
    a, b = x[0] * x[0] + x[1] - 11, x[0] + x[1] * x[1] - 7
    return a * a + b * b


def powell(x):  # Powell 1962, singular at its minimum
    a, b, c, d = x[0] + 10 * x[1], x[2] - x[3], x[1] - 2 * x[2], x[0] - x[3]
    return a * a + 5 * (b * b) + c * c * (c * c) + 10 * (d * d * (d * d))


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        bend, off = x[i + 1] - x[i] * x[i], 1 - x[i]
        total = total + (100 * (bend * bend) + off * off)
    return total


def quadratic(x):
    total = 0.0
    for i in range(len(x)):
        d = x[i] - (-1) ** i * (i + 1) * 0.25
        total = total + (i + 1) * (d * d)
    return total


def terraces(x):  # of equal losses, which show how ties are broken
    return float(math.floor(quadratic(x) * 4)) + 0.0


def run(f, start, adaptive):
    start = [float(v) for v in start]
    n = len(start)
    simplex = [list(start)]
    for i in range(n):
        v = list(start)
        v[i] += 0.5
        simplex.append(v)
    path = []

    def record(x):
        x = [float(v) for v in x]
        path.append(x)
        return f(x)

    r = minimize(record, start, method="Nelder-Mead", options={
        "initial_simplex": simplex, "adaptive": adaptive, "xatol": 1e-8, "fatol": math.inf,
        "maxfev": 1000000, "maxiter": 1000000})
    return {"function": f.__name__, "adaptive": adaptive, "start": start, "path": path[:150],
            "evaluations": r.nfev, "x": list(r.x), "loss": float(r.fun)}


print(json.dumps({"scipy": scipy.__version__, "numpy": numpy.__version__, "runs": [
    run(f, start, adaptive)
    for f, start in [(booth, [0, 0]), (himmelblau, [0, 1]), (powell, [3, -1, 0, 1]),
                     (rosenbrock, [-1.2, 1, -1.2, 1, -1.2]), (quadratic, [1] * 12),
                     (terraces, [3, 3, 3, 3, 3])]
    for adaptive in (False, True)
]}))
