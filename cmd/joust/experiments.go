package main

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// builtins are the experiments that joust brings along.
//
//go:embed experiments/*.yaml
var builtins embed.FS

// defaultExperiment is what `joust run` runs.
const defaultExperiment = "vanishing"

func builtinNames() ([]string, error) {
	entries, err := builtins.ReadDir("experiments")
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names, nil
}

func builtinSource(name string) ([]byte, error) {
	return builtins.ReadFile("experiments/" + name + ".yaml")
}

// loadExperiment reads the experiment that arg names: a file, or one that is
// built in. The second result is the directory that its relative paths start
// from.
func loadExperiment(arg string, l bench.Lists) (*experiment, string, error) {
	names, err := builtinNames()
	if err != nil {
		return nil, "", err
	}
	if slices.Contains(names, arg) {
		src, err := builtinSource(arg)
		if err != nil {
			return nil, "", err
		}
		x, err := parseExperiment(arg+".yaml", src, l)
		return x, ".", err
	}
	src, err := readLimited(arg)
	switch ext := filepath.Ext(arg); {
	case err == nil:
		x, err := parseExperiment(arg, src, l)
		return x, filepath.Dir(arg), err
	case errors.Is(err, fs.ErrNotExist) && ext != ".yaml" && ext != ".yml" && filepath.Base(arg) == arg:
		if s := optimizers.Suggest(arg, names); s != "" {
			return nil, "", usagef("no experiment is called %s, and no file; did you mean %s?", arg, s)
		}
		return nil, "", usagef("no experiment is called %s, and no file; want a file, or one of: %s", arg, strings.Join(names, ", "))
	default:
		return nil, "", usagef("%s: %w, want an experiment file", arg, cause(err))
	}
}

// readLimited reads a file, but not much more than parseYAML accepts.
func readLimited(name string) (_ []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("is a directory")
	}
	return io.ReadAll(io.LimitReader(f, maxYAMLBytes+1))
}

// cause is an error without the name of the file that it is about.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
