"""Makes its arrays anew in each step, and says what that took of the system."""

import resource

import joust


class Fresh(joust.Optimizer):
    name, summary = "fresh", "A normal cloud around the start, in new arrays each time."
    params = {"rows": joust.Int(64, min=1, doc="candidates of a batch")}

    def init(self, problem, rows):
        self.start, self.rng, self.rows = problem.init, problem.rng(), rows

    def ask(self):
        return self.start + 0.1 * self.rng.standard_normal((self.rows, len(self.start)))

    def tell(self, x, losses, grads):
        pass

    def diagnostics(self):
        return {"faults": resource.getrusage(resource.RUSAGE_SELF).ru_minflt}


if __name__ == "__main__":
    joust.serve(Fresh)
