"""Losses and gradients of normalised, residual and highway networks as PyTorch
computes them, at float64.

    python3 residual.py > residual.json      (Debian 12: apt-get install python3-torch)

TestNormalisedAndResidualAgreeWithPyTorch in network/residual_pytorch_test.go builds
the same networks on the same numbers and compares. Weights, inputs and targets are
those of draw, as in pytorch.py. The loss is the mean over examples and outputs of
the squared error.
"""
import json
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


class Weights:
    """Hands out pieces of one flat vector, in order, and counts them without one."""

    def __init__(self, flat):
        self.flat, self.at = flat, 0

    def take(self, *shape):
        n = 1
        for d in shape:
            n *= d
        self.at += n
        return torch.zeros(shape) if self.flat is None else self.flat[self.at - n:self.at].reshape(shape)


def forward(layers, w, x):
    for l in layers:
        kind = l["type"]
        if kind == "conv":
            W = w.take(l["channels"], x.shape[1], l["kernel"], l["kernel"])
            b = None if l.get("no_bias") else w.take(l["channels"])
            x = F.conv2d(x, W, b, stride=l.get("stride", 1), padding=l.get("pad", 0))
        elif kind == "dense":
            W = w.take(l["out"], x.shape[1])
            x = F.linear(x, W, None if l.get("no_bias") else w.take(l["out"]))
        elif kind == "batchnorm":
            gamma, beta = w.take(x.shape[1]), w.take(x.shape[1])
            x = F.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)
        elif kind == "layernorm":
            f = x.shape[1] if x.dim() == 4 else x.shape[-1]
            gamma, beta, eps = w.take(f), w.take(f), l.get("eps", 1e-5)
            if x.dim() == 4:
                x = F.group_norm(x, 1, gamma, beta, eps)
            else:
                x = F.layer_norm(x, (f,), gamma, beta, eps)
        elif kind == "activation":
            x = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[l["func"]](x)
        elif kind == "zeropad":
            s = l.get("stride", 1)
            if x.dim() == 4:
                x = F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, 0, l["channels"] - x.shape[1]))
            else:
                x = F.pad(x, (0, l["channels"] - x.shape[1]))
        elif kind == "globalaveragepool":
            x = x.mean((2, 3))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "residual":
            body = forward(l["body"], w, x)
            x = forward(l.get("shortcut", []), w, x) + l.get("scale", 1.0) * body
        elif kind == "highway":
            h = forward(l["body"], w, x)
            t = forward(l["gate"], w, x)
            x = t * h + (1 - t) * x
        else:
            raise ValueError(kind)
    return x


def dense(out, **more):
    return {"type": "dense", "out": out, **more}


def conv(channels, kernel, **more):
    return {"type": "conv", "channels": channels, "kernel": kernel, "no_bias": True, **more}


def func(name):
    return {"type": "activation", "func": name}


relu, tanh, sigmoid = func("relu"), func("tanh"), func("sigmoid")
batch, layer, mean, flat = ({"type": t} for t in ("batchnorm", "layernorm", "globalaveragepool", "flatten"))


def post(channels, stride=1, shortcut=()):
    body = [conv(channels, 3, pad=1, stride=stride), batch, relu, conv(channels, 3, pad=1), batch]
    r = {"type": "residual", "body": body}
    if shortcut:
        r["shortcut"] = list(shortcut)
    return [r, relu]


def pre(norm, out, shortcut=()):
    r = {"type": "residual", "body": [norm, relu, dense(out), norm, relu, dense(out)], "scale": 0.5}
    if shortcut:
        r["shortcut"] = list(shortcut)
    return [r]


def highway(n):
    return {"type": "highway", "body": [dense(n), tanh], "gate": [dense(n), sigmoid]}


CASES = [  # shape of an input, examples, layers
    ([7], 5, [{"type": "layernorm", "eps": 0.01}]),
    ([6], 70, [dense(33), layer, sigmoid, dense(5), layer, relu, dense(3)]),
    ([4, 5], 9, [layer, tanh, flat, dense(2)]),
    ([3, 5, 4], 6, [layer, tanh, conv(4, 3, pad=1), layer, relu, mean, dense(2)]),
    ([5], 8, [dense(6)] + pre(layer, 6) + pre(batch, 6) + pre(batch, 9, [{"type": "zeropad", "channels": 9}]) + [batch, relu, dense(2)]),
    ([5], 11, [dense(6)] + pre(batch, 8, [dense(8, no_bias=True), batch]) + [dense(2)]),
    ([2, 8, 7], 12, [conv(3, 3, pad=1), batch, relu] + post(3) + post(5, 2, [{"type": "zeropad", "channels": 5, "stride": 2}])
     + post(6, 2, [conv(6, 1, stride=2), batch]) + [mean, dense(3)]),
    ([4], 10, [dense(7), tanh, highway(7), highway(7), dense(2)]),
]


def main():
    out = []
    for seed, (shape, n, layers) in enumerate(CASES):
        values = 1
        for d in shape:
            values *= d
        count = Weights(None)
        forward(layers, count, torch.ones(n, *shape))
        flat = (2 * draw(count.at, seed)).requires_grad_()
        x = (4 * draw(n * values, 100 + seed)).reshape(n, *shape).requires_grad_()
        z = forward(layers, Weights(flat), x)
        loss = ((z.flatten() - draw(z.numel(), 200 + seed)) ** 2).mean()
        loss.backward()
        out.append({
            "in": shape, "layers": layers, "examples": n, "value": loss.item(),
            "gradient": flat.grad.tolist(), "input_gradient": x.grad.flatten()[::3].tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


if __name__ == "__main__":
    main()
