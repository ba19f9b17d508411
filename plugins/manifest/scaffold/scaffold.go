// Package scaffold writes new plugins: an optimizer that works, its test, a
// README and plugin.yaml, in a folder that joust, Go and Python take as it is.
//
// # Design
//
// What is a template? A plugin called my-es: this package's folders are complete
// plugins, compiled, linted and tested as they stand, and a new one differs by its
// name. Only go.mod is written, since a folder with one would not be embedded.
//
// How does a Python plugin find the SDK? It has a copy, in its folder joust.
// So it runs with the packages of a distribution, nothing is installed, the hash
// of its folder covers the SDK, and an update of joust changes no plugin.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/joust-bench/joust/plugins/manifest"
	"github.com/joust-bench/joust/plugins/python"
)

//go:embed go frames python
var templates embed.FS

// templateName is the name of the plugins that the templates are.
const templateName = "my-es"

// module is this module, which a plugin in Go requires.
const module = "github.com/joust-bench/joust"

// Languages are what [Write] takes.
func Languages() []string { return []string{"go", "python", "frames"} }

// Options are what a template does not know.
type Options struct {
	// Version of this module that a plugin in Go requires, such as v1.2.0.
	// Empty: left to go mod tidy, unless Replace is given.
	Version string
	// Replace is the path of a copy of this module that a plugin in Go is
	// compiled with, in place of a published one. Empty: none.
	Replace string
	// Taken are names that no plugin may have: those of built-in optimizers.
	Taken []string
}

// Write makes the folder dir, which must not exist, with a new plugin called
// name that serves an optimizer of that name. On an error there is no dir.
func Write(lang, name, dir string, o Options) (err error) {
	if !slices.Contains(Languages(), lang) {
		return fmt.Errorf("no template for %q, want %s", lang, strings.Join(Languages(), ", "))
	}
	if err := manifest.CheckID(name); err != nil {
		return err
	}
	if slices.Contains(o.Taken, name) {
		return fmt.Errorf("the built-in optimizer %s has this name, want another", name)
	}
	switch _, err := os.Lstat(dir); {
	case err == nil:
		return fmt.Errorf("%s is there already, want a folder to make", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	files, err := files(lang, name, o)
	if err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(parent, ".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	for name, content := range files {
		file := filepath.Join(temp, "plugin", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, mode(content)); err != nil {
			return err
		}
	}
	return os.Rename(filepath.Join(temp, "plugin"), dir)
}

// mode of a file: scripts can be executed.
func mode(content []byte) fs.FileMode {
	if strings.HasPrefix(string(content), "#!") {
		return 0o755
	}
	return 0o644
}

// files returns the files of a new plugin by their paths.
func files(lang, name string, o Options) (map[string][]byte, error) {
	out := make(map[string][]byte)
	add := func(fsys fs.FS, to string, change func(string) string) error {
		return fs.WalkDir(fsys, ".", func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := fs.ReadFile(fsys, file)
			out[path.Join(to, file)] = []byte(change(string(content)))
			return err
		})
	}
	template, err := fs.Sub(templates, lang)
	if err != nil {
		return nil, err
	}
	rename := func(s string) string { return strings.ReplaceAll(s, templateName, name) }
	if err := add(template, ".", rename); err != nil {
		return nil, err
	}
	switch lang {
	case "go":
		mod, err := goMod(name, o)
		if err != nil {
			return nil, err
		}
		out["go.mod"] = []byte(mod)
	case "python":
		if err := add(python.SDK(), "joust", func(s string) string { return s }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// goMod returns the go.mod of a plugin in Go.
func goMod(name string, o Options) (string, error) {
	mod := "module example.org/" + name + "\n\ngo 1.26.0\n"
	version := o.Version
	if o.Replace != "" && version == "" {
		version = "v0.0.0"
	}
	if version != "" {
		mod += "\nrequire " + module + " " + version + "\n"
	}
	if o.Replace == "" {
		return mod, nil
	}
	to, err := filepath.Abs(o.Replace)
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(filepath.Join(to, "go.mod"))
	if err == nil && !strings.HasPrefix(string(src), "module "+module+"\n") {
		err = errors.New("it is that of another module")
	}
	if err != nil {
		return "", fmt.Errorf("%s is not the source of joust, want a folder with the go.mod of %s: %w", to, module, err)
	}
	return mod + "\nreplace " + module + " => " + strconv.Quote(to) + "\n", nil
}
