// Package manifest finds plugins, says what each of them is made of, and holds
// them to what was locked: plugin.yaml, the search for it, the hash of a
// plugin's folder, joust.lock, installation and removal. It starts nothing.
//
// A folder with a plugin.yaml in it is a plugin:
//
//	id: my-es              # lower case: what errors and joust.lock call it
//	version: 0.1.0
//	protocol: 1
//	runtime: python        # or binary, or frames
//	entry: es.py           # a file in the folder
//	args: []               # optional, as is all that follows
//	env: [MY_KEY]          # variables passed on from joust's environment, by name
//	interpreter: python3   # a program on PATH; the default for Python
//	license: MIT
//	homepage: https://example.org/my-es
//	summary: A small evolution strategy.
//	limits: {memory: 2GiB, files: 256}
//
// From there to a process that runs, and a result that says what ran:
//
//	found, err := manifest.Find(manifest.Search{Dirs: manifest.Dirs(flags), Taken: builtins})
//	lock, err := manifest.ReadLock(manifest.LockFile)
//	pin, err := m.Pin(os.Environ())           // hashes everything
//	err = lock.Verify(pin).Err()              // unless --plugin-unlocked
//	command, err := m.Command(os.Environ(), pin)
//	pin, err = pin.WithRuntime(plugin.Runtime()) // once it runs
//	stamp := lock.Verify(pin).String()        // "pinned", or "unpinned: " and why
//
// # Design
//
// What is in the hash of a plugin? All files of its folder: for each a line of
// its SHA-256 in hex, a space, x if it is executable and - if not, a space, and
// its path with slashes; lines in the order of the paths' bytes, each with a
// newline; and of these lines the SHA-256. So anyone can compute it with sha256sum,
// and the lock, which has the lines, can say which file changed. Not in it are
// times and owners, empty folders, and whatever is called __pycache__ or .git,
// which change while the plugin does not. There are no symbolic links: what a
// link points to could change without the hash.
//
// Is it safe to leave out __pycache__? Not by itself: Python runs the compiled
// module there if the time and the size in it are those of the source, which
// anyone can write. So Python plugins are started by boot.py, which reads only
// sources from the plugin's folder. It leaves Python's own modules alone: without
// their compiled form, by -X pycache_prefix, scipy and grpc take a second longer
// to import, 1.9 s in place of 0.9.
//
// Why is Python not isolated by -I? That has it ignore PYTHONHASHSEED too, and then
// the order of a set of strings differs from one process to the next. The
// plugin's environment is made from nothing, so that what -I protects from is
// not there; user packages are turned off by PYTHONNOUSERSITE, and those of the
// system and of a virtual environment are found.
//
// Why are BLAS and OpenMP held to one thread? A sum that is divided among
// threads has other bits for another number of them, and a plugin must give the
// same bits for the same seed.
//
// Why is a script no interpreter? What pyenv puts on PATH as python3 is one, and
// starts this Python or that one by the folder one is in. A hash of it says
// nothing of what runs. JOUST_PYTHON names an interpreter in such cases.
//
// Why can a Python file still be exchanged between the hash and the start?
// Because Python opens it by its name. A binary is handed on as the open file
// that was hashed. The lock is against change by mistake and for results that
// can be repeated; who may write to the plugin's folder has your rights already, and
// so has the plugin.
//
// Why JSON for the lock, and no tolerance? It is written by a program and read
// in diffs, so it has one thing a line, in order. A lock that is not byte for
// byte as it is written was edited or merged, and to write it anew is easier
// than to guess.
//
// Why is another machine not just a change? Files that differ from the lock
// are a question of trust or of a forgotten step; another Python is one of
// repeatability. Both are unpinned, and refused unless the user says otherwise,
// but the message says which it is, and a plugin that was changed is called
// that wherever it runs.
//
// Why is the hash of a plugin in an experiment that of its files, and not that of the
// archive? Because compression may differ between versions of a library, and a
// folder has no archive. The price is that an archive is unpacked before it is
// known to be the right one, into a folder that is then thrown away, by code
// that trusts nothing in it.
//
// What about two installations of which one is killed? Installing is a rename
// of a finished folder. Replacing is two, and a crash in between them leaves
// the plugin gone, and both versions in a hidden folder beside it; exchanging
// two folders at once is not possible on every system.
package manifest
