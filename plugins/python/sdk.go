package python

import (
	"embed"
	"io/fs"
)

//go:embed src/joust/*.py src/joust/*.pyi src/joust/py.typed src/joust/adapters/*.py
var src embed.FS

// SDK is the folder of the Python package joust, as it is to be copied to
// joust/ in a plugin's folder.
func SDK() fs.FS {
	sdk, err := fs.Sub(src, "src/joust")
	if err != nil {
		panic(err) // the pattern above names it
	}
	return sdk
}
