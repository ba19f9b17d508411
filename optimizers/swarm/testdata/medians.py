"""How many evaluations PSO, SHADE and L-SHADE need, by transcriptions of the papers.

    python3 medians.py > medians.json      (numpy; some 10 minutes)

Dimension 10, 25 seeds, to a loss under 1e-8, counting whole generations; the first
population is uniform in [-5, 5], with the origin among it. The optimum is at
(-1)^i (1 + i/n). TestMediansOfTranscriptions in ../medians_test.go compares.

PSO: Zambrano-Bigiarini, Clerc & Rojas 2013 (40 particles, K = 3, without bounds), and
Clerc & Kennedy 2002 with the same neighbours. SHADE: Tanabe & Fukunaga 2013 (N = H = 100).
L-SHADE: Tanabe & Fukunaga 2014 (180 vectors, H = 6, p = 0.11, archive 2.6, 50,000 evaluations).
"""
import json
import sys

import numpy as np

N = 10
OPT = np.array([(-1) ** i * (1 + i / N) for i in range(N)])
SCALE = 10.0 ** (6 * np.arange(N) / (N - 1))


def sphere(x):
    return np.sum((x - OPT) ** 2, axis=1)


def ellipsoid(x):
    return np.sum(SCALE * (x - OPT) ** 2, axis=1)


def rosenbrock(x):
    y = x - OPT + 1
    return np.sum(100 * (y[:, :-1] ** 2 - y[:, 1:]) ** 2 + (y[:, :-1] - 1) ** 2, axis=1)


def rastrigin(x):
    z = x - OPT
    return np.sum(z ** 2 + 10 * (1 - np.cos(2 * np.pi * z)), axis=1)


def start(rng, size):
    x = rng.uniform(-5, 5, (size, N))
    x[0] = 0
    return x


def informants(rng, size):
    """links[i, j]: i informs j."""
    links = np.eye(size, dtype=bool)
    for i in range(size):
        links[i, rng.integers(0, size, 3)] = True
    return links


def pso(f, rng, limit, constriction=False):
    size = 40
    w, c = (0.7298, 1.49618) if constriction else (1 / (2 * np.log(2)), 0.5 + np.log(2))
    x = start(rng, size)
    v = rng.uniform(-5, 5, (size, N)) - x
    loss = f(x)
    used = size
    p, fp = x.copy(), loss.copy()
    links = informants(rng, size)
    while used < limit and loss.min() >= 1e-8:
        for i in range(size):
            known = np.flatnonzero(links[:, i])
            best = known[np.argmin(fp[known])]
            if fp[best] >= fp[i]:
                best = i
            if constriction:
                v[i] = w * v[i] + c * rng.random(N) * (p[i] - x[i]) + c * rng.random(N) * (p[best] - x[i])
            else:
                if best == i:
                    g = (x[i] + (x[i] + c * (p[i] - x[i]))) / 2
                else:
                    g = (x[i] + (x[i] + c * (p[i] - x[i])) + (x[i] + c * (p[best] - x[i]))) / 3
                d = rng.standard_normal(N)
                d *= rng.random() * np.linalg.norm(g - x[i]) / np.linalg.norm(d)
                v[i] = w * v[i] + (g + d) - x[i]
        x = x + v
        loss = f(x)
        used += size
        before = fp.min()
        better = loss < fp
        p[better], fp[better] = x[better], loss[better]
        if not fp.min() < before:
            links = informants(rng, size)
    return used, loss.min() < 1e-8


def shade(f, rng, limit, linear=False):
    most = 180 if linear else 100
    memory = 6 if linear else 100
    mf, mcr = np.full(memory, 0.5), np.full(memory, 0.5)  # nan: terminal
    k = 0
    x = start(rng, most)
    loss = f(x)
    used = most
    archive = []
    done = loss.min() < 1e-8
    while used < limit and not done:
        size = len(x)
        order = np.argsort(loss, kind="stable")
        trial = x.copy()
        fs, crs = np.zeros(size), np.zeros(size)
        for i in range(size):
            r = rng.integers(memory)
            crs[i] = 0 if np.isnan(mcr[r]) else np.clip(rng.normal(mcr[r], 0.1), 0, 1)
            while fs[i] <= 0:
                fs[i] = mf[r] + 0.1 * rng.standard_cauchy()
            fs[i] = min(fs[i], 1)
            share = 0.11 if linear else rng.uniform(2 / size, 0.2)
            best = order[rng.integers(max(2, int(round(share * size))))]
            r1 = i
            while r1 == i:
                r1 = rng.integers(size)
            r2 = i
            while r2 in (i, r1):
                r2 = rng.integers(size + len(archive))
            other = x[r2] if r2 < size else archive[r2 - size]
            mutant = x[i] + fs[i] * (x[best] - x[i]) + fs[i] * (x[r1] - other)
            cross = rng.random(N) < crs[i]
            cross[rng.integers(N)] = True
            trial[i, cross] = mutant[cross]
        new = f(trial)
        used += size
        done = new.min() < 1e-8
        won = np.flatnonzero(new < loss)
        for i in won:
            room = int(round(2.6 * size)) if linear else size
            if len(archive) < room:
                archive.append(x[i].copy())
            else:
                archive[rng.integers(room)] = x[i].copy()
        if len(won):
            weight = loss[won] - new[won]
            weight = weight / weight.sum()
            mf[k] = np.sum(weight * fs[won] ** 2) / np.sum(weight * fs[won])
            if not linear:
                mcr[k] = np.sum(weight * crs[won])
            elif np.isnan(mcr[k]) or crs[won].max() == 0:
                mcr[k] = np.nan
            else:
                mcr[k] = np.sum(weight * crs[won] ** 2) / np.sum(weight * crs[won])
            k = (k + 1) % memory
        keep = new <= loss
        x[keep], loss[keep] = trial[keep], new[keep]
        if linear:
            size = int(round((4 - most) / limit * used + most))
            if size < len(x):
                order = np.sort(np.argsort(loss, kind="stable")[:max(size, 4)])
                x, loss = x[order], loss[order]
                archive = archive[:int(round(2.6 * len(x)))]
    return used, done


def tally(run, f, limit):
    counts = []
    for seed in range(1, 26):
        used, solved = run(f, np.random.default_rng(seed), limit)
        if solved:
            counts.append(used)
    result = {"solved": len(counts), "median": float(np.median(counts)) if counts else None}
    print(run.__name__, f.__name__, result, file=sys.stderr)
    return result


def constriction(f, rng, limit):
    return pso(f, rng, limit, constriction=True)


def lshade(f, rng, limit):
    return shade(f, rng, limit, linear=True)


print(json.dumps({
    "numpy": np.__version__,
    "pso": {f.__name__: tally(pso, f, 30000) for f in (sphere, ellipsoid)},
    "constriction": {f.__name__: tally(constriction, f, 50000) for f in (sphere, ellipsoid)},
    "shade": {f.__name__: tally(shade, f, 100000) for f in (sphere, ellipsoid, rosenbrock, rastrigin)},
    "l-shade": {f.__name__: tally(lshade, f, 50000) for f in (sphere, ellipsoid, rosenbrock, rastrigin)},
}, indent=1))
