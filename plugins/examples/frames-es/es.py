#!/usr/bin/env python3
"""A small evolution strategy that speaks frames with the standard library alone.

Most of it is one function, from a request to an answer; ../python-es is the
same on the SDK, which does the checking and has checkpoints.
"""
import array, json, math, random, sys

stdin, stdout, sys.stdout = sys.stdin.buffer, sys.stdout.buffer, sys.stderr  # what is printed goes to the log
ABOUT = {"name": "frames-es", "version": "0.1.0", "summary": "Moves to the average of the best quarter of a shrinking normal cloud.",
         "need": "loss", "abilities": ["recommend"], "params": [
             {"name": "sigma", "type": "float", "default": 0.3, "min": 0, "min_open": True, "doc": "first standard deviation"},
             {"name": "population", "type": "int", "default": 16, "min": 4, "max": 10000, "doc": "candidates of a generation"}]}
runs = {}


class Refused(Exception):
    """A kind of the protocol, and a line that says what would be right."""


def want(right, kind, message):
    if not right:
        raise Refused(kind, message)


def answer(q, body):
    if q["op"] == "describe":
        return {"protocol": 1, "optimizers": [ABOUT], "runtime": ["python " + sys.version.split()[0]]}, b""
    if q["op"] == "init":
        given = q.get("config", {})
        want(q.get("optimizer") == "frames-es" and q["run"] not in runs, "invalid", "want the optimizer frames-es and a new run")
        want(isinstance(given, dict) and given.keys() <= {"sigma", "population"}, "invalid", "config: want sigma and population")
        sigma, population = given.get("sigma", 0.3), given.get("population", 16)
        want(type(sigma) in (int, float) and 0 < sigma < math.inf, "invalid", "sigma: want a number in (0, inf)")
        want(type(population) is int and 4 <= population <= 10000, "invalid", "population: want an integer in [4, 10000]")
        want(len(body) == q.get("dim", 0) > 0 and all(map(math.isfinite, body)), "invalid", "want dim finite starting weights")
        runs[q["run"]] = {"mean": body, "rng": random.Random(q.get("seed", 0)), "sigma": sigma, "n": population, "batch": 0, "x": None}
        return {}, b""
    run, out, data = runs.get(q.get("run")), {}, b""
    want(run, "unknown_run", "no such run, want init first")
    if q["op"] == "recommend":
        return {"n": 1}, run["mean"].tobytes()
    if q["op"] == "finish":
        del runs[q["run"]]
    elif q["op"] == "step":
        if "tell" in q:
            want(run["x"] and q["tell"].get("batch") == run["batch"], "wrong_order", "tell: want the batch that is outstanding")
            want(len(body) == run["n"] and not any(map(math.isnan, body)), "invalid", f"tell: want {run['n']} losses, none of them NaN")
            best = sorted(range(len(body)), key=body.__getitem__)[: len(body) // 4]
            run["mean"] = array.array("d", [sum(run["x"][k][i] for k in best) / len(best) for i in range(len(run["mean"]))])
            run["sigma"], run["x"], out["told"] = run["sigma"] * 0.98, None, True
        if q.get("ask"):
            want(run["x"] is None, "wrong_order", "ask: want the outstanding batch told first")
            run["x"] = [[m + run["sigma"] * run["rng"].gauss(0, 1) for m in run["mean"]] for _ in range(run["n"])]
            run["batch"] += 1
            out.update(batch=run["batch"], n=run["n"])
            data = b"".join(array.array("d", x).tobytes() for x in run["x"])
    else:
        raise Refused("invalid", "op: want one that the abilities name")
    return out, data


for line in stdin:
    request = json.loads(line)
    raw = stdin.read(request.get("bytes", 0))
    try:
        want(len(raw) % 8 == 0, "invalid", "want vectors of 8 bytes a number")
        header, data = answer(request, array.array("d", raw))
    except Refused as e:
        header, data = {"error": dict(zip(("kind", "message"), e.args))}, b""
    stdout.write(json.dumps({**header, "bytes": len(data)}).encode() + b"\n" + data)
    stdout.flush()
