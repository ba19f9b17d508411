"""Evaluations that four evolution strategies take, for strategies_test.go.

Each is written down from its paper, one candidate after the other and without
regard to speed, independently of the Go code: other random numbers, other
orders of summation, other formulas where the Go code has rearranged them.

    /usr/bin/python3 strategies.py > strategies.json

Written with Python 3.11 and NumPy 1.24; it takes some minutes.
"""

import json
import sys

import numpy as np

SEEDS = 25


def optimum(n):
    i = np.arange(n)
    return (-1.0) ** i * (1 + i / n)


def function(name, n):
    xs = optimum(n)
    if name == "sphere":
        return lambda x: np.sum((x - xs) ** 2)
    if name == "ellipsoid":
        scale = 10 ** (6 * np.arange(n) / (n - 1))
        return lambda x: np.sum(scale * (x - xs) ** 2)
    if name == "rosenbrock":

        def f(x):
            y = x - xs + 1
            return np.sum(100 * (y[:-1] ** 2 - y[1:]) ** 2 + (y[:-1] - 1) ** 2)

        return f
    raise ValueError(name)


class MuLambda:
    """Beyer & Schwefel 2002: (mu/mu_I, lambda)-sigma-SA-ES."""

    def __init__(self, n, rng, population, parents, sigma):
        self.n, self.rng, self.lam, self.mu = n, rng, population, parents
        self.mean, self.sigma = np.zeros(n), sigma
        self.tau = 1 / np.sqrt(2 * n)

    def ask(self):
        self.s = [self.sigma * np.exp(self.tau * self.rng.standard_normal()) for _ in range(self.lam)]
        self.x = [self.mean + s * self.rng.standard_normal(self.n) for s in self.s]
        return self.x

    def tell(self, losses):
        best = np.argsort(losses)[: self.mu]
        self.mean = np.mean([self.x[k] for k in best], axis=0)
        self.sigma = np.mean([self.s[k] for k in best])


class PGPE:
    """Toklu et al. 2020: PGPE with symmetric samples, centred ranks, ClipUp."""

    def __init__(self, n, rng, population, radius, max_speed, step, momentum=0.9, sigma_lr=0.1, max_change=0.2):
        self.n, self.rng, self.pairs = n, rng, population // 2
        self.vmax, self.alpha, self.m = max_speed, step, momentum
        self.lr, self.change = sigma_lr, max_change
        self.mu, self.sigma, self.v = np.zeros(n), np.full(n, np.sqrt(radius**2 / n)), np.zeros(n)

    def ask(self):
        self.delta = [self.sigma * self.rng.standard_normal(self.n) for _ in range(self.pairs)]
        return [self.mu + sign * d for d in self.delta for sign in (1, -1)]

    def tell(self, losses):
        fitness = np.empty(len(losses))  # higher is better, from -1/2 to 1/2
        fitness[np.argsort(-np.asarray(losses))] = np.arange(len(losses)) / (len(losses) - 1) - 0.5
        plus, minus, baseline = fitness[0::2], fitness[1::2], np.mean(fitness)
        g_mu, g_sigma = np.zeros(self.n), np.zeros(self.n)
        for p, q, d in zip(plus, minus, self.delta):
            g_mu += (p - q) / 2 * d / self.pairs
            g_sigma += ((p + q) / 2 - baseline) * (d**2 - self.sigma**2) / self.sigma / self.pairs
        self.v = self.m * self.v + self.alpha * g_mu / np.linalg.norm(g_mu)
        speed = np.linalg.norm(self.v)
        if speed > self.vmax:
            self.v *= self.vmax / speed
        self.mu = self.mu + self.v
        low, high = (1 - self.change) * self.sigma, (1 + self.change) * self.sigma
        self.sigma = np.clip(self.sigma + self.lr * g_sigma, low, high)


