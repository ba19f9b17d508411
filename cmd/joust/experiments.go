package main

import (
	"context"
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

// findExperiment reads the experiment that arg names: a file, or one that is
// built in. The results are the name of a file, its content, and the directory
// that its relative paths start from.
func findExperiment(arg string) (file string, src []byte, dir string, err error) {
	names, err := builtinNames()
	if err != nil {
		return "", nil, "", err
	}
	if slices.Contains(names, arg) {
		src, err := builtinSource(arg)
		return arg + ".yaml", src, ".", err
	}
	src, err = readLimited(arg)
	switch ext := filepath.Ext(arg); {
	case err == nil:
		return arg, src, filepath.Dir(arg), nil
	case errors.Is(err, fs.ErrNotExist) && ext != ".yaml" && ext != ".yml" && filepath.Base(arg) == arg:
		if s := optimizers.Suggest(arg, names); s != "" {
			return "", nil, "", usagef("no experiment is called %s, and no file; did you mean %s?", arg, s)
		}
		return "", nil, "", usagef("no experiment is called %s, and no file; want a file, or one of: %s", arg, strings.Join(names, ", "))
	default:
		return "", nil, "", usagef("%s: %w, want an experiment file", arg, cause(err))
	}
}

// loadExperiment reads the experiment that arg names, and starts its plugins if
// plugins is not nil. Beside the directory of [findExperiment] it returns the lists with what
// these offer.
func loadExperiment(ctx context.Context, arg string, l bench.Lists, plugins *plugged) (*experiment, string, bench.Lists, error) {
	file, src, dir, err := findExperiment(arg)
	if err != nil {
		return nil, "", l, err
	}
	root, err := parseYAML(file, src)
	if err != nil {
		return nil, "", l, err
	}
	if plugins != nil {
		// What is wrong elsewhere is better known before processes are started.
		if _, err := newExperiment(file, src, withoutOptimizers(root), l); err != nil {
			return nil, "", l, err
		}
		if root, l, err = plugins.lists(ctx, root, dir, l); err != nil {
			return nil, "", l, err
		}
	}
	x, err := newExperiment(file, src, root, l)
	if err == nil && plugins != nil {
		x.plugins = plugins.uses
	}
	return x, dir, l, err
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
