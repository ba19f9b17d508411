"""CTC losses and gradients as PyTorch computes them, at float64.

    python3 ctc.py > ctc.json      (Debian 12: apt-get install python3-torch)

TestCTCAgreesWithPyTorch in network/loss/ctc_test.go computes the same. Logits are 6
times draw(), [steps][classes][n]; label u of example j is 1 + (3u + j) % (classes-1),
or the same as the one before where (u + j) % 4 is 0.
"""
import json
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def draw(n, seed):
    return torch.tensor([((i * 2654435761 + seed * 40503 + 12345) % 2**32) / 2**32 - 0.5 for i in range(n)])


def labels(j, count, classes):
    out = []
    for u in range(count):
        out.append(out[-1] if u > 0 and (u + j) % 4 == 0 else 1 + (3 * u + j) % (classes - 1))
    return out


CASES = [
    # steps, classes, lengths of the sequences, numbers of labels
    (1, 2, [1], [1]),
    (6, 4, [6, 6, 6], [2, 0, 3]),
    (12, 5, [12, 3, 9, 12, 7, 5], [5, 1, 4, 2, 3, 0]),
    (40, 11, [40, 33, 21, 40, 17, 38, 29], [12, 5, 7, 15, 1, 9, 6]),
    (80, 12, [80, 60], [20, 12]),
]


def main():
    out = []
    for seed, (steps, classes, lens, counts) in enumerate(CASES):
        n = len(lens)
        z = (6 * draw(steps * classes * n, seed)).reshape(steps, classes, n).requires_grad_()
        targets = [labels(j, count, classes) for j, count in enumerate(counts)]
        flat = torch.tensor([l for t in targets for l in t], dtype=torch.long)
        loss = torch.nn.CTCLoss(blank=0, reduction="none")(
            z.transpose(1, 2).log_softmax(2), flat, torch.tensor(lens), torch.tensor(counts))
        loss.sum().backward()
        out.append({
            "steps": steps, "classes": classes, "lens": lens, "labels": targets,
            "losses": loss.tolist(), "gradient": z.grad.flatten().tolist(),
        })
    print(json.dumps({"torch": torch.__version__.split("+")[0], "cases": out}))


main()