class LMMAES:
    """Loshchilov, Glasmachers & Beyer 2019, algorithm 1, mirrored samples."""

    def __init__(self, n, rng, sigma):
        self.n, self.rng, self.sigma = n, rng, sigma
        self.lam = 4 + int(3 * np.log(n))
        self.m = 4 + int(3 * np.log(n))
        mu = self.lam // 2
        w = np.log(mu + 0.5) - np.log(np.arange(1, mu + 1))
        self.w = w / w.sum()
        self.mueff = 1 / np.sum(self.w**2)
        self.cs = 2 * self.lam / n
        self.cd = [1 / (1.5**i * n) for i in range(self.m)]
        self.cc = [self.lam / (4.0**i * n) for i in range(self.m)]
        self.y, self.p, self.M, self.t = np.zeros(n), np.zeros(n), [np.zeros(n) for _ in range(self.m)], 0

    def ask(self):
        self.z, self.d = [], []
        for i in range(self.lam):
            z = self.rng.standard_normal(self.n) if i % 2 == 0 else -self.z[-1]
            d = z
            for j in range(min(self.t, self.m)):
                d = (1 - self.cd[j]) * d + self.cd[j] * self.M[j] * (self.M[j] @ d)
            self.z.append(z)
            self.d.append(d)
        return [self.y + self.sigma * d for d in self.d]

    def tell(self, losses):
        order = np.argsort(losses)
        zw = sum(w * self.z[k] for w, k in zip(self.w, order))
        dw = sum(w * self.d[k] for w, k in zip(self.w, order))
        self.y = self.y + self.sigma * dw
        self.p = (1 - self.cs) * self.p + np.sqrt(self.mueff * self.cs * (2 - self.cs)) * zw
        for i, c in enumerate(self.cc):
            self.M[i] = (1 - c) * self.M[i] + np.sqrt(self.mueff * c * (2 - c)) * zw
        self.sigma *= np.exp(self.cs / 2 * (self.p @ self.p / self.n - 1))
        self.t += 1


