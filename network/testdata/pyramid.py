"""Outputs and gradients of pyramids as PyTorch computes them, at float64.

    python3 pyramid.py > pyramid.json      (Debian 12: apt-get install python3-torch)

TestPyramidAgreesWithPyTorch in network/pyramid_test.go builds the same layers on the
same numbers and compares. The numbers are those of draw, as in pytorch.py. The loss
is the sum of the outputs times draw().

Here a step is written with whole convolutions of whole images, inputs concatenated
to the arrays of their layer: lateral by conv2d of the padded image, forward by
conv2d with a stride of 2, backward by conv_transpose2d with a kernel and a stride
of 2, which do not overlap.
"""
import json
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


FUNCS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh}


def pyramid(layer, shape, x, flat):
    """The outputs of every step, [N][T, outputs*H*W]."""
    features, top, level = layer["features"], layer.get("top", False), layer.get("input", 0)
    last = len(features) - 1
    c, h, w = shape
    h, w = h << level, w << level
    grids = []
    for i in range(len(features)):
        grids.append((1, 1) if top and i == last else (h >> i, w >> i))
    arrays = [k + (c if i == level else 0) for i, k in enumerate(features)]
    at = 0

    def take(*s):
        nonlocal at
        n = 1
        for d in s:
            n *= d
        part = flat[at:at + n].reshape(s)
        at += n
        return part

    weights = []
    for i, k in enumerate(features):
        p = {}
        full = top and i == last
        if k == 0:
            weights.append(p)
            continue
        p["lateral"] = take(k, arrays[i], *((1, 1) if full else (3, 3)))
        if i > 0:
            p["forward"] = take(k, arrays[i - 1], *(grids[i - 1] if full else (4, 4)))
        if i < last:
            tile = grids[i] if top and i == last - 1 else (2, 2)
            # [k][i][j][c] to the [c][k][i][j] of conv_transpose2d.
            p["backward"] = take(k, *tile, arrays[i + 1]).permute(3, 0, 1, 2)
        p["bias"] = take(k)
        weights.append(p)
    assert at == len(flat), (at, len(flat))

    def padded(a):
        if not layer.get("wrap", False):
            return F.pad(a, (1, 1, 1, 1))
        a = torch.cat([a[..., -1:], a, a[..., :1]], -1)
        return torch.cat([a[..., -1:, :], a, a[..., :1, :]], -2)

    f = FUNCS[layer.get("func", "sigmoid")]
    n = x.shape[0]
    states = [torch.zeros(n, k, *g) for k, g in zip(features, grids)]
    outputs = []
    for _ in range(layer["steps"]):
        seen = [torch.cat([s, x], 1) if i == level else s for i, s in enumerate(states)]
        states = []
        for i, p in enumerate(weights):
            if features[i] == 0:
                states.append(seen[i][:, :0])
                continue
            full = top and i == last
            z = p["bias"].reshape(1, -1, 1, 1).expand(n, -1, *grids[i])
            z = z + F.conv2d(seen[i] if full else padded(seen[i]), p["lateral"])
            if full:
                z = z + F.conv2d(seen[i - 1], p["forward"])
            elif i > 0:
                z = z + F.conv2d(padded(seen[i - 1]), p["forward"], stride=2)
            if i < last:
                tile = p["backward"].shape[2:]
                z = z + F.conv_transpose2d(seen[i + 1], p["backward"], stride=tuple(tile))
            states.append(f(z))
        outputs.append(states[0][:, :layer.get("outputs", 1)].reshape(n, -1))
    return torch.stack(outputs, 1)


def dim(layer, shape):
    """The number of weights."""
    features, level, top = layer["features"], layer.get("input", 0), layer.get("top", False)
    arrays = [k + (shape[0] if i == level else 0) for i, k in enumerate(features)]
    last, total = len(features) - 1, 0
    for i, k in enumerate(features):
        full = top and i == last
        below = ((shape[1] << level) >> (i - 1)) * ((shape[2] << level) >> (i - 1)) if i > 0 else 0
        here = ((shape[1] << level) >> i) * ((shape[2] << level) >> i)
        total += k * (1 + arrays[i] * (1 if full else 9))
        if i > 0:
            total += k * arrays[i - 1] * (below if full else 16)
        if i < last:
            total += k * arrays[i + 1] * (here if top and i == last - 1 else 4)
    return total


CASES = [
    # input, examples, layer
    ([1, 5, 3], 3, {"features": [2], "steps": 1}),
    ([2, 3, 4], 4, {"features": [3], "steps": 4, "wrap": True, "outputs": 2, "every": True}),
    ([1, 16, 16], 2, {"features": [1, 4, 8], "steps": 8}),
    ([1, 8, 4], 5, {"features": [2, 3, 4], "steps": 6, "wrap": True, "outputs": 2, "every": True}),
    ([1, 4, 4], 1, {"features": [1, 4, 0], "steps": 10, "input": 2, "every": True}),
    ([2, 4, 2], 1, {"features": [2, 3, 2], "steps": 5, "input": 1, "func": "tanh"}),
    ([1, 12, 12], 2, {"features": [1, 2, 3, 5], "steps": 5, "top": True, "wrap": True, "every": True}),
    ([2, 3, 5], 2, {"features": [2, 3], "steps": 4, "top": True, "func": "tanh"}),
]


def main():
    out = []
    for seed, (shape, n, layer) in enumerate(CASES):
        flat = draw(dim(layer, shape), seed).requires_grad_()
        x = (4 * draw(n * shape[0] * shape[1] * shape[2], 100 + seed)).reshape(n, *shape).requires_grad_()
        y = pyramid(layer, shape, x, flat)
        if not layer.get("every", False):
            y = y[:, -1]
        (y * draw(y.numel(), 200 + seed).reshape(y.shape)).sum().backward()
        out.append({
            "in": shape, "examples": n, "layer": layer,
            "outputs": y.flatten().tolist(),
            "gradient": flat.grad.tolist(),
            "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


main()
