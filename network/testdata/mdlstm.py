"""Outputs and gradients of two-dimensional recurrent layers by PyTorch's automatic
differentiation, at float64.

    python3 mdlstm.py > mdlstm.json      (Debian 12: apt-get install python3-torch)

TestScansAgreeWithPyTorch in network/mdlstm_pytorch_test.go builds the same networks on
the same numbers and compares. The numbers are those of draw, as in pytorch.py. The loss
is the sum of the outputs times draw(). Nothing here is shared with the Go: a position is
a dictionary entry, and the equations stand as in the paper (Graves, Fernandez &
Schmidhuber 2007), with the gates in the order i, u, l, o, g.
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


def take(weights, *shape):
    n = 1
    for s in shape:
        n *= s
    out, weights[0] = weights[0][:n].reshape(shape), weights[0][n:]
    return out


def scan(x, weights, units, lstm, peepholes, rows, columns):
    """One scan of x (N, C, H, W), over rows and columns in the given order."""
    n, channels = x.shape[:2]
    size = 5 * units if lstm else units
    w, u, l = take(weights, size, channels), take(weights, size, units), take(weights, size, units)
    b = take(weights, size)
    p = [take(weights, units) for _ in range(5)] if peepholes else [torch.zeros(units)] * 5
    zero = torch.zeros(n, units)
    h, c = {}, {}
    for i, y in enumerate(rows):
        for j, k in enumerate(columns):
            up, left = (rows[i - 1], k) if i else None, (y, columns[j - 1]) if j else None
            h_up, h_left = h.get(up, zero), h.get(left, zero)
            z = x[:, :, y, k] @ w.T + h_up @ u.T + h_left @ l.T + b
            if not lstm:
                h[y, k] = torch.tanh(z)
                continue
            c_up, c_left = c.get(up, zero), c.get(left, zero)
            zi, zu, zl, zo, zg = z.split(units, 1)
            gi = torch.sigmoid(zi + p[0] * c_up + p[1] * c_left)
            gu = torch.sigmoid(zu + p[2] * c_up)
            gl = torch.sigmoid(zl + p[3] * c_left)
            c[y, k] = gu * c_up + gl * c_left + gi * torch.tanh(zg)
            h[y, k] = torch.sigmoid(zo + p[4] * c[y, k]) * torch.tanh(c[y, k])
    height, width = x.shape[2:]
    return torch.stack([torch.stack([h[y, k] for k in range(width)], 2) for y in range(height)], 2)


def layer(x, weights, spec):
    height, width = x.shape[2:]
    down, up = list(range(height)), list(range(height))[::-1]
    east, west = list(range(width)), list(range(width))[::-1]
    ways = [(down, east), (down, west), (up, east), (up, west)][:spec.get("directions", 4)]
    lstm = spec["type"] == "mdlstm"
    units = spec["cells"] if lstm else spec["units"]
    outs = [scan(x, weights, units, lstm, spec.get("peepholes", False), *way) for way in ways]
    return torch.cat(outs, 1) if spec.get("concat") else sum(outs)


def windows(x, spec):
    h, w = spec["height"], spec["width"]
    height, width = x.shape[2:]
    x = torch.nn.functional.pad(x, (0, -width % w, 0, -height % h))
    n, c, height, width = x.shape
    return x.reshape(n, c, height // h, h, width // w, w).permute(0, 1, 3, 5, 2, 4).reshape(n, c * h * w, height // h, width // w)


def forward(x, weights, specs):
    for s in specs:
        if s["type"] in ("mdlstm", "mdrnn"):
            x = layer(x, weights, s)
        elif s["type"] == "window":
            x = windows(x, s)
        elif s["type"] == "collapse":
            x = x.sum(2).transpose(1, 2)
        elif s["type"] == "corner":
            x = x[:, :, -1, -1]
    return x


def count(shape, specs):
    c, total = shape[0], 0
    for s in specs:
        if s["type"] == "window":
            c *= s["height"] * s["width"]
        if s["type"] in ("mdlstm", "mdrnn"):
            units = s.get("cells", s.get("units"))
            rows, ways = (5 if s["type"] == "mdlstm" else 1) * units, s.get("directions", 4)
            total += ways * (rows * (c + 2 * units + 1) + (5 * units if s.get("peepholes") else 0))
            c = units * (ways if s.get("concat") else 1)
    return total


CASES = [
    # shape, examples, layers
    ((1, 1, 1), 1, [{"type": "mdlstm", "cells": 2, "peepholes": True}]),
    ((2, 3, 4), 5, [{"type": "mdlstm", "cells": 3}]),
    ((1, 5, 3), 9, [{"type": "mdlstm", "cells": 4, "concat": True, "peepholes": True}]),
    ((3, 8, 8), 2, [{"type": "mdlstm", "cells": 5, "directions": 1, "peepholes": True}, {"type": "corner"}]),
    ((2, 4, 3), 3, [{"type": "mdrnn", "units": 6}]),
    ((1, 7, 9), 3, [
        {"type": "window", "height": 3, "width": 2},
        {"type": "mdlstm", "cells": 2, "concat": True},
        {"type": "window", "height": 2, "width": 2},
        {"type": "mdrnn", "units": 7, "directions": 1},
        {"type": "collapse"},
    ]),
]


def main():
    out = []
    for seed, (shape, n, specs) in enumerate(CASES):
        w = (2 * draw(count(shape, specs), seed)).requires_grad_()
        c, height, width = shape
        x = (4 * draw(n * c * height * width, 100 + seed)).reshape(n, c, height, width).requires_grad_()
        weights = [w]
        y = forward(x, weights, specs)
        assert weights[0].numel() == 0
        (y * draw(y.numel(), 200 + seed).reshape(y.shape)).sum().backward()
        out.append({
            "in": shape, "examples": n, "layers": specs,
            "outputs": y.flatten().tolist(), "gradient": w.grad.tolist(), "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


main()
