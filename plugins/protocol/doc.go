// Package protocol is what joust and an optimizer in another process say to
// each other: the messages, the versions, and the form of vectors.
//
// # Design
//
// What are features? "socket" ([FeatureSocket]) is the only one: steps over a
// socket, which every plugin may do without.
//
// What may change? A message or a member may be added within a MINOR version,
// under a named feature that both sides must name before it is used. Nothing
// is renamed, renumbered, or given another type without another MAJOR version,
// the number in the package's name, of which hosts serve this one and the one
// before. A test compares the messages with those of the last release.
//
// Why is a configuration JSON and not a message? It is JSON wherever else it
// is found: in experiments, in results, in optimizers.Definition. The schema
// in Param says what may be in it.
//
// Why is there no number of candidates in Ask? An optimizer decides how many
// it asks about, as a built-in does: the size of its population is its
// parameter, and a genetic algorithm cannot ask for fewer.
//
// Why is a batch told and the next asked for in one message? At a thousand
// weights a round trip costs more than what most optimizers compute.
//
// Why bytes and not repeated double? Decoding numbers one by one costs 20 to
// 36 % of a round trip in Go and several times as much in Python.
//
// Why is there no optional gradient? What an optimizer needs decides what the
// referee charges. One that needs it at some steps only says so batch by batch
// (ABILITY_NEEDS), as a built-in does by optimizers.Needer.
package protocol

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative optimizer.proto
