"""The line search and the minima of SciPy, for TestAgreesWithMINPACK and TestReachesSciPysMinima.

    python3 minima.py > minima.json      (Debian 12: apt-get install python3-scipy)

The one-dimensional functions are those of More & Thuente 1994, section 5, table 5.1 to 5.6,
and the steps those of MINPACK-2's dcsrch. The others are written out again in minima_test.go.
"""
import json
import math
import warnings

import numpy as np
import scipy
from scipy.optimize import minimize, minpack2

warnings.simplefilter("ignore", DeprecationWarning)


def f1(a, b=2.0):
    return -a / (a * a + b), (a * a - b) / (a * a + b) ** 2


def f2(a, b=0.004):
    return (a + b) ** 5 - 2 * (a + b) ** 4, 5 * (a + b) ** 4 - 8 * (a + b) ** 3


def f3(a, b=0.01, l=39):
    if a <= 1 - b:
        p, d = 1 - a, -1
    elif a >= 1 + b:
        p, d = a - 1, 1
    else:
        p, d = (a - 1) ** 2 / (2 * b) + b / 2, (a - 1) / b
    return (p + 2 * (1 - b) / (l * math.pi) * math.sin(l * math.pi / 2 * a),
            d + (1 - b) * math.cos(l * math.pi / 2 * a))


def f4(b1, b2):
    def gamma(b):
        return math.sqrt(1 + b * b) - b

    def f(a):
        p, q = math.sqrt((1 - a) ** 2 + b2 * b2), math.sqrt(a * a + b1 * b1)
        return gamma(b1) * p + gamma(b2) * q, -gamma(b1) * (1 - a) / p + gamma(b2) * a / q
    return f


def lines():
    out = []
    for number, f, decrease, curvature in [
            (1, f1, 1e-3, 0.1), (2, f2, 0.1, 0.1), (3, f3, 0.1, 0.1),
            (4, f4(0.001, 0.001), 1e-3, 1e-3), (5, f4(0.01, 0.001), 1e-3, 1e-3), (6, f4(0.001, 0.01), 1e-3, 1e-3)]:
        for first in (1e-3, 1e-1, 1e1, 1e3):
            isave, dsave, task, steps = np.zeros(2, np.intc), np.zeros(13), b"START", []
            step, (loss, slope) = first, f(0.0)
            while task == b"START" or task.startswith(b"FG"):
                step, loss, slope, task = minpack2.dcsrch(
                    step, loss, slope, decrease, curvature, 1e-10, task, 0.0, 1e20, isave, dsave)
                if task.startswith(b"FG"):
                    steps.append(step)
                    loss, slope = f(step)
            out.append({"function": number, "first": first, "decrease": decrease, "curvature": curvature,
                        "steps": steps, "accepted": task.startswith(b"CONV")})
    return out


def optimum(n):
    return np.array([(-1) ** i * (1 + i / n) for i in range(n)])


def ellipsoid(x):
    z, a = x - optimum(len(x)), 10 ** (6 * np.arange(len(x)) / (len(x) - 1))
    return np.sum(a * z * z), 2 * a * z


def sphere(x):
    z = x - optimum(len(x))
    return np.sum(z * z), 2 * z


def rosenbrock(x):
    y = x - optimum(len(x)) + 1
    bend, g = y[:-1] ** 2 - y[1:], np.zeros(len(x))
    g[:-1] += 400 * bend * y[:-1] + 2 * (y[:-1] - 1)
    g[1:] -= 200 * bend
    return np.sum(100 * bend ** 2 + (y[:-1] - 1) ** 2), g


def powell(x):
    """Powell 1962, doi:10.1093/comjnl/5.2.147: a singular Hessian at the minimum."""
    a, b, c, d = x[0] + 10 * x[1], x[2] - x[3], x[1] - 2 * x[2], x[0] - x[3]
    return (a * a + 5 * b * b + c ** 4 + 10 * d ** 4,
            np.array([2 * a + 40 * d ** 3, 20 * a + 4 * c ** 3, 10 * b - 8 * c ** 3, -10 * b - 40 * d ** 3]))


def logistic(w):
    """Penalised logistic regression on 40 examples that a formula makes."""
    n, loss, grad = len(w), 0.05 * np.sum(w * w), 0.1 * w
    for k in range(40):
        x = np.array([((k * (i + 3) * 7 + i * i) % 11 - 5) / 5 for i in range(n)])
        y = 1.0 if (k * k + 3 * k) % 7 < 3 else -1.0
        m = y * (x @ w)
        loss += math.log1p(math.exp(-m)) / 40
        grad = grad - y / (1 + math.exp(m)) / 40 * x
    return loss, grad


def minima():
    out = []
    for name, f, start in [("sphere", sphere, np.zeros(10)), ("ellipsoid", ellipsoid, np.zeros(10)),
                           ("rosenbrock", rosenbrock, np.zeros(10)), ("powell", powell, np.array([3.0, -1.0, 0.0, 1.0])),
                           ("logistic", logistic, np.zeros(6))]:
        for method, options in (("L-BFGS-B", {"ftol": 0, "gtol": 1e-9, "maxiter": 10000, "maxfun": 100000, "maxcor": 10}),
                                ("CG", {"gtol": 1e-9, "maxiter": 10000})):
            r = minimize(f, start, jac=True, method=method, options=options)
            at = next_below(f, start, method, options, r.fun)
            out.append({"function": name, "start": list(start), "method": method, "loss": r.fun, "x": list(r.x),
                        "evaluations": int(r.nfev), "within": at, "gradient": float(np.abs(f(r.x)[1]).max())})
    return out


def next_below(f, start, method, options, best):
    """The number of evaluations up to the first within 1e-8 of the minimum."""
    seen = []

    def counted(x):
        loss, grad = f(x)
        seen.append(loss)
        return loss, grad
    minimize(counted, start, jac=True, method=method, options=options)
    return 1 + next(i for i, loss in enumerate(seen) if loss < best + 1e-8)


print(json.dumps({"scipy": scipy.__version__, "lines": lines(), "minima": minima()}, indent=1))
