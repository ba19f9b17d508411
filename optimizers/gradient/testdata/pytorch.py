"""Trajectories of torch.optim's SGD and Rprop at float64 over 100 steps.

    python3 pytorch.py > pytorch.json      (Debian 12: apt-get install python3-torch)

TestAgreesWithPyTorch in optimizers/gradient/pytorch_test.go takes the same steps. The
gradient is written out, g_i = a_i d_i + d_i^3/10 + (d_{i-1} + d_{i+1})/5 with d = w - c and
indices around a ring, so that both programs compute it alike.
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


def run(make):
    w = torch.nn.Parameter(torch.tensor(START))
    opt = make([w])
    path = []
    for _ in range(STEPS):
        w.grad = torch.tensor(gradient(w.tolist()))
        opt.step()
        path.append(w.tolist())
    return path


print(json.dumps({
    "torch": torch.__version__,
    "sgd": run(lambda p: torch.optim.SGD(p, lr=0.05)),
    "momentum": run(lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9)),
    "nesterov": run(lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True)),
    "rprop": run(lambda p: torch.optim.Rprop(p, lr=0.1, etas=(0.5, 1.2), step_sizes=(1e-6, 50))),
}, indent=1))
