"""Outputs and gradients of LSTM layers as PyTorch computes them, at float64.

    python3 lstm.py > lstm.json      (Debian 12: apt-get install python3-torch)

TestLSTMAgreesWithPyTorch in network/lstm_pytorch_test.go builds the same networks
on the same numbers and compares. The numbers are those of draw, as in pytorch.py.
The loss is the sum of the outputs times draw(). PyTorch has the gates in the order
i, f, g, o, in separate matrices for x and h, and two biases, of which one is 0.
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


def swapped(w, hidden):
    """The rows of i, f, o, g from those of i, f, g, o, and the reverse."""
    i, f, a, b = w.split(hidden)
    return torch.cat([i, f, b, a])


def build(features, hidden, flat):
    all_ = features + hidden
    w = swapped(flat[:4 * hidden * all_].reshape(4 * hidden, all_), hidden)
    layer = torch.nn.LSTM(features, hidden, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(w[:, :features])
        layer.weight_hh_l0.copy_(w[:, features:])
        layer.bias_ih_l0.copy_(swapped(flat[4 * hidden * all_:], hidden))
        layer.bias_hh_l0.zero_()
    return layer


def gradient(layer, hidden):
    w = torch.cat([layer.weight_ih_l0.grad, layer.weight_hh_l0.grad], 1)
    return torch.cat([swapped(w, hidden).flatten(), swapped(layer.bias_ih_l0.grad, hidden)])


CASES = [
    # steps, features, hidden sizes of the layers, lengths of the sequences
    (1, 2, [3], [1]),
    (7, 3, [4], [7] * 5),
    (12, 1, [8], [12, 1, 5, 12, 7, 3, 11, 2, 9]),
    (6, 2, [3, 5], [6, 4, 1, 6]),
    (100, 2, [5], [100, 63, 99]),
    (8, 4, [17, 6, 2], [8] * 9),
]


def main():
    out = []
    for seed, (steps, features, sizes, lens) in enumerate(CASES):
        n, width = len(lens), features
        dims = []
        for hidden in sizes:
            dims.append(4 * hidden * (width + hidden + 1))
            width = hidden
        flat = 2 * draw(sum(dims), seed)
        x = (4 * draw(n * steps * features, 100 + seed)).reshape(n, steps, features).requires_grad_()
        y, layers, width = x, [], features
        y = torch.nn.utils.rnn.pack_padded_sequence(y, torch.tensor(lens), batch_first=True, enforce_sorted=False)
        for hidden, weights in zip(sizes, flat.split(dims)):
            layers.append(build(width, hidden, weights))
            y, _ = layers[-1](y)
            width = hidden
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=steps)
        (y * draw(y.numel(), 200 + seed).reshape(y.shape)).sum().backward()
        out.append({
            "steps": steps, "features": features, "hidden": sizes, "lens": lens,
            "outputs": y.flatten().tolist(),
            "gradient": torch.cat([gradient(l, h) for l, h in zip(layers, sizes)]).tolist(),
            "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


main()
