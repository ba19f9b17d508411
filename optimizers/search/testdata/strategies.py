"""How many evaluations the (1+1)-ES and hill climbing need, by transcriptions.

    python3 strategies.py > strategies.json      (numpy)

(1+1)-ES: Rechenberg's 1/5 rule by factors 1.5 and 1.5^(-1/4), first sigma 0.5; sphere of
dimension 10 and 20 to 1e-8. Random-mutation hill climbing: each weight changes with
probability 0.1, one always does, by N(0, 0.5^2), and a change that is no worse is kept; sphere
of dimension 10 to 0.1. From the origin, the optimum at (-1)^i (1 + i/n). Medians of 25 seeds,
and of 400 for hill climbing, whose numbers have quartiles of 336 and 488 around 400. A step is
two evaluations, of the parent and of its offspring.
"""
import json

import numpy as np


def optimum(n):
    return np.array([(-1) ** i * (1 + i / n) for i in range(n)])


def one_plus_one(rng, n, target):
    x, sigma, used = -optimum(n), 0.5, 0
    fx = x @ x
    while True:
        y = x + sigma * rng.standard_normal(n)
        fy = y @ y
        used += 2
        if fy < fx:
            x, fx, sigma = y, fy, sigma * 1.5
        else:
            sigma *= 1.5 ** -0.25
        if fy < target:
            return used


def hill_climbing(rng, n, target):
    x, used = -optimum(n), 0
    fx = x @ x
    while True:
        change = rng.random(n) < 0.1
        change[rng.integers(n)] = True
        y = x + change * 0.5 * rng.standard_normal(n)
        fy = y @ y
        used += 2
        if fy <= fx:
            x, fx = y, fy
        if fy < target:
            return used


def median(run, seeds, *args):
    return float(np.median([run(np.random.default_rng(seed), *args) for seed in range(1, seeds + 1)]))


print(json.dumps({
    "numpy": np.__version__,
    "one-plus-one": {n: median(one_plus_one, 25, n, 1e-8) for n in (10, 20)},
    "hill-climbing": {n: median(hill_climbing, 400, n, 0.1) for n in (10,)},
}, indent=1))
