"""Trajectories of torch.optim's optimizers at float64 over 100 steps.

    python3 pytorch.py > pytorch.json      (Debian 12: apt-get install python3-torch)

TestAgreesWithPyTorch in optimizers/gradient/pytorch_test.go takes the same steps. The
gradient is written out, g_i = a_i d_i + d_i^3/10 + (d_{i-1} + d_{i+1})/5 with d = w - c and
indices around a ring, so that both programs compute it alike.

What torch.optim 1.13 does not have is transcribed from the papers below: Signum (Bernstein
et al. 2018, arXiv:1802.04434, algorithm 2) and Lion (Chen et al. 2023, arXiv:2302.06675,
algorithm 2), in plain Python.
"""
import json
import torch

torch.set_default_dtype(torch.float64)

A = [0.5, 1.0, 2.0, 4.0, 8.0]
C = [1.0, -2.0, 3.0, -0.5, 0.25]
START = [0.0, 0.5, -1.0, 2.0, -3.0]
STEPS = 100


def gradient(w):
    n = len(w)
    d = [w[i] - C[i] for i in range(n)]
    return [A[i] * d[i] + d[i] * d[i] * d[i] / 10 + (d[i - 1] + d[(i + 1) % n]) / 5 for i in range(n)]


def run(make, before=lambda w: None):
    w = torch.nn.Parameter(torch.tensor(START))
    opt = make([w])
    path = []
    for _ in range(STEPS):
        w.grad = torch.tensor(gradient(w.tolist()))
        before(w)
        opt.step()
        path.append(w.tolist())
    return path


def sign(x):
    return (x > 0) - (x < 0)


def transcribed(step):
    x, m = list(START), [0.0] * len(START)
    path = []
    for _ in range(STEPS):
        g = gradient(x)
        for i in range(len(x)):
            x[i], m[i] = step(x[i], m[i], g[i])
        path.append(list(x))
    return path


def signum(lr, beta, decay):
    def step(x, m, g):
        m = beta * m + (1 - beta) * g
        return x - lr * (sign(m) + decay * x), m
    return transcribed(step)


def lion(lr, beta1, beta2, decay):
    def step(x, m, g):
        c = beta1 * m + (1 - beta1) * g
        return x - lr * (sign(c) + decay * x), beta2 * m + (1 - beta2) * g
    return transcribed(step)


O = torch.optim
print(json.dumps({
    "torch": torch.__version__,
    "sgd": run(lambda p: O.SGD(p, lr=0.05)),
    "momentum": run(lambda p: O.SGD(p, lr=0.02, momentum=0.9)),
    "nesterov": run(lambda p: O.SGD(p, lr=0.02, momentum=0.9, nesterov=True)),
    "nesterov decay": run(lambda p: O.SGD(p, lr=0.02, momentum=0.9, nesterov=True, weight_decay=0.3)),
    "sgd value": run(lambda p: O.SGD(p, lr=0.05, weight_decay=0.1),
                     lambda w: torch.nn.utils.clip_grad_value_([w], 0.5)),
    "adam": run(lambda p: O.Adam(p, lr=0.05)),
    "adam betas": run(lambda p: O.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2)),
    "adamw": run(lambda p: O.AdamW(p, lr=0.05, weight_decay=0.3)),
    "rmsprop": run(lambda p: O.RMSprop(p, lr=0.02)),
    "rmsprop centered": run(lambda p: O.RMSprop(p, lr=0.01, alpha=0.9, eps=0.1, centered=True)),
    "rmsprop momentum": run(lambda p: O.RMSprop(p, lr=0.005, momentum=0.8, weight_decay=0.1)),
    "rmsprop both": run(lambda p: O.RMSprop(p, lr=0.005, eps=0.1, momentum=0.8, centered=True)),
    "adagrad": run(lambda p: O.Adagrad(p, lr=0.3)),
    "rprop": run(lambda p: O.Rprop(p, lr=0.1, etas=(0.5, 1.2), step_sizes=(1e-6, 50))),
    "signum": signum(0.03, 0.9, 0),
    "signum decay": signum(0.03, 0.8, 0.5),
    "signsgd": signum(0.03, 0, 0.25),
    "lion": lion(0.03, 0.9, 0.99, 0),
    "lion decay": lion(0.03, 0.7, 0.95, 0.5),
}, indent=1))
