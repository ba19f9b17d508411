#!/usr/bin/env python3
"""my-es: an optimizer for joust that needs Python alone, an evolution strategy
to start from. It reads frames from stdin, a line of JSON and then numbers, and
answers each on stdout. What cannot be right is refused, and changes nothing.
"""

import array
import json
import math
import random
import sys
import time

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


class Refused(Exception):
    """What is said instead of an answer: the kind of error, and one line."""


class ES:
    """Samples a normal cloud around a mean, and moves the mean to the average
    of the best quarter. All noise is from the seed."""

    def __init__(self, start, seed, sigma, decay, population):
        self.rng, self.mean, self.cloud, self.batch = random.Random(seed), start, [], 0
        self.sigma, self.decay, self.population = sigma, decay, population

    def ask(self):
        if self.cloud:
            raise Refused("wrong_order", "batch %d is outstanding, tell it before the next is asked for" % self.batch)
        self.batch += 1
        self.cloud = [[m + self.sigma * self.rng.gauss(0, 1) for m in self.mean] for _ in range(self.population)]
        return self.cloud

    def tell(self, batch, losses):
        if not self.cloud or batch != self.batch:
            raise Refused("wrong_order", "batch %s is not outstanding" % batch)
        if len(losses) != len(self.cloud) or any(map(math.isnan, losses)):
            raise Refused("invalid", "want %d losses, and no nan" % len(self.cloud))
        # A loss is inf where the network diverged.
        best = sorted(range(len(losses)), key=losses.__getitem__)[: len(losses) // 4]
        self.mean = [sum(self.cloud[k][i] / len(best) for k in best) for i in range(len(self.mean))]
        self.sigma, self.cloud = self.sigma * self.decay, []


def configuration(given):
    """The parameters: what is given, and for the rest the defaults."""
    if not isinstance(given, dict):
        raise Refused("invalid", "config: want an object")
    params = {p["name"]: p for p in ABOUT["params"]}
    for name, x in given.items():
        if name not in params:
            raise Refused("invalid", "no parameter is called %s, want %s" % (name, ", ".join(params)))
        p, number = params[name], isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x)
        if not number or not p["min"] <= x <= p["max"] or (p.get("min_open") and x == p["min"]) or (p["type"] == "int" and x % 1):
            raise Refused("invalid", "%s: %r, want a number from %g to %g" % (name, x, p["min"], p["max"]))
    return {name: int(given.get(name, p["default"])) if p["type"] == "int" else given.get(name, p["default"]) for name, p in params.items()}


def answer(runs, q, numbers):
    """What is said, and rows of numbers, to a request."""
    op, run = q["op"], runs.get(q.get("run"))
    if op == "describe":
        return {"protocol": 1, "optimizers": [ABOUT], "runtime": ["python " + sys.version.split()[0]]}, []
    if op == "init":
        if q.get("optimizer") != ABOUT["name"]:
            raise Refused("invalid", "no optimizer is called %s, want %s" % (q.get("optimizer"), ABOUT["name"]))
        if len(numbers) != q.get("dim") or not numbers or not all(map(math.isfinite, numbers)):
            raise Refused("invalid", "want dim starting weights, at least one, that are finite")
        runs[q["run"]] = ES(numbers, q.get("seed", 0), **configuration(q.get("config", {})))
        return {}, []
    if run is None:
        raise Refused("unknown_run", "there is no run %r" % q.get("run"))
    if op == "step":
        said, rows, start = {}, [], time.perf_counter()
        if "tell" in q:
            run.tell(q["tell"].get("batch"), numbers)
            said["told"] = True
        if q.get("ask"):
            rows = run.ask()
            said.update(batch=run.batch, n=len(rows))
        said["optimizer_seconds"] = time.perf_counter() - start
        return said, rows
    if op == "recommend":
        return {"n": 1}, [run.mean]
    if op == "diagnose":
        return {"names": ["sigma"]}, [[run.sigma]]
    if op == "finish":
        del runs[q["run"]]
        return {}, []
    raise Refused("invalid", "op %r is not known" % op)


def main():
    frames, sys.stdout = sys.stdout.buffer, sys.stderr  # what is printed goes to the log
    runs = {}
    for line in sys.stdin.buffer:
        q = json.loads(line)
        data = sys.stdin.buffer.read(q.get("bytes", 0))
        try:
            if len(data) % 8:
                raise Refused("invalid", "%d bytes, want numbers of 8" % len(data))
            said, rows = answer(runs, q, array.array("d", data))
        except Refused as e:
            said, rows = {"error": {"kind": e.args[0], "message": e.args[1]}}, []
        data = b"".join(array.array("d", row).tobytes() for row in rows)
        frames.write(json.dumps({**said, "bytes": len(data)}).encode() + b"\n" + data)
        frames.flush()


if __name__ == "__main__":
    main()
