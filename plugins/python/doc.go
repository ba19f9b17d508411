// Package python holds the Python SDK, the package joust in src, and its tests.
// The README beside it is the tutorial for authors; Go programs need nothing
// from here but [SDK], a copy of the SDK to put into a plugin's folder.
//
// # Design
//
// Why does a copy of the SDK go with a plugin? What runs is then what the lock
// file has the hash of, and a plugin works wherever there is Python with numpy.
// An installed package works as well, in a virtual environment.
//
// Why are there no generated stubs? gRPC's generic handlers need only the
// messages; a file less that has to match the version of grpcio.
//
// Why is the core free of both transports? Server takes and returns arrays, so
// that order, sizes and errors are decided once, and frames need neither grpcio
// nor protobuf.
//
// Why are candidates not checked for NaN here? The host has to check them in any
// case, and a look at 100 MB costs as much as sending them.
//
// Why does tell get copies? An author who keeps losses or gradients would
// otherwise keep a view of memory that the host overwrites.
//
// Why can a default checkpoint refuse? Saving what can be saved and leaving out
// the rest would go on with other bits; pickle would run code. Ten lines that
// say how to translate an attribute are the better price.
//
// Why does an adapter of a library with callbacks use a thread and not a second
// process? The two never run at once, so that the thread is a coroutine: a
// hand-over takes some 10 µs, and the run stays a function of its seed.
package python
