"""SPSA, ARS and MeZO by transcriptions of the papers, on random numbers of their own making.

    python3 descent.py > descent.json      (numpy)

The random numbers are those of package noise, from its documentation: Philox4x32-10 (Salmon
et al. 2011) over the counter {block, row, step low, step high}, 53-bit uniforms, and normals by
Box and Muller, which that package has to 2^-37. TestDescentAgreesWithTranscription in ../descent_test.go takes the same steps
on the function f below; -1 stands for a loss of +Inf.
"""
import json
import math

import numpy as np

SEED = 0x0123456789ABCDEF
STEPS = 60


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return (c[1] << 32) | c[0], (c[3] << 32) | c[2]


def block(index, step, row):
    return philox((index, row, step & 0xFFFFFFFF, step >> 32), (SEED & 0xFFFFFFFF, SEED >> 32))


def uniform(n, step, row):
    words = [w for index in range((n + 1) // 2) for w in block(index, step, row)]
    return np.array([(w >> 11) * 2.0 ** -53 for w in words[:n]])


def polar(bits):
    """Two normals of 64 bits: the radius of the highest 52, the angle of the lowest 32."""
    u = ((bits >> 12) + 0.5) * 2.0 ** -52
    w = int.from_bytes((bits & 0xFFFFFFFF).to_bytes(4, "little"), "big")
    v = (w % 2 ** 30 + 0.5) * 2.0 ** -30 - 0.5
    r = math.sqrt(-2 * math.log(u))
    c, s = r * math.cos(math.pi / 2 * v), r * math.sin(math.pi / 2 * v)
    if bits >> 7 & 1:
        c = -c
    return (s, c) if bits >> 6 & 1 else (c, s)


def normal(n, step, row):
    out = []
    for index in range((n + 3) // 4):
        for bits in block(index, step, row):
            out += polar(bits)
    return np.array(out[:n])


OPT = np.array([1.0, -1.2, 1.4, -1.6, 1.8])
WEIGHT = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
N = len(OPT)


def f(w):
    d = w - OPT
    if d[0] > 0.3:  # a candidate that diverged
        return math.inf
    return float(np.sum(WEIGHT * d * d) + 0.1 * d[0] * d[1] * d[2] + 3)


def spsa(step_size=0.05, max_step=0.1, c=0.1, alpha=0.602, gamma=0.101, budget=200, stability=0.1):
    w, path = np.zeros(N), []
    big_a = stability * (budget // 2)
    sizes, k, a = [], 0, None
    for t in range(STEPS):
        delta = np.where(uniform(N, t, 0) < 0.5, -1.0, 1.0)
        ck = c / (k + 1) ** gamma
        up, down = f(w + ck * delta), f(w - ck * delta)
        if math.isfinite(up) and math.isfinite(down):
            g = (up - down) / (2 * ck * delta)
            if len(sizes) < 5:
                sizes.append(np.mean(np.abs(g)))
                if len(sizes) == 5:
                    a = step_size * (big_a + 1) ** alpha / np.mean(sizes)
            else:
                ak = a / (k + 1 + big_a) ** alpha
                w = w - np.clip(ak * g, -max_step, max_step)
                k += 1
        path.append(w.tolist())
    return path


def ars(alpha=0.05, directions=6, top=3, nu=0.4):
    w, path = np.zeros(N), []
    for t in range(STEPS):
        delta = [normal(N, t, k) for k in range(directions)]
        reward = np.array([[-f(w + nu * d), -f(w - nu * d)] for d in delta])
        reward[np.isinf(reward)] = np.min(reward[np.isfinite(reward)])
        best = np.argsort(-np.max(reward, axis=1), kind="stable")[:top]
        sigma = np.std(reward[best])
        step = sum((reward[k, 0] - reward[k, 1]) * delta[k] for k in best)
        w = w + alpha / (top * sigma) * step
        path.append(w.tolist())
    return path


def mezo(lr=0.02, eps=0.5):
    w, path = np.zeros(N), []
    for t in range(STEPS):
        z = normal(N, t, 0)
        up, down = f(w + eps * z), f(w - eps * z)
        if math.isfinite(up) and math.isfinite(down):
            w = w - lr * (up - down) / (2 * eps) * z
        path.append(w.tolist())
    return path


print(json.dumps({"numpy": np.__version__, "spsa": spsa(), "ars": ars(), "mezo": mezo()}))
