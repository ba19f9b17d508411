// Package host is joust's side of optimizers in other processes: it starts their
// processes, asks what they serve, and makes optimizers of it that behave as
// those in this process do.
//
//	p, err := host.Open(ctx, command, host.Options{})
//	...
//	defer p.Close()
//	for _, def := range p.Definitions() { // like any built-in
//
// # Design
//
// Why does Tell only take note? A round trip costs more than most optimizers
// compute, and half of them can be saved: what was told goes with the next Ask.
// Whatever else is asked first sends it alone, so that all answers are those of an
// optimizer in this process; a test compares them bit for bit, for every built-in.
// What differs is when an error is heard of: that of Tell comes with the next Ask,
// and if there is none, with Close. A divergence that only Close would tell of is
// not told: there is nothing more to ask.
//
// Why is there a process for each run? A fault then costs one trial. An idle
// process is used again, since one whose libraries take long to load would cost a
// short trial more than the trial.
//
// What is done about a process that dies or hangs? It is started again, once, from
// the last checkpoint, and told again what it was told since. A plugin is a pure
// function of what it is told, so that it asks about the same candidates; they are
// compared by a hash, and if they differ, the trial fails with that as the reason.
// A second fault fails the trial, too: a plugin that dies of what it computes
// would do so for ever. What a plugin refuses, and an answer that cannot be right,
// would be the same again, so that nothing is started again for it.
//
// How often is a checkpoint taken? After a thousand tells, or when those since the
// last one have 8 MiB and four times its size. It would change if a replay took
// long for optimizers that are slow, and whose tells are small: then the seconds
// in the optimizer should count.
//
// Why does a deadline kill the process, and not only the call? Nobody knows what
// an optimizer that was interrupted would do next, and a plugin that is stopped
// would never hear that the call was cancelled. Deadlines are counted in ten
// ticks, so that a program that was suspended, with its plugins, does not take
// them for hanging when it goes on.
//
// What is copied? Candidates in shared memory are handed out where they are. A
// plugin could change them afterwards: that spoils its own result, and nothing
// else, as no length is read from them. Candidates in a message are copied, because its memory may be used
// for the next call, which may come before Tell. Gradients are copied once into
// what is kept for a replay, and again into shared memory.
//
// When are candidates checked? Each weight has to be finite, and a hash is kept of
// all. A pass over 26 MB takes a core 1.2 ms, 6 % of what their evaluation takes
// one, so that it goes on beside the evaluation if there are more than 4 MiB, to
// look at which takes about as long as to wake another core. Tell waits for it and
// helps, and so does whatever else is called before, so that a lie is told of in
// the same words and before anything has come of it. Where every core evaluates,
// the pass costs its time. Two additions a number are all that it takes: one of
// numbers, whose sum is finite only if they are, and one of their bits.
//
// What is the socket? See package plugins: a pair of sockets beside the shared
// memory takes the steps of one run at a time, of a plugin that names it. Another
// run's step takes gRPC meanwhile. It is closed for good after a call that was
// given up or went wrong, when an answer may still come; and what comes that was
// not asked for is an error of the transport, as everything is that is no message.
//
// Why are optimizers of so many types? One that had every method would be asked
// for what it does not have: a shortlist decides what is evaluated at the end of a
// trial, and what for. See expose.
//
// Why must the error of Finish fail a trial whose result is there? As for a file
// that cannot be closed: it may be the first sign that something was lost.
//
// Why go-plugin, and why a runner of our own? Its handshake, its health, shutdown
// and log services are what plugins in other languages have libraries for. Its own
// runner and its Kill wait for ever when a plugin was stopped (SIGSTOP), or left a
// child that holds its pipes. Ours hands over pipes as files, waits for the
// process alone, and reads what is left in the pipes for at most 200 ms; a
// process that ends by itself or is killed is gone, with everything, some 20 ms
// later. Go-plugin sees one line of at most 4 KiB, which has been checked: the
// socket has to be in the plugin's own folder.
//
// What is left of a plugin? Nothing: its process, its group and session, its
// descendants, and, by a mark in the environment, what has left all of those is
// killed before the process is waited for, while its number cannot be another's.
// Its folder, with its socket and temporary files, is removed. On Linux it dies with
// a host that is killed, and the next host removes the folder, which is no longer
// locked, and kills what has its mark. What clears its environment, makes a
// session of its own, and outlives its parents is not found: that would take a
// control group, and the right to make one. On other systems only the group is
// killed, there is no limit of memory, and a plugin has to see itself that its host is
// gone.
//
// Is that a sandbox? No: a plugin runs with your rights. The limits of memory and
// files, the empty environment and the private folder are against mistakes.
// Mutual TLS and a folder that only the user can enter keep others from calling a
// plugin; the certificates are of P-256, which every TLS library has, as that of
// go-plugin, P-521, is not. What is executed is an open file that was hashed, if
// there is one, and not what has been put in its place since.
//
// Why may a message have 64 MiB and a batch 1 GiB? What is longer comes in parts,
// each of which is checked before more of it is read, so that a plugin takes no
// more of the host's memory than it is allowed. A population of 2700 at 50,000
// weights is 1 GiB. More goes through shared memory, which is bounded when it is
// made; it is sealed, because a host that reads beyond the end of a file that was
// made shorter is killed.
//
// Why is the end of the log in an error, and not all of it? Ten lines say what
// went wrong, but for a Go program, whose stack is longer: the line of its panic is
// kept as well. They are made harmless first: a plugin's output is not to
// command a terminal.
package host
