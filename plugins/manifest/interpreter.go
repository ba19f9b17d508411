package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// python3 is what runs Python unless plugin.yaml names another.
const python3 = "python3"

// pythonVariable names the interpreter to take for python3.
const pythonVariable = "JOUST_PYTHON"

// An Interpreter is the program that runs a plugin's entry.
type Interpreter struct {
	// Path is where the program is, with symbolic links followed.
	Path string `json:"path"`
	// Hash is "sha256:" and the SHA-256 of the program.
	Hash string `json:"hash"`

	// found is where it was found. It is started under this name, by which a
	// virtual environment's knows its packages.
	found string
}

// findInterpreter looks a plugin's interpreter up on the PATH of environ. For
// python3 the variable JOUST_PYTHON has the last word.
//
// Scripts are passed over: what pyenv and others put on PATH in the name of
// an interpreter starts this or that one as the folder and the environment
// say, so that nothing that is known of it would be known of what runs.
func (m *Manifest) findInterpreter(environ []string) (string, error) {
	if given := lookupEnv(environ, pythonVariable); given != "" && m.Interpreter == python3 {
		if !filepath.IsAbs(given) {
			return "", m.errorf("%s is %q, want the absolute path of an interpreter", pythonVariable, given)
		}
		if err := checkProgram(given); err != nil {
			return "", m.errorf("%s is %s: %w", pythonVariable, given, err)
		}
		return given, nil
	}
	name := m.Interpreter
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var not error
	for _, dir := range filepath.SplitList(lookupEnv(environ, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue // whatever is in the folder that one happens to be in
		}
		file := filepath.Join(dir, name)
		err := checkProgram(file)
		if err == nil {
			return file, nil
		}
		if not == nil && !errors.Is(err, fs.ErrNotExist) {
			not = fmt.Errorf("%s is no interpreter: %w", file, err)
		}
	}
	if not != nil {
		return "", m.errorf("no %s on PATH, which it needs (%w)", m.Interpreter, not)
	}
	return "", m.errorf("no %s on PATH, which it needs", m.Interpreter)
}

// checkProgram says why a file is not a program.
func checkProgram(file string) (err error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return cause(err)
	case !info.Mode().IsRegular() || !isExecutable(info):
		return errors.New("not an executable file")
	}
	f, err := os.Open(file)
	if err != nil {
		return cause(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	script, err := isScript(f)
	if err == nil && script {
		err = errors.New("a script")
	}
	return err
}

// isScript says if a file starts with #!.
func isScript(f *os.File) (bool, error) {
	var start [2]byte
	n, err := f.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, cause(err)
	}
	return string(start[:n]) == "#!", nil
}

// hashInterpreter finds and hashes the interpreter.
func (m *Manifest) hashInterpreter(environ []string) (_ *Interpreter, err error) {
	found, err := m.findInterpreter(environ)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(found)
	if err != nil {
		return nil, m.errorf("interpreter %s: %w", found, cause(err))
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, m.errorf("interpreter %s: %w", real, cause(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, m.errorf("interpreter %s: %w", real, cause(err))
	}
	hash, err := hashOpen(f, info, io.Discard)
	if err != nil {
		return nil, m.errorf("interpreter %s: %w", real, err)
	}
	return &Interpreter{Path: real, Hash: hashPrefix + hash, found: found}, nil
}

// lookupEnv returns the last value of a variable, which is the one that counts.
func lookupEnv(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}
