"""Outputs and gradients of recurrent layers as PyTorch computes them, at float64.

    python3 recurrent.py > recurrent.json      (Debian 12: apt-get install python3-torch)

TestRecurrentAgreesWithPyTorch in network/recurrent_pytorch_test.go builds the same
networks on the same numbers and compares. The numbers are those of draw, as in
pytorch.py; weights are scale*draw(). The loss is the sum of the outputs times draw().

RNN, GRU, LSTM and their bidirectional forms are PyTorch's own modules on packed
sequences. Everything else is written down here one example and one step at a time, with
autograd to differentiate it; what goes back along something else than the gradient has
detach() where an error is to stop.
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


class Flat:
    """Cuts the flat weight vector into matrices, in order."""

    def __init__(self, w):
        self.w, self.off = w, 0

    def take(self, *shape):
        n = 1
        for s in shape:
            n *= s
        part = self.w[self.off:self.off + n].reshape(shape)
        self.off += n
        return part


# PyTorch's modules. Each function takes the weights of one direction from flat, into
# parameters that share their memory's values, and returns how to read the gradient.

def rnn_weights(p, flat, suffix, features, hidden):
    wx, wh, b = flat.take(hidden, features), flat.take(hidden, hidden), flat.take(hidden)
    with torch.no_grad():
        p["weight_ih_l0" + suffix].copy_(wx)
        p["weight_hh_l0" + suffix].copy_(wh)
        p["bias_ih_l0" + suffix].copy_(b)
        p["bias_hh_l0" + suffix].zero_()
    return lambda: torch.cat([p[k + suffix].grad.flatten() for k in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0")])


def gru_weights(p, flat, suffix, features, hidden):
    wx, wh = flat.take(3 * hidden, features), flat.take(3 * hidden, hidden)
    b, bn = flat.take(3 * hidden), flat.take(hidden)
    with torch.no_grad():
        p["weight_ih_l0" + suffix].copy_(wx)
        p["weight_hh_l0" + suffix].copy_(wh)
        p["bias_ih_l0" + suffix].copy_(b)
        p["bias_hh_l0" + suffix].copy_(torch.cat([torch.zeros(2 * hidden), bn]))
    return lambda: torch.cat([
        p["weight_ih_l0" + suffix].grad.flatten(), p["weight_hh_l0" + suffix].grad.flatten(),
        p["bias_ih_l0" + suffix].grad, p["bias_hh_l0" + suffix].grad[2 * hidden:]])


def lstm_weights(p, flat, suffix, features, hidden):
    def swapped(w):  # i, f, o, g from i, f, g, o, and back
        i, f, a, b = w.split(hidden)
        return torch.cat([i, f, b, a])
    w, b = swapped(flat.take(4 * hidden, features + hidden)), swapped(flat.take(4 * hidden))
    with torch.no_grad():
        p["weight_ih_l0" + suffix].copy_(w[:, :features])
        p["weight_hh_l0" + suffix].copy_(w[:, features:])
        p["bias_ih_l0" + suffix].copy_(b)
        p["bias_hh_l0" + suffix].zero_()

    def gradient():
        g = torch.cat([p["weight_ih_l0" + suffix].grad, p["weight_hh_l0" + suffix].grad], 1)
        return torch.cat([swapped(g).flatten(), swapped(p["bias_ih_l0" + suffix].grad)])
    return gradient


def module(kind, spec, w, x, lens, dy):
    body = spec["body"][0] if kind == "bidirectional" else spec
    hidden, features = body["hidden"], x.shape[2]
    make, weights = {
        "rnn": (torch.nn.RNN, rnn_weights), "gru": (torch.nn.GRU, gru_weights), "lstm": (torch.nn.LSTM, lstm_weights),
    }[body["type"]]
    options = {"nonlinearity": body.get("func", "tanh")} if body["type"] == "rnn" else {}
    layer = make(features, hidden, batch_first=True, bidirectional=kind == "bidirectional", **options)
    params, flat = dict(layer.named_parameters()), Flat(w)
    suffixes = ["", "_reverse"] if kind == "bidirectional" else [""]
    gradients = [weights(params, flat, s, features, hidden) for s in suffixes]
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lens), batch_first=True, enforce_sorted=False)
    y, _ = layer(packed)
    y, _ = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
    (y * dy).sum().backward()
    return y, torch.cat([g() for g in gradients]), flat.off


# Cells by hand: parameters from flat, the first state, and a step to (outputs, state).

ACTIVATION = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


def rnn_cell(spec, features):
    hidden, f = spec["hidden"], ACTIVATION[spec.get("func", "tanh")]

    def params(flat):
        p = [flat.take(hidden, features), flat.take(hidden, hidden), flat.take(hidden)]
        return p + [flat.take(hidden) if spec.get("initial") else torch.zeros(hidden)]

    def step(p, x, h):
        h = f(p[0] @ x + p[1] @ h + p[2])
        return h, h
    return params, lambda p: p[3], step


def gru_cell(spec, features):
    hidden = spec["hidden"]

    def params(flat):
        return [flat.take(3 * hidden, features), flat.take(3 * hidden, hidden), flat.take(3 * hidden), flat.take(hidden)]

    def step(p, x, h):
        a, u = (p[0] @ x + p[2]).split(hidden), (p[1] @ h).split(hidden)
        r, z = torch.sigmoid(a[0] + u[0]), torch.sigmoid(a[1] + u[1])
        h = (1 - z) * torch.tanh(a[2] + r * (u[2] + p[3])) + z * h
        return h, h
    return params, lambda p: torch.zeros(hidden), step


def lstm_cell(spec, features):
    hidden = spec["hidden"]

    def params(flat):
        p = [flat.take(4 * hidden, features + hidden), flat.take(4 * hidden)]
        return p + [flat.take(hidden) if spec.get("peepholes") else torch.zeros(hidden) for _ in range(3)]

    def step(p, x, state):
        h, c = state
        stop = (lambda v: v.detach()) if spec.get("truncated") else (lambda v: v)
        i, f, o, g = (p[0] @ torch.cat([x, stop(h)]) + p[1]).split(hidden)
        i, f, g = torch.sigmoid(i + p[2] * stop(c)), torch.sigmoid(f + p[3] * stop(c)), torch.tanh(g)
        c = f * c + i * g
        h = torch.sigmoid(o + p[4] * stop(c)) * torch.tanh(c)
        return h, (h, c)
    return params, lambda p: (torch.zeros(hidden), torch.zeros(hidden)), step


def lstm1997_cell(spec, features):
    blocks, size = spec["blocks"], spec.get("size", 1)
    units = blocks * (2 + size)

    def params(flat):
        return [flat.take(units, features + units), flat.take(units)]

    def step(p, x, state):
        u, c = state
        stop = (lambda v: v.detach()) if spec.get("truncated") else (lambda v: v)
        i, o, z = (p[0] @ torch.cat([x, stop(u)]) + p[1]).split([blocks, blocks, blocks * size])
        i, o = torch.sigmoid(i), torch.sigmoid(o)
        c = c + i.repeat_interleave(size) * (4 * torch.sigmoid(z) - 2)
        y = o.repeat_interleave(size) * (2 * torch.sigmoid(c) - 1)
        return y, (torch.cat([i, o, y]), c)
    return params, lambda p: (torch.zeros(units), torch.zeros(blocks * size)), step


def sequential_cell(spec, features):
    hidden, out = spec["hidden"], spec["out"]
    f, g = ACTIVATION[spec.get("func", "sigmoid")], ACTIVATION[spec.get("out_func", "sigmoid")]
    seen = {"full": hidden, "self": 1, "none": 0}[spec.get("recurrence", "full")]

    def params(flat):
        return [flat.take(hidden, features + seen + out), flat.take(hidden), flat.take(out, features + hidden + out), flat.take(out)]

    def step(p, x, state):
        h, o = state
        wx, wh, wo = p[0].split([features, seen, out], 1)
        h = wx @ x + wo @ o + p[1] + (wh[:, 0] * h if seen == 1 and hidden > 1 else wh @ h if seen else 0)
        h = f(h)
        z = p[2] @ torch.cat([x, h, o]) + p[3]
        return z if spec.get("logits") else g(z), (h, g(z))
    return params, lambda p: (torch.zeros(hidden), torch.zeros(out)), step


CELLS = {"rnn": rnn_cell, "gru": gru_cell, "lstm": lstm_cell, "lstm1997": lstm1997_cell, "sequential-rnn": sequential_cell}


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def by_hand(kind, spec, w, x, lens, dy):
    """Each example by itself; each block of k1 steps goes back over k2, from its end."""
    params, first, step = CELLS[kind](spec, x.shape[2])
    w = w.clone().requires_grad_()
    flat = Flat(w)
    params(flat)
    steps = x.shape[1]
    k2 = spec.get("k2", 0) or steps
    k1 = spec.get("k1", 0) or k2
    y = torch.zeros(dy.shape)
    for e, n in enumerate(lens):
        for block in range(0, n, k1):
            p = params(Flat(w))
            state, loss = first(p), 0
            states = [state]
            for t in range(min(n, block + k1)):
                if t == block + k1 - k2 and t > 0:
                    state = detached(state)
                out, state = step(p, x[e, t], state)
                states.append(state)
                if t >= block:
                    y[e, t] = out.detach()
                    loss = loss + (out * dy[e, t]).sum()
            if spec.get("omega"):
                loss = loss + spec["omega"] / len(lens) * omega(spec, loss, p, x[e, :n], states)
            loss.backward()
    return y, w.grad, flat.off


def omega(spec, loss, p, x, states):
    """The regulariser as a function of Wh alone, states and errors frozen."""
    errors = torch.autograd.grad(loss, states[1:], retain_graph=True)
    f = ACTIVATION[spec.get("func", "tanh")]
    total = 0
    for t in range(1, len(x)):
        before = states[t].detach().requires_grad_()
        z = p[0].detach() @ x[t].detach() + p[1].detach() @ before + p[2].detach()
        z = z.detach().requires_grad_()
        slope, = torch.autograd.grad(f(z).sum(), z)
        e = errors[t]
        total = total + ((slope * e) @ p[1]).norm().div(e.norm()).sub(1).square()
    return total


RAGGED = [6, 4, 1, 6, 5]
CASES = [
    # spec, steps, features, lengths, scale of the weights
    ({"type": "rnn", "hidden": 3}, 1, 2, [1], 2),
    ({"type": "rnn", "hidden": 4}, 6, 3, RAGGED, 2),
    ({"type": "rnn", "hidden": 9}, 40, 2, [40, 13, 39], 1),
    ({"type": "rnn", "hidden": 5, "func": "relu"}, 6, 2, RAGGED, 1.5),
    ({"type": "rnn", "hidden": 3, "func": "relu"}, 20, 1, [20] * 4, 1),
    ({"type": "gru", "hidden": 4}, 6, 3, RAGGED, 3),
    ({"type": "gru", "hidden": 7}, 30, 1, [30, 11, 29], 2),
    ({"type": "gru", "hidden": 2}, 1, 2, [1, 1, 1], 2),
    ({"type": "lstm", "hidden": 4}, 6, 3, RAGGED, 3),
    ({"type": "bidirectional", "body": [{"type": "lstm", "hidden": 3}]}, 6, 2, RAGGED, 3),
    ({"type": "bidirectional", "body": [{"type": "gru", "hidden": 2}]}, 5, 3, [5] * 3, 3),
    ({"type": "bidirectional", "body": [{"type": "rnn", "hidden": 4, "func": "relu"}]}, 6, 1, RAGGED, 1.5),
    # By hand from here on.
    ({"type": "rnn", "hidden": 4, "initial": True}, 6, 2, RAGGED, 2),
    ({"type": "rnn", "hidden": 4, "k1": 2, "k2": 3}, 6, 2, RAGGED, 2),
    ({"type": "rnn", "hidden": 3, "k2": 1}, 6, 2, RAGGED, 2),
    ({"type": "rnn", "hidden": 3, "func": "sigmoid", "initial": True, "k1": 1, "k2": 3}, 8, 2, [8, 1, 7, 3], 3),
    ({"type": "rnn", "hidden": 3, "k1": 3, "k2": 4}, 11, 1, [11, 10, 4], 2),
    ({"type": "gru", "hidden": 3, "k2": 2}, 7, 2, [7, 3, 6], 3),
    ({"type": "gru", "hidden": 3, "k1": 1, "k2": 4}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm", "hidden": 3, "k2": 3}, 8, 2, [8, 3, 7], 3),
    ({"type": "lstm", "hidden": 3, "peepholes": True, "k1": 2, "k2": 5}, 8, 2, [8, 3, 7], 3),
    ({"type": "lstm", "hidden": 3, "truncated": True}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm", "hidden": 3, "peepholes": True}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm", "hidden": 3, "peepholes": True, "truncated": True}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm1997", "blocks": 2, "size": 2}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm1997", "blocks": 2, "size": 3, "truncated": True}, 7, 2, [7, 3, 6], 3),
    ({"type": "lstm1997", "blocks": 3}, 30, 1, [30, 5], 2),
    ({"type": "sequential-rnn", "hidden": 3, "out": 2}, 6, 2, RAGGED, 3),
    ({"type": "sequential-rnn", "hidden": 3, "out": 1, "func": "tanh", "recurrence": "self"}, 6, 2, RAGGED, 3),
    ({"type": "sequential-rnn", "hidden": 4, "out": 2, "out_func": "tanh", "recurrence": "none"}, 6, 1, RAGGED, 3),
    ({"type": "sequential-rnn", "hidden": 2, "out": 2, "logits": True}, 6, 1, RAGGED, 3),
    ({"type": "rnn", "hidden": 4, "omega": 1.5}, 6, 2, RAGGED, 2),
    ({"type": "rnn", "hidden": 3, "omega": 0.5, "initial": True, "func": "sigmoid"}, 5, 2, [5, 5, 2], 4),
]
BY_HAND = 12  # the first of those


def main():
    out = []
    for seed, (spec, steps, features, lens, scale) in enumerate(CASES):
        kind, n = spec["type"], len(lens)
        x = (4 * draw(n * steps * features, 100 + seed)).reshape(n, steps, features).requires_grad_()
        width = {"bidirectional": lambda: 2 * spec["body"][0]["hidden"], "sequential-rnn": lambda: spec["out"],
                 "lstm1997": lambda: spec["blocks"] * spec.get("size", 1)}.get(kind, lambda: spec["hidden"])()
        dy = draw(n * steps * width, 200 + seed).reshape(n, steps, width)
        run = module if seed < BY_HAND else by_hand
        y, grad, dim = run(kind, spec, scale * draw(10000, seed), x, lens, dy)
        out.append({
            "layer": spec, "steps": steps, "features": features, "lens": lens, "scale": scale,
            "outputs": y.flatten().tolist(), "gradient": grad[:dim].tolist(), "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "cases": out}))


main()
