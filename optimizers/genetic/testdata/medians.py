"""Evaluations that each genetic algorithm takes, by a transcription of its paper
in numpy that shares nothing with the Go code: python3 medians.py > medians.json

The start is 0 and the optimum (-1)^i (1 + i/n), as in package opttest. A run
counts the evaluations up to and with the first step that has a candidate below
the target.
"""

import json
import sys

import numpy as np

SEEDS = 101  # odd: the median is one of them; many, since it is the reference


def optimum(n):
    return np.array([(-1) ** i * (1 + i / n) for i in range(n)])


def sphere(x):
    z = x - optimum(x.shape[-1])
    return (z * z).sum(-1)


def rastrigin(x):
    z = x - optimum(x.shape[-1])
    return (z * z + 10 * (1 - np.cos(2 * np.pi * z))).sum(-1)


class Reached(Exception):
    pass


class Counter:
    """Evaluates whole steps until one is below the target."""

    def __init__(self, f, target, limit):
        self.f, self.target, self.limit, self.n = f, target, limit, 0

    def __call__(self, rows):
        y = self.f(rows)
        self.n += len(rows)
        if y.min() < self.target or self.n >= self.limit:
            raise Reached
        return y


def first(rng, population, n, spread):
    x = spread * rng.standard_normal((population, n))
    x[0] = 0
    return x


def ranking(y):
    return np.argsort(y, kind="stable")


# Such et al. 2017, algorithm 1, with one more evaluation of the finalists, which
# on a loss without noise changes the count alone.
def deep_ga(f, n, rng, population, parents, sigma, spread, repeats, finalists):
    x = first(rng, population, n, spread)
    while True:
        y = f(x)
        best = x[ranking(y)[:parents]]
        for _ in range(repeats):
            f(best[:finalists])
        x = best[rng.integers(0, len(best), population)] + sigma * rng.standard_normal((population, n))
        x[0] = best[0]


# Kumar et al. 2022: SAMR, the baseline of their comparison.
def samr_ga(f, n, rng, population, parents, sigma, meta, floor, spread):
    x = first(rng, population, n, spread)
    s = np.full(population, sigma)
    while True:
        o = ranking(f(x))[:parents]
        best, own = x[o], s[o]
        of = rng.integers(0, parents, population)
        s = np.maximum(own[of] * meta ** rng.uniform(-1, 1, population), floor)
        x = best[of] + s[:, None] * rng.standard_normal((population, n))
        x[0], s[0] = best[0], own[0]


def uniform(rng, a, b):
    take = rng.random(len(a)) < 0.5
    return np.where(take, b, a), np.where(take, a, b)


# Gomez, Schmidhuber & Miikkulainen 2008, figure 3 and equation 1.
def cosyne(f, n, rng, population, parents, weight_rate, scale, spread, permute):
    x = first(rng, population, n, spread)
    while True:
        y = f(x)
        o = ranking(y)
        best = x[o[:parents]].copy()
        for i in range(parents):
            a, b = rng.choice(parents, 2, replace=False)
            child, _ = uniform(rng, best[a], best[b])
            hits = rng.random(n) < weight_rate
            child[hits] += scale * rng.standard_cauchy(hits.sum())
            x[o[population - 1 - i]] = child
        if permute == "all":
            p = np.ones(population)
        else:
            p = 1 - ((y.max() - y) / (y.max() - y.min())) ** (1 / n)
        for i in range(n):
            marked = np.flatnonzero(rng.random(population) < p)
            x[marked, i] = x[rng.permutation(marked), i]


def tournament(rng, population, contestants):
    """The places of two parents in a ranking."""
    left = list(range(population))
    winners = []
    for _ in range(2):
        w = min(rng.integers(0, len(left), contestants))
        winners.append(left.pop(w))
    return winners


def roulette(rng, y):
    share = y.max() - y
    a = rng.choice(len(y), p=share / share.sum())
    share[a] = 0
    return a, rng.choice(len(y), p=share / share.sum())


def pair(rng, a, b, crossover_rate):
    return uniform(rng, a, b) if rng.random() < crossover_rate else (a.copy(), b.copy())


def mutate(rng, w, weight_rate, sigma):
    hits = rng.random(len(w)) < weight_rate
    w[hits] += sigma * rng.standard_normal(hits.sum())


