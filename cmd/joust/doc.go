// Command joust races optimizers, and remedies for the vanishing gradient, on
// equal terms.
//
//	joust run                          the built-in experiment, in under a minute
//	joust run my-experiment.yaml       an experiment of your own
//	joust list, joust describe NAME    what there is to name in one
//	joust network grad net.yaml        outputs, loss and gradient of a network of your own
//	joust report results/x.db          the leaderboard and the report once more
//	joust bench                        how fast this machine is, and what bounds it
//	joust plugin new --lang go my-es   an optimizer of your own, as a program
//
// An experiment file names tasks, models and optimizers; every combination of
// them, and of the values in their lists, is raced:
//
//	version: 1
//	name: deep-mlp
//	seed: 1
//	repetitions: 5                 # seeds
//	budget: {work: 2e7, wall: 10m} # of each trial
//	tasks:
//	  - two-spirals
//	  - {csv: wine.csv, target: quality, kind: regression}
//	models:
//	  - plain: {depth: [4, 10], width: 32}
//	  - resnet
//	  - network: my-net.yaml
//	optimizers:
//	  - sgd: {lr: [0.01, 0.1], momentum: 0.9, batch: 32}
//	  - rprop
//	exclude: [{model: resnet, optimizer: rprop}]
//
// Results go to standard output, progress to standard error. The exit status is
// 0 if all is well, 1 if it could not be done, 2 if the command line or an
// experiment is wrong and nothing was done, 3 if some trials failed, and 130 if
// it was interrupted: the same command goes on where it was.
//
// This package parses, calls and prints. What it calls is for programs, too:
// package bench runs, bench/store remembers, bench/report compares.
//
// # Design
//
// Why YAML, and why a reader of our own on top of a parser? People write lists
// of lists by hand, with comments. What they get wrong is names and values, so
// every error names the line and column, what is there, and what could be: a
// decoder into structs says "cannot unmarshal". The reader walks the parser's
// tree and accepts less than YAML has. It decides itself what is a number (the
// parser takes 2e7 for a string and 010 for eight), and trims the ends of lines,
// where the parser loses count of columns. It would change if the parser did.
//
// Why is everything checked before anything is written? An experiment that
// fails after an hour, because its last entry misspells a column, has cost an
// hour. [bench.Experiment.Trials] reads every file that a trial will read.
//
// Why is a list in an entry a grid, and not a value? No parameter is a list, so
// nothing is lost; and a sweep reads like the setting that it sweeps.
//
// Why does --budget replace the whole budget, and not half of it? "--budget
// 10m" on a file that limits work would otherwise mean ten minutes, unless the
// work is done first, which nobody expects.
//
// Why does the live leaderboard read no keys? A terminal in raw mode has to be
// restored whatever happens, stops a run that is put in the background, and
// turns Ctrl-C into a message. All it would give is scrolling, and the report
// has everything.
//
// Why does the time left come from trials, and not from work alone? Trials that
// are solved stop early, by how much depends on the contender, and a unit of
// work takes longer in a wider network. So a trial is expected to take as long
// as others of its contender did; the first of each, as long as its share of
// work done so far says.
//
// Why does the second Ctrl-C end the program at once? The first waits for the
// step under way, which a plugin may never finish. Nothing is lost either way:
// a result is safe before it is printed.
//
// Why do the plugin commands start what is not locked, when races do not? One has
// to look at a plugin, and test it, before one can say that it may run. They start
// what is named and nothing else; those that need not start anything do not, and
// verify starts only what is as it was locked.
//
// Why does an id come before a folder of the same name? A script then does the
// same wherever it is run. A folder can be written so that it is no id: ./my-es.
//
// What is a plugin's optimizer called in an experiment? By the plugin's id, which no
// built-in optimizer has, and not by the name that it gives itself: two plugins may give
// the same. ID/NAME if it serves several, ID@VERSION if another of this id is there.
//
// Why does an experiment with the hash of a plugin need no lock? Who runs it has chosen
// just these files; a lock could only say the same. The stored, resolved experiment has
// the hash, so that it means the same in a year.
//
// Why does plugin attach not connect to a process that the debugger has started?
// Go-plugin can, without its TLS and with a socket anywhere; then the process under
// the debugger is not the one that races run. One that is started as always, without
// deadlines, and waits before its first step, is.
//
// Why does plugin dev look at the folder several times a second? To be told of
// changes needs a dependency, and code for each system. A plugin has a few dozen
// files, which takes less than a millisecond.
//
// Why is the version that of the build, with no flag to set it? The Go command
// records the tag or the commit; there is nothing to forget.
package main
