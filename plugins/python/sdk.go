// Package python carries the Python SDK, so that a new plugin gets a copy of it
// and needs nothing that is not on the machine.
package python

import (
	"embed"
	"fmt"
	"io/fs"
)

// The patterns leave out what Python writes beside its sources.
//
//go:embed src/joust/*.py src/joust/*.pyi src/joust/py.typed src/joust/adapters/*.py
var files embed.FS

// SDK returns the files of the Python package joust, without the package's own
// folder.
func SDK() fs.FS {
	sdk, err := fs.Sub(files, "src/joust")
	if err != nil {
		panic(fmt.Sprintf("python: %v", err)) // the path above is valid
	}
	return sdk
}
