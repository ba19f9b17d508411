package scaffold_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/joust-bench/joust/plugins/manifest/scaffold"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "new-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Println(err)
		}
	}()
	mine := filepath.Join(dir, "mine")
	if err := scaffold.Write("frames", "mine", mine, scaffold.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	files, err := os.ReadDir(mine)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		fmt.Println(f.Name())
	}
	// Output:
	// README.md
	// es.py
	// plugin.yaml
	// test_es.py
}
