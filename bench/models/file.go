package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/optimizers"
)

// maxFile is the size up to which network files are read, in bytes.
const maxFile = 1 << 20

type fileConfig struct {
	Path   string `json:"path" doc:"the file, in YAML, from where the experiment file is: layers, and input if their shape is not to be the task's"`
	SHA256 string `json:"sha256" doc:"hash of the file, filled in when an experiment is planned"`
}

// file is a network that a user has written down:
//
//	input: [64]                  # optional; an error if the task has another
//	layers:
//	  - {type: dense, out: 32, init: he-normal}
//	  - {type: activation, func: relu}
//	  - {type: residual, body: [{type: dense, out: 32}, {type: activation, func: relu}]}
//
// The layers are those of package network; the output layer is added.
func file() bench.Model {
	m := bench.Model{
		Name:    "network",
		Summary: "a network of your own, from a YAML file with its layers; the output layer is added",
		Params:  optimizers.Params(fileConfig{}),
	}
	m.Prepare = func(config json.RawMessage, dir string) (json.RawMessage, error) {
		c, err := optimizers.Configure(fileConfig{}, config)
		if err != nil {
			return nil, err
		}
		f, sum, err := c.read(dir)
		if err != nil {
			return nil, err
		}
		if err := f.check(); err != nil {
			return nil, err
		}
		c.SHA256 = sum
		b, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		return optimizers.Resolve(m.Params, b)
	}
	m.Layers = func(config json.RawMessage, dir string, in, out network.Shape) (network.Specs, error) {
		c, err := optimizers.Configure(fileConfig{}, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		f, _, err := c.read(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		specs, err := f.wire(in, out)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		return specs, nil
	}
	return m
}

// read reads and parses the file, and returns its hash.
func (c fileConfig) read(dir string) (networkFile, string, error) {
	if c.Path == "" {
		return networkFile{}, "", errors.New(`path: "", want the name of a network file`)
	}
	path := c.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	content, err := readFile(path)
	if err != nil {
		return networkFile{}, "", err
	}
	hash := sha256.Sum256(content)
	sum := hex.EncodeToString(hash[:])
	if c.SHA256 != "" && sum != c.SHA256 {
		return networkFile{}, "", fmt.Errorf("%s: has changed since the experiment was planned (sha256 %s, then %s): put the file back, or run the experiment file again", path, sum, c.SHA256)
	}
	f, err := parseNetwork(path, content)
	return f, sum, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case err == nil && info.Size() > maxFile:
		return nil, fmt.Errorf("%s: %d bytes, want at most %d", path, info.Size(), maxFile)
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(path)
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = fmt.Errorf("%s: %w", path, inner.Err)
	}
	return content, err
}