class CRFMNES:
    """Nomura & Ono 2022, algorithm 1, with the gradient of each candidate."""

    def __init__(self, n, rng, sigma):
        self.n, self.rng, self.sigma = n, rng, sigma
        lam = 4 + int(3 * np.log(n))
        self.lam = lam = lam + lam % 2
        self.hat = np.maximum(0, np.log(lam / 2 + 1) - np.log(np.arange(1, lam + 1)))
        self.rank = self.hat / self.hat.sum() - 1 / lam
        self.mueff = 1 / np.sum((self.rank + 1 / lam) ** 2)
        me = self.mueff
        self.cs = (me + 2) / (n + me + 5)
        self.cc = (4 + me / n) / (n + 4 + 2 * me / n)
        self.c1 = 2 / ((n + 1.3) ** 2 + me) * (n - 5) / 6
        self.chi = np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
        h = 6.0  # Newton's method
        for _ in range(200):
            h -= ((1 + h * h) * np.exp(h * h / 2) / 0.24 - 10 - n) / (h * np.exp(h * h / 2) * (3 + h * h) / 0.24)
        self.alpha = h * min(1, np.sqrt(lam / n))
        self.eta_b = np.tanh((min(0.02 * lam, 3 * np.log(n)) + 5) / (0.23 * n + 25))
        self.m, self.D = np.zeros(n), np.ones(n)
        self.v = rng.standard_normal(n) / np.sqrt(n)
        self.ps, self.pc = np.zeros(n), np.zeros(n)

    def ask(self):
        half = [self.rng.standard_normal(self.n) for _ in range(self.lam // 2)]
        self.z = half + [-z for z in half]
        root = self.root(self.v)
        self.y = [root @ z for z in self.z]
        self.x = [self.m + self.sigma * self.D * y for y in self.y]
        return self.x

    @staticmethod
    def root(v):
        """The symmetric square root of I + v v'."""
        values, vectors = np.linalg.eigh(np.eye(len(v)) + np.outer(v, v))
        return vectors @ np.diag(np.sqrt(values)) @ vectors.T

    def natural(self, y):
        """Natural gradients of log density at y, with respect to v (times |v|)
        and ln D: Akimoto, Auger & Hansen 2014, theorem 3.4 and algorithm 1."""
        v2 = self.v @ self.v
        vbar = self.v / np.sqrt(v2)
        vv, gamma = vbar**2, 1 + v2
        a = min(1, np.sqrt(v2**2 + (2 * gamma - np.sqrt(gamma)) / vv.max()) / (2 + v2))
        b = -(1 - a * a) * v2**2 / gamma + 2 * a * a
        A = 1 / (2 - (b + 2 * a * a) * vv)
        yv = y @ vbar
        s = y**2 - v2 / gamma * yv * y * vbar - 1
        t = yv * y - (yv**2 + gamma) / 2 * vbar
        s = s - a / gamma * ((2 + v2) * vbar * t - v2 * (vbar @ t) * vv)
        s = A * s - b / (1 + b * (vv @ (A * vv))) * ((A * vv) @ s) * (A * vv)
        t = t - a * ((2 + v2) * vbar * s - (s @ vv) * vbar)
        return t, s

    def tell(self, losses):
        n, lam = self.n, self.lam
        order = np.argsort(losses)
        z, y, x = ([a[k] for k in order] for a in (self.z, self.y, self.x))
        zw = sum(w * c for w, c in zip(self.rank, z))
        self.ps = (1 - self.cs) * self.ps + np.sqrt(self.cs * (2 - self.cs) * self.mueff) * zw
        length = np.linalg.norm(self.ps)
        weights = self.rank
        if length >= self.chi:
            w = self.hat * np.exp(self.alpha * np.array([np.linalg.norm(c) for c in z]))
            weights, eta = w / w.sum() - 1 / lam, 1.0
        elif length >= 0.1 * self.chi:
            eta = np.tanh((0.024 * lam + 0.7 * n + 20) / (n + 12))
        else:
            eta = 2 * np.tanh((0.025 * lam + 0.75 * n + 10) / (n + 4))
        step = sum(w * (c - self.m) for w, c in zip(weights, x))
        self.pc = (1 - self.cc) * self.pc + np.sqrt(self.cc * (2 - self.cc) * self.mueff) * step / self.sigma
        self.m = self.m + step
        gv, gd = np.zeros(n), np.zeros(n)
        for w, c in list(zip(self.eta_b * weights, y)) + [(self.c1, self.pc / self.D)]:
            t, s = self.natural(c)
            gv += w * t
            gd += w * s
        # The bound of 70 % is that of Akimoto's program for VD-CMA.
        gv = gv / np.linalg.norm(self.v)
        part = min(1, 0.7 / np.max(np.abs(gd)), 0.7 * np.linalg.norm(self.v) / np.linalg.norm(gv))
        self.v = self.v + part * gv
        self.D = self.D + part * gd * self.D
        det = np.sum(np.log(self.D)) + np.log(1 + self.v @ self.v) / 2
        self.D = self.D / np.exp(det / n)
        grad = sum(w * np.sum(c**2 - 1) for w, c in zip(weights, z)) / n
        self.sigma *= np.exp(eta / 2 * grad)


CASES = [
    ("mu-lambda-es", MuLambda, dict(population=12, parents=3, sigma=1.0), "sphere", 10, 1e-8),
    ("mu-lambda-es", MuLambda, dict(population=40, parents=10, sigma=1.0), "sphere", 20, 1e-8),
    ("mu-lambda-es", MuLambda, dict(population=12, parents=3, sigma=1.0), "rosenbrock", 5, 1e-1),
    ("pgpe", PGPE, dict(population=40, radius=3.0, max_speed=0.2, step=0.1), "sphere", 20, 1e-1),
    ("pgpe", PGPE, dict(population=40, radius=3.0, max_speed=0.2, step=0.1), "ellipsoid", 20, 1e3),
    ("pgpe", PGPE, dict(population=20, radius=3.0, max_speed=0.2, step=0.1), "rosenbrock", 10, 1e1),
    ("lm-ma-es", LMMAES, dict(sigma=1.0), "sphere", 100, 1e-8),
    ("lm-ma-es", LMMAES, dict(sigma=1.0), "ellipsoid", 100, 5e3),
    ("lm-ma-es", LMMAES, dict(sigma=1.0), "rosenbrock", 100, 9e1),
    ("cr-fm-nes", CRFMNES, dict(sigma=1.0), "sphere", 10, 1e-8),
    ("cr-fm-nes", CRFMNES, dict(sigma=1.0), "ellipsoid", 10, 1e-8),
    ("cr-fm-nes", CRFMNES, dict(sigma=1.0), "rosenbrock", 10, 1e-8),
    ("cr-fm-nes", CRFMNES, dict(sigma=1.0), "sphere", 40, 1e-8),
    ("cr-fm-nes", CRFMNES, dict(sigma=1.0), "ellipsoid", 20, 1e-8),
]
LIMIT = 50000


def evaluations(strategy, f, target):
    count = 0
    while count < LIMIT:
        if np.max(strategy.sigma) < 1e-20:
            return None  # in a local optimum
        losses = [f(x) for x in strategy.ask()]
        count += len(losses)
        if min(losses) < target:
            return count
        strategy.tell(losses)
    return None


def main():
    cases = []
    for name, make, config, fname, n, target in CASES:
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        counts = []
        for seed in range(1, SEEDS + 1):
            rng = np.random.default_rng(seed)
            counts.append(evaluations(make(n, rng, **config), function(fname, n), target))
        solved = [c for c in counts if c is not None]
        q = np.percentile(solved, [25, 50, 75]) if solved else [None] * 3
        cases.append(dict(
            optimizer=name, config=config, function=fname, n=n, target=target, limit=LIMIT, seeds=SEEDS,
            solved=len(solved), q1=q[0], median=q[1], q3=q[2],
        ))
        print(cases[-1], file=sys.stderr)
    json.dump(cases, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
