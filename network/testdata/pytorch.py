"""Losses and gradients of networks as PyTorch computes them, at float64.

    python3 pytorch.py > pytorch.json      (Debian 12: apt-get install python3-torch)

TestAgreesWithPyTorch in network/pytorch_test.go builds the same networks on the
same numbers and compares. Weights, inputs and targets are those of draw, which
both programs compute exactly: a hash of the index, scaled to [-1/2, 1/2).
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


class Weights:
    """Hands out pieces of one flat vector, in order."""

    def __init__(self, flat):
        self.flat, self.at = flat, 0

    def take(self, *shape):
        n = int(torch.tensor(shape).prod())
        self.at += n
        return self.flat[self.at - n:self.at].reshape(shape)


def size(layers, width):
    """Number of weights, and width of the output."""
    n = 0
    for l in layers:
        if l["type"] == "dense":
            n += l["out"] * width + (0 if l.get("no_bias") else l["out"])
            width = l["out"]
        elif l["type"] == "batchnorm":
            n += 2 * width
        elif l["type"] == "residual":
            n += size(l["body"], width)[0]
    return n, width


def forward(layers, w, x):
    for l in layers:
        if l["type"] == "dense":
            W = w.take(l["out"], x.shape[1])
            b = None if l.get("no_bias") else w.take(l["out"])
            x = torch.nn.functional.linear(x, W, b)
        elif l["type"] == "activation":
            x = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[l["func"]](x)
        elif l["type"] == "batchnorm":
            gamma, beta = w.take(x.shape[1]), w.take(x.shape[1])
            x = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=l.get("eps", 1e-5))
        elif l["type"] == "residual":
            x = x + l.get("scale", 1.0) * forward(l["body"], w, x)
    return x


def dense(out, **more):
    return {"type": "dense", "out": out, **more}


def act(func):
    return {"type": "activation", "func": func}


norm = {"type": "batchnorm"}


def residual(*body, **more):
    return {"type": "residual", "body": list(body), **more}


CASES = [
    # inputs, layers, loss, examples
    (3, [dense(1)], "mse", 1),
    (4, [dense(5), act("tanh"), dense(3)], "mse", 7),
    (6, [dense(8), act("sigmoid"), dense(4)], "softmax-cross-entropy", 33),
    (5, [dense(7), act("relu"), dense(6), act("relu"), dense(1)], "binary-cross-entropy", 20),
    (2, [l for _ in range(6) for l in (dense(8), act("sigmoid"))] + [dense(1)], "binary-cross-entropy", 16),
    (5, [dense(6, no_bias=True), norm, act("sigmoid"), dense(3)], "softmax-cross-entropy", 12),
    (4, [dense(6), residual(dense(6), act("tanh"))] + [dense(2)], "mse", 9),
    (3, [dense(5, no_bias=True), residual(norm, act("relu"), dense(5, no_bias=True)),
         residual(norm, act("relu"), dense(5, no_bias=True)), norm, act("relu"), dense(4)], "softmax-cross-entropy", 21),
    (4, [dense(4), residual(residual(dense(4), act("tanh"), scale=0.5), act("sigmoid"), dense(4), scale=0.25), dense(2)], "mse", 5),
    (10, [{"type": "batchnorm", "eps": 1e-3}, dense(12), act("tanh"), norm, dense(10)], "softmax-cross-entropy", 64),
]


def main():
    out = []
    for seed, (width, layers, loss, n) in enumerate(CASES):
        dim, outputs = size(layers, width)
        flat = (2 * draw(dim, seed)).requires_grad_()
        x = (4 * draw(n * width, 100 + seed)).reshape(n, width).requires_grad_()
        z = forward(layers, Weights(flat), x)
        if loss == "softmax-cross-entropy":
            labels = torch.tensor([(i * 7 + seed) % outputs for i in range(n)])
            value = torch.nn.functional.cross_entropy(z, labels)
        elif loss == "binary-cross-entropy":
            labels = torch.tensor([float((i * 5 + seed) % 3 == 0) for i in range(n)]).reshape(n, 1)
            value = torch.nn.functional.binary_cross_entropy_with_logits(z, labels)
        else:
            y = draw(n * outputs, 200 + seed).reshape(n, outputs)
            value = torch.nn.functional.mse_loss(z, y)
        value.backward()
        out.append({
            "inputs": width, "layers": layers, "loss": loss, "examples": n,
            "value": value.item(), "gradient": flat.grad.tolist(), "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}, indent=1))


main()
