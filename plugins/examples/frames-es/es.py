#!/usr/bin/env python3
"""A small evolution strategy that speaks frames with the standard library alone.

It checks nothing, for joust does that; ../python-es is the same on the SDK.
"""
import array, json, random, sys

stdin, stdout, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr  # what is printed goes to the log
ABOUT = {"name": "frames-es", "version": "0.1.0", "summary": "Moves to the average of the best quarter of a shrinking normal cloud.",
         "need": "loss", "abilities": ["recommend"], "params": [
             {"name": "sigma", "type": "float", "default": 0.3, "min": 0, "min_open": True, "doc": "first standard deviation"},
             {"name": "population", "type": "int", "default": 16, "min": 4, "max": 10000, "doc": "candidates of a generation"}]}
runs = {}
for line in stdin:
    q = json.loads(line)
    body = array.array("d", stdin.read(q.get("bytes", 0)))
    run, answer, data = runs.get(q.get("run")), {}, b""
    if q["op"] == "describe":
        answer = {"protocol": 1, "optimizers": [ABOUT], "runtime": ["python " + sys.version.split()[0]]}
    elif q["op"] == "init":
        config = {"sigma": 0.3, "population": 16, **q.get("config", {})}
        runs[q["run"]] = {"mean": body, "rng": random.Random(q.get("seed", 0)), "batch": 0, **config}
    elif q["op"] == "step":
        if "tell" in q:
            best = sorted(range(len(body)), key=body.__getitem__)[: len(body) // 4]
            run["mean"] = array.array("d", [sum(run["x"][k][i] for k in best) / len(best) for i in range(len(run["mean"]))])
            run["sigma"] *= 0.98
            answer["told"] = True
        if q.get("ask"):
            run["x"] = [[m + run["sigma"] * run["rng"].gauss(0, 1) for m in run["mean"]] for _ in range(run["population"])]
            run["batch"] += 1
            answer.update(batch=run["batch"], n=run["population"])
            data = b"".join(array.array("d", x).tobytes() for x in run["x"])
    elif q["op"] == "recommend":
        answer, data = {"n": 1}, run["mean"].tobytes()
    elif q["op"] == "finish":
        del runs[q["run"]]
    stdout.write(json.dumps({**answer, "bytes": len(data)}).encode() + b"\n" + data)
    stdout.flush()
