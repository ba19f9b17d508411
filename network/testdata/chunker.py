"""A hierarchy of predictors in PyTorch, at float64: outputs, losses and gradients by
automatic differentiation.

    python3 chunker.py > chunker.json      (Debian 12: apt-get install python3-torch)

TestChunkerAgreesWithPyTorch in network/chunker_pytorch_test.go builds the same networks
on the same numbers and compares. The numbers are those of draw, as in pytorch.py.

The program goes through one example at a time, event by event. A truncated gradient is
what it is by definition: every error is differentiated through the last steps of its
level, computed again from the state before them, which is held constant.
"""
import json
import math
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


class Level:
    def __init__(self, flat, inputs, symbols, hidden, imitated):
        def take(*shape):
            n = math.prod(shape)
            out = flat[0][:n].reshape(shape)
            flat[0] = flat[0][n:]
            return out
        self.symbols, self.inputs, self.hidden = symbols, inputs, hidden
        self.wx, self.wh, self.b = take(hidden, inputs), take(hidden, hidden), take(hidden)
        self.wo = take(inputs + imitated, hidden)
        self.bo = take(inputs + imitated)

    def state(self, us, horizon):
        """The state after the inputs us, which errors leave after horizon steps."""
        cut = max(0, len(us) - horizon) if horizon else 0
        h = torch.zeros(self.hidden)
        for k, u in enumerate(us):
            if k == cut:
                h = h.detach()
            h = torch.tanh(self.wx @ u + self.wh @ h + self.b)
        return h

    def output(self, us, horizon):
        return self.wo @ self.state(us, horizon) + self.bo


def surprising(o, label, counts, spec, scale, symbols):
    p = torch.softmax(o[:symbols], 0)
    if spec["surprise"]:
        s = p[label].item() < spec["surprise"]
    else:
        s = p.argmax().item() != label
    return s or any(math.floor(o[symbols + t].item() * scale + 0.5) != c for t, c in enumerate(counts))


def example(x, flat, spec, scale):
    """What is read, the auxiliary loss, and the numbers of events of all levels."""
    steps, symbols = x.shape
    horizon, hidden = spec["truncation"], spec["hidden"]
    rest = [flat]
    levels = [Level(rest, symbols + i, symbols, hidden, hidden if spec["collapse"] and i + 1 < spec["levels"] else 0)
              for i in range(spec["levels"])]
    assert rest[0].numel() == 0
    if spec["read"] == "collapsed":
        levels.pop()
    # A step of a level: its input, its symbol, and its times in steps.
    events = [(x[k], x[k].argmax().item(), []) for k in range(steps)]
    loss, sequences, ticks = 0, [], []
    for level in levels:
        us = [e[0] for e in events]
        sequences.append(us)
        up, tick, last = [], [], None
        for k, (u, label, counts) in enumerate(events):
            surprise = True
            if k:
                o = level.output(us[:k], horizon)
                error = -torch.log_softmax(o[:symbols], 0)[label]
                for t in range(len(counts)):
                    # The times are numbers, no inputs that a gradient could reach.
                    error = error + (o[symbols + t] - u[symbols + t].detach()) ** 2
                loss = loss + error / (len(events) - 1)
                surprise = surprising(o, label, counts, spec, scale, symbols)
            if surprise:
                elapsed = 0 if last is None else k - last
                up.append((torch.cat([u, torch.tensor([elapsed / scale])]), label, counts + [elapsed]))
                last = k
            tick.append(len(up) - 1)
        ticks.append(tick)
        events = up
    if spec["collapse"]:
        for level, above, us, upper, tick in zip(levels, levels[1:], sequences, sequences[1:], ticks):
            for k in range(len(us)):
                guess = level.output(us[:k + 1], horizon)[level.inputs:]
                truth = above.state(upper[:tick[k] + 1], 0).detach()
                loss = loss + spec["collapse"] * ((guess - truth) ** 2).sum() / len(us)
    read = {
        "top": lambda: levels[-1].state(sequences[-1], horizon),
        "all": lambda: torch.cat([l.state(us, horizon) for l, us in zip(levels, sequences)]),
        "collapsed": lambda: levels[-1].output(sequences[-1], horizon)[levels[-1].inputs:],
    }[spec["read"]]()
    return read, loss, [len(us) for us in sequences]


def dim(symbols, spec):
    total, hidden = 0, spec["hidden"]
    for i in range(spec["levels"]):
        outputs = symbols + i + (hidden if spec["collapse"] and i + 1 < spec["levels"] else 0)
        total += hidden * (symbols + i + hidden + 1) + outputs * (hidden + 1)
    return total


def case(steps, symbols, lens, **spec):
    return steps, symbols, lens, {"surprise": 0, "truncation": 0, "collapse": 0, "read": "top", **spec}


CASES = [
    case(1, 2, [1], levels=1, hidden=3),
    case(9, 3, [9] * 4, levels=2, hidden=4),
    case(12, 4, [12, 1, 7, 11, 2], levels=3, hidden=5),
    case(12, 3, [12, 9, 5], levels=3, hidden=4, surprise=0.55, truncation=3),
    case(10, 3, [10, 10, 4], levels=1, hidden=4, truncation=1),
    case(10, 4, [10, 3, 8], levels=2, hidden=4, truncation=2, collapse=0.7, read="all"),
    case(10, 4, [10, 6, 2], levels=2, hidden=4, collapse=1, read="collapsed", truncation=3),
    case(14, 3, [14, 13], levels=4, hidden=3, collapse=0.5, read="all"),
]

AUXILIARY = 0.75  # what the gradient weighs the levels' own losses with


def main():
    out = []
    for seed, (steps, symbols, lens, spec) in enumerate(CASES):
        w = (4 * draw(dim(symbols, spec), seed)).requires_grad_()
        x = (4 * draw(len(lens) * steps * symbols, 100 + seed)).reshape(len(lens), steps, symbols).requires_grad_()
        reads, losses, events = [], [], []
        for i, n in enumerate(lens):
            read, loss, counts = example(x[i, :n], w, spec, float(steps))
            reads.append(read)
            losses.append(torch.as_tensor(loss))
            events.append(counts)
        y, losses = torch.stack(reads), torch.stack(losses)
        total = (y * draw(y.numel(), 200 + seed).reshape(y.shape)).sum() + AUXILIARY * losses.sum()
        total.backward()
        out.append({
            "steps": steps, "symbols": symbols, "lens": lens, "layers": [{"type": "chunker", **spec}], "events": events,
            "outputs": y.flatten().tolist(), "losses": losses.tolist(),
            "gradient": w.grad.tolist(), "input_gradient": x.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__, "auxiliary": AUXILIARY, "cases": out}))


main()