# The generational model with elitism, of one population or several in an open
# ring, which exchange individuals drawn at random.
def ga(f, n, rng, population, contestants, elite, crossover_rate, weight_rate, sigma, spread,
       islands=1, every=1, migrants=0, selection="tournament", adapt=False):
    xs = np.split(first(rng, islands * population, n, spread), islands)
    ss = [np.full(population, sigma) for _ in xs]
    generation = 0
    while True:
        ys = np.split(f(np.concatenate(xs)), islands)
        generation += 1
        if islands > 1 and generation % every == 0:
            # The places are those of the rankings.
            os = [ranking(y) for y in ys]
            for i in range(islands - 1):
                for k in rng.choice(population, migrants, replace=False):
                    a, b = os[i][k], os[i + 1][k]
                    xs[i][a], xs[i + 1][b] = xs[i + 1][b].copy(), xs[i][a].copy()
                    ys[i][a], ys[i + 1][b] = ys[i + 1][b], ys[i][a]
        for i in range(islands):
            o = ranking(ys[i])
            old, own, y = xs[i][o], ss[i][o], ys[i][o]
            new, s = [], []
            while len(new) < population:
                a, b = roulette(rng, y.copy()) if selection == "roulette" else tournament(rng, population, contestants)
                crosses = rng.random() < crossover_rate
                for w, p in zip(pair(rng, old[a], old[b], float(crosses)), (a, b)):
                    size = own[p]
                    if adapt:
                        size = (own[a] + own[b]) / 2 if crosses else own[p]
                        size *= np.exp(rng.standard_normal() / np.sqrt(n))
                    mutate(rng, w, weight_rate, size)
                    new.append(w)
                    s.append(size)
            x, s = np.array(new[:population]), np.array(s[:population])
            x[:elite], s[:elite] = old[:elite], own[:elite]
            xs[i], ss[i] = x, s


# Whitley 1989: two offspring, and the last of the ranking dies.
def ga_steady(f, n, rng, population, contestants, crossover_rate, weight_rate, sigma, spread):
    x = first(rng, population, n, spread)
    y = f(x)
    o = ranking(y)
    x, y = x[o], y[o]
    while True:
        a, b = tournament(rng, population, contestants)
        young = np.array(pair(rng, x[a], x[b], crossover_rate))
        for w in young:
            mutate(rng, w, weight_rate, sigma)
        for w, loss in zip(young, f(young)):
            if loss < y[-1]:
                x[-1], y[-1] = w, loss
                o = ranking(y)
                x, y = x[o], y[o]


BREED = dict(contestants=5, crossover_rate=0.9, weight_rate=0.2, sigma=0.2, spread=2)
MEMBERS = {"contestants": "tournament"}  # where the configuration has another name

CASES = [
    ("deep-ga", deep_ga, sphere, 10, 0.3, dict(population=100, parents=10, sigma=0.2, spread=2, repeats=0, finalists=10)),
    ("deep-ga", deep_ga, sphere, 20, 3, dict(population=60, parents=5, sigma=0.3, spread=1, repeats=1, finalists=5)),
    ("samr-ga", samr_ga, sphere, 10, 1e-6, dict(population=100, parents=20, sigma=0.5, meta=2, floor=1e-8, spread=2)),
    ("samr-ga", samr_ga, sphere, 20, 0.01, dict(population=50, parents=5, sigma=0.5, meta=1.5, floor=1e-8, spread=1)),
    ("cosyne", cosyne, sphere, 10, 0.1, dict(population=40, parents=10, weight_rate=0.05, scale=0.3, spread=2, permute="loss")),
    ("cosyne", cosyne, rastrigin, 5, 2, dict(population=100, parents=25, weight_rate=0.2, scale=0.3, spread=2, permute="all")),
    ("ga-steady", ga_steady, sphere, 10, 0.02, dict(population=100, **BREED)),
    ("ga-steady", ga_steady, sphere, 20, 0.5, dict(population=50, **BREED)),
    ("ga", ga, sphere, 10, 0.02, dict(population=100, elite=1, **BREED)),
    ("ga", ga, sphere, 10, 3, dict(population=100, elite=2, selection="roulette", **BREED)),
    ("ga", ga, sphere, 10, 1e-4, dict(population=100, elite=1, adapt=True, **BREED)),
    ("ga-islands", ga, sphere, 10, 0.02, dict(islands=4, every=5, migrants=2, population=25, elite=1, **BREED)),
    ("ga-islands", ga, sphere, 20, 0.5, dict(islands=3, every=2, migrants=5, population=20, elite=1, **BREED)),
]


def main():
    out = []
    for name, run, f, n, target, settings in CASES:
        counts = []
        for seed in range(SEEDS):
            count = Counter(f, target, 200_000)
            try:
                run(count, n, np.random.default_rng([seed, 7]), **settings)
            except Reached:
                counts.append(count.n)
        q1, median, q3 = np.percentile(counts, [25, 50, 75])
        out.append(dict(
            optimizer=name, function=f.__name__, dim=n, target=target,
            config={MEMBERS.get(k, k): v for k, v in settings.items()},
            q1=q1, median=median, q3=q3,
        ))
        print(name, f.__name__, n, target, q1, median, q3, file=sys.stderr)
    json.dump(out, sys.stdout, indent=1)
    print()


main()
