"""Losses and gradients of networks on images as PyTorch computes them, at float64.

    python3 conv.py > conv.json      (Debian 12: apt-get install python3-torch)

TestConvolutionsAgreeWithPyTorch in network/conv_pytorch_test.go builds the same
networks on the same numbers and compares. Weights, inputs and targets are those
of draw, as in pytorch.py. The loss is the mean over examples and outputs of the
squared error.

What makes the figures long are gradients of many weights and inputs: of those,
figures are kept for every STEP-th, and the sum of all of them times another draw.
"""
import json
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

STEP = 7


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
        kind, k = l["type"], l.get("kernel", 0)
        if kind == "conv":
            W = w.take(l["channels"], x.shape[1], k, k)
            b = None if l.get("no_bias") else w.take(l["channels"])
            x = F.conv2d(x, W, b, stride=l.get("stride", 1), padding=k // 2 if l.get("same") else l.get("pad", 0))
        elif kind == "averagepool":
            x = F.avg_pool2d(x, k, l.get("stride", k), l.get("pad", 0))
        elif kind == "maxpool":
            x = F.max_pool2d(x, k, l.get("stride", k), l.get("pad", 0))
        elif kind == "globalaveragepool":
            x = x.mean((2, 3))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "dense":
            W = w.take(l["out"], x.shape[1])
            x = F.linear(x, W, w.take(l["out"]))
        elif kind == "batchnorm":
            gamma, beta = w.take(x.shape[1]), w.take(x.shape[1])
            x = F.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)
        elif kind == "activation":
            x = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[l["func"]](x)
        elif kind == "residual":
            x = x + forward(l["body"], w, x)
        else:
            raise ValueError(kind)
    return x


def conv(channels, kernel, **more):
    return {"type": "conv", "channels": channels, "kernel": kernel, **more}


def pool(kind, kernel, **more):
    return {"type": kind + "pool", "kernel": kernel, **more}


norm, flat, mean = {"type": "batchnorm"}, {"type": "flatten"}, {"type": "globalaveragepool"}
relu, tanh = {"type": "activation", "func": "relu"}, {"type": "activation", "func": "tanh"}


def block(c):
    a = conv(c, 3, same=True, no_bias=True)
    return [{"type": "residual", "body": [a, norm, relu, a, norm]}, relu]


CASES = [  # image, examples, layers
    ([2, 7, 5], n, [conv(3, k, **({"stride": s} if s > 1 else {}), **({"pad": p} if p else {})), tanh])
    for k, n in ((1, 6), (3, 70), (5, 35)) for s in (1, 2) for p in (0, 1, 2)
] + [
    ([3, 9, 6], 40, [conv(13, 4, stride=3, pad=1), relu, conv(2, 2)]),
    ([1, 5, 6], 3, [conv(2, 2, stride=3, pad=4)]),
    ([2, 6, 9], 33, [pool("max", 3, stride=2, pad=1), tanh, pool("average", 2, stride=1, pad=1), conv(2, 1)]),
    ([2, 8, 7], 5, [pool("average", 3, stride=2), pool("max", 2), conv(1, 1)]),
    ([3, 4, 5], 34, [norm, tanh, conv(4, 3, same=True, no_bias=True), norm, relu, mean, {"type": "dense", "out": 3}]),
    ([1, 10, 8], 20, [conv(5, 3, same=True, no_bias=True), norm, relu] + block(5) + block(5) + [mean, {"type": "dense", "out": 4}]),
    ([1, 12, 12], 9, [conv(4, 5), tanh, pool("average", 2), conv(6, 3), tanh, pool("max", 2), flat, {"type": "dense", "out": 5}]),
]


def main():
    out = []
    for seed, (image, n, layers) in enumerate(CASES):
        values = image[0] * image[1] * image[2]
        count = Weights(None)
        forward(layers, count, torch.ones(n, *image))
        flat = (2 * draw(count.at, seed)).requires_grad_()
        x = (4 * draw(n * values, 100 + seed)).reshape(n, *image).requires_grad_()
        z = forward(layers, Weights(flat), x)
        loss = ((z.flatten() - draw(z.numel(), 200 + seed)) ** 2).mean()
        loss.backward()
        dx = x.grad.flatten()
        out.append({
            "in": image, "layers": layers, "examples": n, "out": list(z.shape[1:]), "value": loss.item(),
            "gradient": flat.grad[::STEP].tolist(), "gradient_sum": (flat.grad * draw(count.at, 300 + seed)).sum().item(),
            "input_gradient": dx[::5 * STEP].tolist(), "input_gradient_sum": (dx * draw(n * values, 400 + seed)).sum().item(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


main()
