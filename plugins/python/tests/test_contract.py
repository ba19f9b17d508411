"""The protocol, on every transport: order, sizes, errors, seeds, checkpoints."""

import threading
import unittest
import unittest.mock

import numpy as np

from joust import Block, errors

from . import hosts, zoo

X0 = np.array([0.5, -1.0, 2.0, 0.0])


class Contract:
    """The tests of every transport; a subclass says how to start one."""

    @classmethod
    def setUpClass(cls):
        cls.host = cls.start()
        cls.addClassCleanup(cls.host.close)

    def setUp(self):
        self.runs = 0

    def run_of(self, optimizer="walk", config=None, x0=X0, **more):
        self.runs += 1
        name = f"{self.id()}-{self.runs}"
        self.host.init(name, optimizer, x0, config, **more)
        self.addCleanup(self.finish, name)
        return name

    def finish(self, name):
        try:
            self.host.finish(name)
        except errors.UnknownRun:
            pass  # the test has ended it

    def fails(self, kind, words, run, **step):
        failure = self.host.step(run, **step).failure
        self.assertIsInstance(failure, kind)
        self.assertIn(words, str(failure))
        self.assertNotIn("\n", str(failure))

    def test_candidates_are_those_of_the_seed(self):
        run = self.run_of(config={"rows": 2, "sigma": 0.25}, seed=2**64 - 1)
        want = X0 + 0.25 * np.random.Generator(np.random.Philox(2**64 - 1)).standard_normal((2, 4))
        got = self.host.step(run)
        np.testing.assert_array_equal(got.rows, want)
        self.assertEqual((got.batch, got.told), (1, False))

    def test_same_seed_same_candidates_and_other_seed_others(self):
        a, b, c = (hosts.drive(self.host, self.run_of(seed=s), 8)[0] for s in (3, 3, 4))
        np.testing.assert_array_equal(a, b)
        self.assertFalse(np.array_equal(a, c))

    def test_progress_on_a_shifted_sphere(self):
        run = self.run_of()
        hosts.drive(self.host, run, 200)
        low = hosts.sphere(self.host.recommend(run))[0][0]
        self.assertLess(low, hosts.sphere(X0[None])[0][0] / 10)

    def test_tell_and_ask_apart_are_as_in_one_message(self):
        one, two = self.run_of(), self.run_of()
        want, _ = hosts.drive(self.host, one, 4)
        tell, got = None, []
        for _ in range(4):
            if tell is not None:
                answer = self.host.step(two, tell, ask=False)
                self.assertTrue(answer.told)
                self.assertIsNone(answer.rows)
            a = self.host.step(two)
            got.append(a.rows)
            tell = (a.batch, hosts.sphere(a.rows)[0])
        np.testing.assert_array_equal(got, want)

    def test_runs_do_not_disturb_each_other(self):
        want = hosts.drive(self.host, self.run_of(), 6)[0]
        names = [self.run_of() for _ in range(5)]
        tells, got = {n: None for n in names}, {n: [] for n in names}
        for _ in range(6):
            for n in names:
                rows, tells[n] = hosts.drive(self.host, n, 1, tell=tells[n])
                got[n] += rows
        for n in names:
            np.testing.assert_array_equal(got[n], want)

    def test_wrong_order_is_refused(self):
        run = self.run_of()
        self.fails(errors.WrongOrder, "no batch", run, tell=(1, [1, 2, 3]))
        self.host.step(run)
        self.fails(errors.WrongOrder, "batch 1", run)
        with self.assertRaisesRegex(errors.WrongOrder, "batch 1"):
            self.host.checkpoint(run)
        self.fails(errors.WrongOrder, "batch 7", run, tell=(7, [1, 2, 3]))
        self.assertTrue(self.host.step(run, (1, [1, 2, 3]), ask=False).told)
        self.fails(errors.WrongOrder, "no batch", run, tell=(1, [1, 2, 3]), ask=False)

    def test_unknown_runs_are_refused(self):
        run = self.run_of()
        self.host.finish(run)
        self.fails(errors.UnknownRun, "no run", run)
        for call in (self.host.recommend, self.host.diagnose, self.host.checkpoint, self.host.finish):
            with self.assertRaises(errors.UnknownRun):
                call(run)

    def test_a_name_that_is_taken_is_refused(self):
        run = self.run_of()
        with self.assertRaisesRegex(errors.Invalid, "another name"):
            self.host.init(run, "walk", X0)
        self.assertIsNone(self.host.step(run).failure)

    def test_a_refused_tell_may_be_sent_again(self):
        want, _ = hosts.drive(self.host, self.run_of(), 2)
        run = self.run_of()
        first = self.host.step(run)
        for losses in ([1, 2], [1, 2, 3, 4], [], [1, np.nan, 3], [1, 2, -np.inf]):
            self.fails(errors.Invalid, "loss", run, tell=(1, losses))
        again = self.host.step(run, (1, hosts.sphere(first.rows)[0]))
        np.testing.assert_array_equal(again.rows, want[1])

    def test_a_tell_that_the_optimizer_refuses_may_be_sent_again(self):
        run = self.run_of("faulty", {"fault": "picky"})
        hosts.drive(self.host, run, 1)
        self.host.step(run, (1, [1, 1]))
        self.fails(errors.Invalid, "positive", run, tell=(2, [1, 1]))
        self.assertTrue(self.host.step(run, (2, [-1, 1])).told)

    def test_infinite_and_huge_losses_are_taken(self):
        run = self.run_of()
        for losses in ([np.inf] * 3, [1e308, -1e308, 0], [2, 2, 2]):
            batch = self.host.step(run).batch
            self.assertTrue(self.host.step(run, (batch, losses), ask=False).told)

    def test_gradients_are_told_where_they_are_needed(self):
        run = self.run_of("descent")
        first = self.host.step(run)
        self.assertEqual(first.need, "grad")
        np.testing.assert_array_equal(first.rows, X0[None])
        self.fails(errors.Invalid, "no gradients", run, tell=(1, [1]))
        self.fails(errors.Invalid, "radients", run, tell=(1, [1], np.ones((2, 4))))
        grads = np.array([[1.0, -2.0, 3.0, -4.0]])
        second = self.host.step(run, (1, [1], grads))
        self.assertEqual((second.need, second.failure), ("loss", None))
        np.testing.assert_array_equal(second.rows, np.array([X0 - 0.1 * grads[0] + 0.1, X0 - 0.1 * grads[0] - 0.1]))
        self.assertEqual(self.host.step(run, (2, [1, 2])).need, "grad")

    def test_divergence_has_its_kind(self):
        run = self.run_of("descent", {"lr": 1e10})
        self.host.step(run)
        answer = self.host.step(run, (1, [1], np.array([[1e308, 0, 0, 0]])))
        self.assertIsInstance(answer.failure, errors.Diverged)
        self.assertTrue(answer.told)

    def test_an_exception_breaks_that_run_alone(self):
        for fault, told in (("ask", True), ("tell", False)):
            with self.subTest(fault):
                good, bad = self.run_of(), self.run_of("faulty", {"fault": fault})
                self.host.step(bad)
                self.host.step(bad, (1, [1, 1]))
                tell = (2, [1, 1])
                answer = self.host.step(bad, tell)
                self.assertIs(type(answer.failure), errors.Broken)
                self.assertIn("RuntimeError: no", str(answer.failure))
                self.assertIn("zoo.py:", str(answer.failure))
                self.assertEqual(answer.told, told)
                self.fails(errors.Broken, "broke before", bad, tell=tell)
                self.assertIsNone(self.host.step(good).failure)

    def test_candidates_of_a_wrong_shape_are_an_error(self):
        for fault in zoo.FAULTY_ROWS:
            with self.subTest(fault):
                run = self.run_of("faulty", {"fault": fault})
                self.host.step(run)
                self.host.step(run, (1, [1, 1]))
                self.fails(errors.Broken, "rows of 4", run, tell=(2, [1, 1]))

    def test_no_candidates_is_the_end_of_the_search(self):
        run = self.run_of("faulty", {"fault": "converge"})
        self.assertEqual(len(hosts.drive(self.host, run, 9)[0]), 2)
        self.assertEqual(len(self.host.step(run).rows), 0)

    def test_errors_of_init_have_their_kind(self):
        for fault, kind, words in (
            ("init", errors.Broken, "ZeroDivisionError: of course"),
            ("refuse", errors.Invalid, "blocks"),
            ("memory", errors.TooLarge, "no memory for 4 weights"),
        ):
            with self.subTest(fault):
                with self.assertRaisesRegex(kind, words):
                    self.run_of("faulty", {"fault": fault})

    def test_wrong_problems_are_refused(self):
        for what, kind, words in (
            ({"x0": []}, errors.Invalid, "starting weights"),
            ({"x0": [1, np.nan]}, errors.Invalid, "weight 1"),
            ({"x0": [np.inf, 1]}, errors.Invalid, "weight 0"),
            ({"threads": 0}, errors.Invalid, "threads"),
            ({"optimizer": "wlak"}, errors.Invalid, "wlak"),
            ({"optimizer": "descent", "x0": [1]}, errors.TooLarge, "at least 2"),
            ({"optimizer": "descent", "x0": [1] * 9}, errors.TooLarge, "at most 8"),
            ({"blocks": [Block("w", 0, 3)]}, errors.Invalid, "weight 3"),
            ({"blocks": [Block("w", 1, 3)]}, errors.Invalid, "weight 0"),
            ({"blocks": [Block("w", 0, 4, rows=3)]}, errors.Invalid, "whole rows"),
            ({"config": {"sigmo": 1}}, errors.Invalid, "did you mean sigma"),
            ({"config": {"sigma": 0}}, errors.Invalid, r"sigma: 0, want a number in \(0, 10\]"),
            ({"config": {"sigma": "1"}}, errors.Invalid, "sigma"),
            ({"config": {"sigma": None}}, errors.Invalid, "sigma"),
            ({"config": {"rows": 1.5}}, errors.Invalid, "rows"),
            ({"config": {"rows": True}}, errors.Invalid, "rows"),
            ({"config": {"loud": 1}}, errors.Invalid, "loud"),
            ({"config": {"kind": "cauchy"}}, errors.Invalid, "one of normal, uniform"),
            ({"config": {"shift": 2**64}}, errors.Invalid, "shift"),
            ({"config": [1]}, errors.Invalid, "object"),
        ):
            with self.subTest(what):
                with self.assertRaisesRegex(kind, words):
                    self.run_of(**what)

    def test_blocks_and_extreme_parameters_are_taken(self):
        blocks = [Block("0.dense.w", 0, 3, 0, 1, 3, 0.5), Block("0.dense.b", 3, 1, 0, 1)]
        config = {"sigma": 10, "rows": 2.0, "shift": 2**64 - 1, "kind": "uniform", "label": "grüße"}
        run = self.run_of(config=config, blocks=blocks, budget=2**40, threads=3)
        self.assertEqual(len(self.host.step(run).rows), 2)

    def test_a_checkpoint_goes_on_with_the_same_bits(self):
        for optimizer in ("walk", "descent"):
            with self.subTest(optimizer):
                run = self.run_of(optimizer)
                _, tell = hosts.drive(self.host, run, 5)
                self.host.step(run, tell, ask=False)
                state = self.host.checkpoint(run)
                self.assertEqual(state, self.host.checkpoint(run))
                other = run + "-restored"
                self.host.restore(state, other, optimizer, X0)
                self.addCleanup(self.finish, other)
                if optimizer == "walk":
                    np.testing.assert_array_equal(self.host.recommend(run), self.host.recommend(other))
                    np.testing.assert_array_equal(self.host.recommend(run, 2), self.host.recommend(other, 2))
                    self.assertEqual(self.host.diagnose(run), self.host.diagnose(other))
                want, got = hosts.drive(self.host, run, 6)[0], hosts.drive(self.host, other, 6)[0]
                self.assertEqual(len(want), 6)
                for a, b in zip(want, got):
                    np.testing.assert_array_equal(a, b)

    def test_a_damaged_checkpoint_is_refused(self):
        run = self.run_of()
        _, tell = hosts.drive(self.host, run, 3)
        self.host.step(run, tell, ask=False)
        state = self.host.checkpoint(run)
        damaged = [state[:n] for n in range(0, len(state), len(state) // 9)] + [state + b"\0"]
        for at in range(0, len(state), len(state) // 9):
            damaged.append(state[:at] + bytes([state[at] ^ 0x55]) + state[at + 1 :])
        for data in damaged:
            with self.assertRaises(errors.BadState):
                self.host.restore(data, run + "-damaged", "walk", X0)
        for what in ({"x0": X0[:3]}, {"config": {"sigma": 0.4}}, {"optimizer": "descent"}):
            with self.assertRaisesRegex(errors.BadState, "want"):
                self.host.restore(state, run + "-other", **{"optimizer": "walk", "x0": X0, **what})
        self.assertIsNone(self.host.step(run).failure)

    def test_what_cannot_be_saved_is_named(self):
        run = self.run_of("keeper")
        with self.assertRaisesRegex(errors.Broken, r"'thing'\['deep'\]\[0\], a builtins.function"):
            self.host.checkpoint(run)

    def test_what_an_optimizer_has_not_is_refused(self):
        run = self.run_of("faulty")
        for call in (self.host.recommend, self.host.diagnose, self.host.checkpoint):
            with self.assertRaisesRegex(errors.Invalid, "faulty has no"):
                call(run)

    def test_recommend_shortlist_and_diagnose(self):
        run = self.run_of(config={"rows": 5})
        np.testing.assert_array_equal(self.host.recommend(run), X0[None])
        self.assertEqual(len(self.host.recommend(run, 3)), 0)
        first = self.host.step(run)
        losses = [3, 1, 4, 0, 5]
        self.host.step(run, (1, losses))
        np.testing.assert_array_equal(self.host.recommend(run), first.rows[3:4])
        np.testing.assert_array_equal(self.host.recommend(run, 3), first.rows[[3, 1, 0]])
        self.assertEqual(len(self.host.recommend(run, 2**64 - 1)), 5)
        self.assertEqual(self.host.diagnose(run), {"sigma": 0.5 * 0.97, "low": 0.0})

    def test_the_order_of_figures_is_kept(self):
        self.assertEqual(list(self.host.diagnose(self.run_of())), ["sigma", "low"])


class TestInProcess(Contract, unittest.TestCase):
    @classmethod
    def start(cls):
        return hosts.InProcess(*zoo.ALL)


class TestFrames(Contract, unittest.TestCase):
    @classmethod
    def start(cls):
        return hosts.Frames(zoo.__file__)

    def test_what_is_printed_goes_to_the_log(self):
        self.host.step(self.run_of(config={"loud": True}))
        self.assertIn("walk is here\n", self.host.stderr())
        self.assertIn("below Python\n", self.host.stderr())


class TestGRPC(TestFrames):
    @classmethod
    def start(cls):
        return hosts.GRPC(zoo.__file__)

    def test_runs_of_many_threads(self):
        want = hosts.drive(self.host, self.run_of(), 5)[0]
        names = [self.run_of() for _ in range(50)]
        got = {}

        def work(name):
            got[name] = hosts.drive(self.host, name, 5)[0]

        threads = [threading.Thread(target=work, args=[n]) for n in names]
        for t in threads:
            t.start()
        for t in threads:
            t.join(hosts.LIMIT)
        for n in names:
            np.testing.assert_array_equal(got[n], want)


class TestParts(unittest.TestCase):
    def test_rows_that_do_not_fit_into_a_message_come_in_parts(self):
        from joust import grpc_server, optimizer_pb2 as pb
        from joust.server import Server

        self.assertLessEqual(grpc_server.MESSAGE, 32 << 20)
        for at_once, want in ((5, [5, 5, 5, 2]), (17, [17]), (16, [16, 1]), (1, [1] * 17), (0, [1] * 17)):
            service = grpc_server.Service(Server(zoo.ALL))
            r = pb.InitRequest(run="1", optimizer="walk", config='{"rows": 17}', dim=4, threads=1, seed=1)
            r.init.n, r.init.data = 1, X0.tobytes()
            service.init(r)
            ask = pb.StepRequest(run="1")
            ask.ask.SetInParent()
            with unittest.mock.patch.object(grpc_server, "MESSAGE", at_once * 8 * 4):
                parts = list(service.step(ask))
            self.assertEqual([p.asked.rows.n for p in parts], want)
            self.assertEqual([p.more for p in parts], [True] * (len(want) - 1) + [False])
            self.assertEqual([p.optimizer_seconds > 0 for p in parts], [False] * (len(want) - 1) + [True])
            self.assertEqual({p.asked.batch for p in parts}, {1})
            rows = np.frombuffer(b"".join(p.asked.rows.data for p in parts), "<f8").reshape(17, 4)
            noise = np.random.Generator(np.random.Philox(1)).standard_normal((17, 4))
            np.testing.assert_array_equal(rows, X0 + 0.5 * noise)


class TestShared(Contract, unittest.TestCase):
    """With vectors in shared memory: 1 KiB a half, which some do not fit into. Steps
    go over the socket."""

    @classmethod
    def start(cls):
        return hosts.GRPC(zoo.__file__, tls=True, shared=1024, socketed=True)

    def test_candidates_are_in_shared_memory(self):
        run = self.run_of(config={"rows": 8})
        self.assertTrue(self.host.is_shared)
        got = self.host.step(run).rows
        self.assertEqual(self.host.where, "offset")
        np.testing.assert_array_equal(np.frombuffer(self.host.memory[: got.nbytes], "<f8").reshape(got.shape), got)
        want = X0 + 0.5 * np.random.Generator(np.random.Philox(1)).standard_normal((8, 4))
        np.testing.assert_array_equal(got, want)

    def test_a_second_run_sends_messages(self):
        first = self.run_of()
        self.assertTrue(self.host.is_shared)
        second = self.run_of()
        self.assertFalse(self.host.is_shared)
        a = self.host.step(first).rows
        b = self.host.step(second).rows
        np.testing.assert_array_equal(a, b)
        self.host.finish(first)
        self.run_of()
        self.assertTrue(self.host.is_shared)

    def test_what_does_not_fit_is_sent_in_messages(self):
        run = self.run_of(config={"rows": 33})
        self.assertTrue(self.host.is_shared)
        self.assertEqual(len(self.host.step(run).rows), 33)
        self.assertEqual(self.host.where, "data")

    def test_places_outside_of_the_memory_are_refused(self):
        run = self.run_of("descent")
        self.host.step(run)
        from joust import optimizer_pb2 as pb

        for offset in (0, 1024 - 8, 1024 + 4, 2048 - 24, 2048, 2**63, 2**64 - 8):
            r = pb.StepRequest(run=run)
            r.tell.batch, r.tell.grads.n, r.tell.grads.offset = 1, 1, offset
            r.tell.losses.append(1)
            [answer] = self.host.steps(iter([r]))
            self.assertEqual(answer.failure.kind, pb.Failure.KIND_INVALID, offset)
        self.assertTrue(self.host.step(run, (1, [1], np.ones((1, 4)))).told)

    def test_what_is_no_message_closes_the_socket(self):
        host = self.start()
        try:
            host.socket.sendall(b"\x04\x00\x00\x00\xff\xff\xff\xff")
            self.assertEqual(host.socket.recv(1), b"")
        finally:
            self.assertEqual(host.close(), 0)


class TestPlaces(unittest.TestCase):
    """Candidates in the shared memory."""

    def setUp(self):
        import mmap
        import os

        from joust.shared import Shared

        self.fd = os.memfd_create("joust")
        os.ftruncate(self.fd, 2 * 1024)
        self.memory = mmap.mmap(self.fd, 2 * 1024)
        self.memory[:1024] = b"\x07" * 1024
        self.shared = Shared(self.fd)
        self.assertTrue(self.shared.take("1", 1024))

    def tearDown(self):
        import os

        os.close(self.fd)

    def test_it_leaves_room_for_a_batch_that_is_elsewhere(self):
        for n, free in ((0, 1024), (65, 1024), (40, 1024 - 8 * 40), (45, 1024 - 8 * 40), (44, 1024 - 8 * 84), (1, 1024 - 8 * 84)):
            before = self.shared.used
            a = self.shared.allocate(n)
            self.assertEqual(a is None, self.shared.used == before)
            self.assertEqual(self.shared.half - 8 * self.shared.used, free, n)
            if a is not None:
                np.testing.assert_array_equal(a, np.zeros(n))
        self.assertEqual(self.memory[: 1024 - 8 * 84], b"\x07" * (1024 - 8 * 84))

    def test_rows_are_where_the_optimizer_has_them_or_at_the_beginning(self):
        from joust import Problem

        x = Problem(init=np.zeros(4), seed=1, memory=self.shared.allocate).candidates(10)
        x[:] = np.arange(40).reshape(10, 4)
        at = 1024 - 8 * 40
        for rows, want in (
            (x, at),
            (x[2:5], at + 2 * 32),
            (x[::2], 0),
            (x[::-1], 0),
            (x[:, :2], 0),
            (np.ones((3, 4)), 0),
            (np.ones((22, 4)), 0),
            (np.ones((23, 4)), None),
        ):
            got = self.shared.put("1", rows)
            self.assertEqual(got, want)
            if got is not None:
                there = np.frombuffer(self.memory[got : got + rows.nbytes], "<f8").reshape(rows.shape)
                np.testing.assert_array_equal(there, rows)
            np.testing.assert_array_equal(x, np.arange(40).reshape(10, 4))
        self.assertIsNone(self.shared.put("2", x))
        self.shared.release("1")
        self.assertTrue(self.shared.take("2", 1024))
        self.assertEqual(self.shared.put("2", np.ones((32, 4))), 0)

    def test_without_memory_candidates_are_in_that_of_the_process(self):
        from joust import Problem

        for memory in (None, lambda n: None):
            x = Problem(init=np.zeros(4), seed=1, memory=memory).candidates(10)
            np.testing.assert_array_equal(x, np.zeros((10, 4)))
