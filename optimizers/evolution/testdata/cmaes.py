#!/usr/bin/env python3
"""CMA-ES and separable CMA-ES, written down again in numpy from the papers.

Usage: /usr/bin/python3 cmaes.py > cmaes.json    (numpy 1.24.2, Python 3.11)

The numbers that take the place of random ones are sines, so that Go can make
them, too. Hansen 2016, arXiv:1604.00772; Ros & Hansen 2008,
doi:10.1007/978-3-540-87700-4_30. C is decomposed by numpy.linalg.cholesky.
"""
import json

import numpy as np


def sines(generation, lam, n):
    k, i = np.meshgrid(np.arange(lam), np.arange(n), indexing="ij")
    return 1.5 * np.sin(1 + 3.7 * i + 7.1 * k + 13.3 * generation)


def loss(x):
    n = len(x)
    z = x - np.array([(-1) ** i * (1 + i / n) for i in range(n)])
    s = z + 0.3 * np.roll(z, 1)  # not separable
    return float(sum(10 ** (3 * i / (n - 1)) * s[i] ** 2 for i in range(n)))


def weights(lam):
    raw = np.log((lam + 1) / 2) - np.log(np.arange(1, lam + 1))
    mu = lam // 2
    w = raw[:mu] / raw[:mu].sum()
    return raw, w, mu, 1 / (w**2).sum()


def full(n, lam, active, sigma, generations):
    raw, w, mu, mueff = weights(lam)
    cs = (mueff + 2) / (n + mueff + 5)
    ds = 1 + 2 * max(0, np.sqrt((mueff - 1) / (n + 1)) - 1) + cs
    cc = (4 + mueff / n) / (n + 4 + 2 * mueff / n)
    c1 = 2 / ((n + 1.3) ** 2 + mueff)
    cmu = min(1 - c1, 2 * (mueff - 2 + 1 / mueff) / ((n + 2) ** 2 + mueff))
    chi = np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    used = list(w)
    if active:
        minus = raw[mu:]
        mueff_minus = minus.sum() ** 2 / (minus**2).sum()
        alpha = min(1 + c1 / cmu, 1 + 2 * mueff_minus / (mueff + 2), (1 - c1 - cmu) / (n * cmu))
        used += list(alpha * minus / np.abs(minus).sum())
    mean, c, ps, pc = np.zeros(n), np.eye(n), np.zeros(n), np.zeros(n)
    gap = max(1, int(1 / (10 * n * (c1 + cmu))))
    root = np.linalg.cholesky(c)
    for g in range(generations):
        z = sines(g, lam, n)
        y = z @ root.T
        order = np.argsort([loss(mean + sigma * row) for row in y], kind="stable")
        yw = sum(w[i] * y[order[i]] for i in range(mu))
        zw = sum(w[i] * z[order[i]] for i in range(mu))
        mean = mean + sigma * yw
        ps = (1 - cs) * ps + np.sqrt(cs * (2 - cs) * mueff) * zw
        length = np.linalg.norm(ps)
        h = length / np.sqrt(1 - (1 - cs) ** (2 * (g + 1))) < (1.4 + 2 / (n + 1)) * chi
        pc = (1 - cc) * pc + h * np.sqrt(cc * (2 - cc) * mueff) * yw
        new = (1 + c1 * (1 - h) * cc * (2 - cc) - c1 - cmu * sum(used)) * c + c1 * np.outer(pc, pc)
        for i, wi in enumerate(used):
            yi, zi = y[order[i]], z[order[i]]
            if wi < 0:
                wi *= n / (zi @ zi)
            new += cmu * wi * np.outer(yi, yi)
        c = new
        sigma *= np.exp(cs / ds * (length / chi - 1))
        if (g + 1) % gap == 0:
            root = np.linalg.cholesky(c)
    return dict(mean=list(mean), sigma=sigma, ps=list(ps), pc=list(pc), c=[list(r) for r in c])


def separable(n, lam, sigma, generations):
    _, w, mu, mueff = weights(lam)
    cs = (mueff + 2) / (n + mueff + 5)
    ds = 1 + 2 * max(0, np.sqrt((mueff - 1) / (n + 1)) - 1) + cs
    cc = 4 / (n + 4)
    ccov = 1 / mueff * 2 / (n + np.sqrt(2)) ** 2
    ccov += (1 - 1 / mueff) * min(1, (2 * mueff - 1) / ((n + 2) ** 2 + mueff))
    ccov *= (n + 2) / 3
    chi = np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    mean, c, ps, pc = np.zeros(n), np.ones(n), np.zeros(n), np.zeros(n)
    for g in range(generations):
        z = sines(g, lam, n)
        y = np.sqrt(c) * z
        order = np.argsort([loss(mean + sigma * row) for row in y], kind="stable")
        yw = sum(w[i] * y[order[i]] for i in range(mu))
        zw = sum(w[i] * z[order[i]] for i in range(mu))
        mean = mean + sigma * yw
        ps = (1 - cs) * ps + np.sqrt(cs * (2 - cs) * mueff) * zw
        length = np.linalg.norm(ps)
        h = length / np.sqrt(1 - (1 - cs) ** (2 * (g + 1))) < (1.4 + 2 / (n + 1)) * chi
        pc = (1 - cc) * pc + h * np.sqrt(cc * (2 - cc) * mueff) * yw
        new = (1 - ccov + (1 - h) * ccov / mueff * cc * (2 - cc)) * c + ccov / mueff * pc**2
        new += ccov * (1 - 1 / mueff) * sum(w[i] * y[order[i]] ** 2 for i in range(mu))
        c = new
        sigma *= np.exp(cs / ds * (length / chi - 1))
    return dict(mean=list(mean), sigma=sigma, ps=list(ps), pc=list(pc), c=[list(c)])


cases = []
for n, lam in ((2, 6), (5, 8), (10, 10), (10, 41), (17, 12)):
    # 0.05 for steps that are much too small at first, so that h is 0.
    for sigma in (1.0, 0.05):
        case = dict(n=n, population=lam, sigma=sigma, generations=15)
        cases.append(dict(case, name="cma-es", active=False, end=full(n, lam, False, sigma, 15)))
        cases.append(dict(case, name="cma-es", active=True, end=full(n, lam, True, sigma, 15)))
        cases.append(dict(case, name="sep-cma-es", active=False, end=separable(n, lam, sigma, 15)))
print("[" + ",\n".join(map(json.dumps, cases)) + "]")
