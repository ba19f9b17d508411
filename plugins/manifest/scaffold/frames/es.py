#!/usr/bin/env python3
"""my-es: an optimizer for joust that needs Python alone, an evolution strategy
to start from. It reads frames from stdin, a line of JSON and then numbers, and
answers each on stdout. joust checks what it sends, so little is checked here.
"""

import array
import json
import random
import sys

ABOUT = {
    "name": "my-es",
    "version": "0.1.0",
    "summary": "Moves to the average of the best quarter of a shrinking normal cloud.",
    "need": "loss",
    "abilities": ["recommend", "diagnose"],
    "params": [
        {"name": "sigma", "type": "float", "default": 0.3, "min": 0, "min_open": True, "max": 1000, "log": True,
         "doc": "first standard deviation of the cloud"},
        {"name": "decay", "type": "float", "default": 0.98, "min": 0, "min_open": True, "max": 1,
         "doc": "factor of sigma at every generation"},
        {"name": "population", "type": "int", "default": 16, "min": 4, "max": 10000, "log": True,
         "doc": "candidates of a generation"},
    ],
}


class ES:
    """Samples a normal cloud around a mean, and moves the mean to the average
    of the best quarter. All noise is from the seed."""

    def __init__(self, start, seed, sigma, decay, population):
        self.rng, self.mean, self.cloud, self.batch = random.Random(seed), start, [], 0
        self.sigma, self.decay, self.population = sigma, decay, population

    def ask(self):
        self.batch += 1
        self.cloud = [[m + self.sigma * self.rng.gauss(0, 1) for m in self.mean] for _ in range(self.population)]
        return self.cloud

    def tell(self, losses):
        # A loss is inf where the network diverged, and never nan.
        best = sorted(range(len(losses)), key=losses.__getitem__)[: len(losses) // 4]
        self.mean = [sum(self.cloud[k][i] / len(best) for k in best) for i in range(len(self.mean))]
        self.sigma *= self.decay


def answer(runs, q, numbers):
    """What is said, and rows of numbers, to a request."""
    op, run = q["op"], runs.get(q.get("run"))
    if op == "describe":
        return {"protocol": 1, "optimizers": [ABOUT], "runtime": ["python " + sys.version.split()[0]]}, []
    if op == "init":
        config = {p["name"]: p["default"] for p in ABOUT["params"]}
        config.update(q.get("config", {}))
        runs[q["run"]] = ES(numbers, q.get("seed", 0), **config)
        return {}, []
    if run is None:
        return {"error": {"kind": "unknown_run", "message": "there is no run %r" % q.get("run")}}, []
    if op == "step":
        said, rows = {}, []
        if "tell" in q:
            run.tell(numbers)
            said["told"] = True
        if q.get("ask"):
            rows = run.ask()
            said.update(batch=run.batch, n=len(rows))
        return said, rows
    if op == "recommend":
        return {"n": 1}, [run.mean]
    if op == "diagnose":
        return {"names": ["sigma"]}, [[run.sigma]]
    if op == "finish":
        del runs[q["run"]]
        return {}, []
    return {"error": {"kind": "invalid", "message": "op %r is not known" % op}}, []


def main():
    frames, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed goes to the log
    runs = {}
    for line in sys.stdin.buffer:
        q = json.loads(line)
        numbers = array.array("d", sys.stdin.buffer.read(q.get("bytes", 0)))
        said, rows = answer(runs, q, numbers)
        data = b"".join(array.array("d", row).tobytes() for row in rows)
        frames.write(json.dumps({**said, "bytes": len(data)}).encode() + b"\n" + data)
        frames.flush()


if __name__ == "__main__":
    main()
