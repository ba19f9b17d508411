package python

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestSDKIsWhole(t *testing.T) {
	list := func(fsys fs.FS) (names []string) {
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.Contains(name, "__pycache__") {
				names = append(names, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	got, want := list(SDK()), list(os.DirFS("src/joust"))
	if !slices.Equal(got, want) || !slices.Contains(got, "__init__.py") {
		t.Errorf("the SDK has %q, want what is in src/joust, %q", got, want)
	}
}
