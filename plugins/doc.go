// Package plugins is for programs that add optimizers to joust without being a
// part of it. An author writes an optimizer as the built-in ones are written, and
// a main of one line:
//
//	func main() { plugins.Serve(Descent) }
//
// [Serve] talks gRPC to the joust that has started the program; with --frames it
// talks what FRAMES.md specifies, over standard input and output, in any language.
// [NewServer] is the same in this process, for tests.
//
// What an optimizer can do is what its type implements: see
// [optimizers.Optimizer]. Standard output and standard error are the log.
//
// # Design
//
// Why is there one Server under three transports? The order of calls, the checks
// of what a host sends, and what becomes of an error are the same, and a test that
// one of them has the bits of the optimizer itself is then a test of messages.
// Sent through any of them, sgd, rprop, ga, cma-es and openai-es ask for the same
// candidates and end with the same checkpoint as without, to the bit, also when
// eight runs take turns.
//
// Why does a panic not end the process? It ends the run, with its message as the
// error and its stack in the log, and other runs of the process go on. A panic on
// a goroutine that the optimizer has started itself does end the process, as it
// ends any.
//
// Why does an error of Ask or Tell end the run, when a refused tell does not? What
// is refused has not reached the optimizer. After an error of its own nobody knows
// its state; after [optimizers.ErrDiverged] it is known, and the run still
// recommends.
//
// Why is a NaN among the losses refused, and not taken for +Inf? The host promises
// that there is none, so that one is a mistake of the host, which nobody would see.
// Gradients are not looked at: an optimizer answers what is not finite in one with
// [optimizers.ErrDiverged], here as in process.
//
// Why is the number of the last batch in a checkpoint? A run that is restored
// counts on, and a host that replays what it told since can compare numbers. The
// checksum around it finds damage in the state of optimizers that have none.
//
// Why is a batch cut between candidates? Each message is then rows as they are
// everywhere else. A candidate of more than 4 MiB, half a million weights, is in a
// message of its own that is longer; where hosts take 64 MiB, shared memory is what
// carries more than eight million.
//
// Why does shared memory belong to one run at a time? It has room for one batch and
// one set of gradients. A host with several runs in a process has one of them use
// it; the others have their vectors in the messages, and are told so by Init.
//
// Why does an optimizer say where its candidates are to be? What it has in memory
// of its own is copied for the host, which is most of the cost of a large step:
// 104 MB took 17 ms, and without the copy 5. [optimizers.Problem.Candidates] gives
// it rows that the host reads where they are; without a host they are as any
// others, so that no optimizer knows where it runs. They are given from the end of
// the shared memory, and as much room is kept at its beginning as the largest
// batch has: rows in another order, or from elsewhere, are copied there, and never
// over what is the optimizer's. It would change if the protocol had a place for
// each row: populations whose rows change places, as those of optimizers/genetic do, are
// copied yet.
//
// Whose time is it that a step takes? The optimizer's is what passes in its own
// code, by the plugin's word; transport is the rest. In Python the candidates of
// an optimizer that keeps none are freed when tell returns, and that is within its
// time: it took the memory of the system, page by page, in ask, and to give it
// back, a third of a millisecond for 1.2 MB, is no part of the way to the host.
// Converting what ask returns to an array of float64, and copying it, is.
//
// Why does a plugin in Python keep what it frees? Arithmetic on arrays makes a new
// one for each result, and glibc gives large blocks back to the system, from
// threads other than the first at once. For 64 candidates of 2400 weights new
// pages took 10 of the 12 ms of a step. What is larger than 32 MiB glibc gives back
// whatever it is told: then only [optimizers.Problem.Candidates] helps.
//
// Why do two threads copy what is larger than 32 MiB, in Python? The host waits,
// and one core does not use all of the memory's speed: 104 MB took 11 ms a step
// with one thread, and 8.5 with two. For 26 MB there was no gain, with halves, with
// pieces that either takes, nor with a thread that does not sleep until the other
// is done.
//
// Why do steps leave gRPC? Two processes with a stream of gRPC between them take
// 150 µs for a step that carries nothing, in queues, goroutines and wake-ups, where
// a socket takes 14. So where host and plugin both name it, the same messages go
// over a pair of sockets, one step at a time, and all else by gRPC. Threads block
// in reading: the runtime's poller would be woken each time the other side reads.
// One core for the runtime, which helped gRPC, is no better here.
//
// Why does the process look for its parent four times a second? A host that is
// killed says nothing, and an optimizer that computes does not notice that its
// input has ended. A signal when the parent dies exists on Linux only, and is sent
// when the thread ends that started the process.
//
// Why do prints not go through go-plugin's stream for them? That stream ends with
// the process, and what it printed last is what explains its end. So they go to
// standard error, whose tail the host keeps.
package plugins
