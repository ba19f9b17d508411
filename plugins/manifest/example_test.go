package manifest_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/joust-bench/joust/plugins/manifest"
)

// A plugin is locked, and then somebody edits it.
func Example() {
	dir, err := os.MkdirTemp("", "plugins-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Println(err)
		}
	}()
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			fmt.Println(err)
		}
	}
	write("es", "#!/bin/sh\nexec my-optimizer\n", 0o755)
	write(manifest.File, "id: my-es\nversion: 0.1.0\nprotocol: 1\nruntime: binary\nentry: es\n", 0o644)

	found, err := manifest.Find(manifest.Search{Dirs: []string{dir}})
	if err != nil {
		fmt.Println(err)
		return
	}
	plugin := found[0]
	pin, err := plugin.Pin(os.Environ())
	if err != nil {
		fmt.Println(err)
		return
	}
	var lock manifest.Lock
	if err := lock.Set(pin); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plugin.ID, plugin.Version, "is", lock.Verify(pin))

	write("es", "#!/bin/sh\nexec another-optimizer\n", 0o755)
	if pin, err = plugin.Pin(os.Environ()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plugin.ID, plugin.Version, "is", lock.Verify(pin))
	// Output:
	// my-es 0.1.0 is pinned
	// my-es 0.1.0 is unpinned: es changed: cd03440249b1, locked 38ef49acaab6
}
