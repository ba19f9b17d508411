package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/joust-bench/joust/internal/pythontest"
)

// servedPlugin makes a plugin with the least of a program: a script that has joust serve
// a built-in optimizer under the plugin's id.
//
//	served DIR ID NAME [FLAG...]
func servedPlugin(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: served DIR ID NAME [FLAG...]")
	}
	joust, err := exec.LookPath("joust")
	ts.Check(err)
	dir, id, name, flags := ts.MkAbs(args[0]), args[1], args[2], args[3:]
	runtime := "binary"
	if slices.Contains(flags, "--frames") {
		runtime = "frames"
	}
	ts.Check(os.MkdirAll(dir, 0o777))
	ts.Check(os.WriteFile(filepath.Join(dir, "run.sh"),
		fmt.Appendf(nil, "#!/bin/sh\nexec '%s' plugin serve %s --as %s %s\n", joust, name, id, strings.Join(flags, " ")), 0o777))
	ts.Check(os.WriteFile(filepath.Join(dir, "plugin.yaml"),
		fmt.Appendf(nil, "id: %s\nversion: 1.0.0\nprotocol: 1\nruntime: %s\nentry: run.sh\nlicense: MIT\nsummary: Serves %s.\n", id, runtime, name), 0o666))
}

// python3 is the interpreter that Debian's packages are for.
const python3 = pythontest.Interpreter

// condition is what a script can ask for beyond the usual: [python:numpy,grpc], a
// Python with these modules. There is one in CI.
func condition(cond string) (bool, error) {
	modules, ok := strings.CutPrefix(cond, "python")
	if !ok {
		return false, fmt.Errorf("condition %q, want python or python:MODULE,MODULE", cond)
	}
	var list []string
	if modules = strings.TrimPrefix(modules, ":"); modules != "" {
		list = strings.Split(modules, ",")
	}
	err := pythontest.Find(list...)
	if err != nil && pythontest.InCI() {
		return false, err
	}
	return err == nil, nil
}

// goEnv lets a script run the go command, with what has been downloaded already.
func goEnv(env *testscript.Env) error {
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOROOT"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			return err
		}
		env.Setenv(name, strings.TrimSpace(string(out)))
	}
	source, err := filepath.Abs("../..")
	env.Setenv("SOURCE", source)
	env.Setenv("GOFLAGS", "-mod=mod")
	env.Setenv("GOPROXY", "off")
	env.Setenv("GOSUMDB", "off")
	return err
}

func TestMissingPythonIsAFailureInCI(t *testing.T) {
	for _, tt := range []struct {
		ci   string
		fail bool
	}{{"", false}, {"true", true}} {
		t.Setenv("CI", tt.ci)
		ok, err := condition("python:no_such_module")
		if ok || (err != nil) != tt.fail {
			t.Errorf("CI=%q: %v, %v, want no Python, and an error: %v", tt.ci, ok, err, tt.fail)
		}
	}
}
