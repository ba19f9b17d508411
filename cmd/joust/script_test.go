package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be joust: scripts and tests run it under that
// name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"joust": main, "faulty": faultyPlugin})
}

func TestScripts(t *testing.T) {
	files, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", files)
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			env.Setenv("JOUST_PYTHON", python3)
			return goEnv(env)
		},
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"digest": saveDigest,
			"isjson": isJSON,
			"served": servedPlugin,
		},
	})
}

// exits STATUS PROGRAM ARGS... runs a program that must end with a status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

var digestLine = regexp.MustCompile(`(?m)^digest +([0-9a-f]{64})$`)

// digest FILE saves the digest that the last program printed.
func saveDigest(ts *testscript.TestScript, _ bool, args []string) {
	m := digestLine.FindStringSubmatch(ts.ReadFile("stderr"))
	if m == nil || len(args) != 1 {
		ts.Fatalf("no digest in %q", ts.ReadFile("stderr"))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(m[1]), 0o666))
}

// isjson FILE checks that a file is one JSON document.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || json.Valid([]byte(ts.ReadFile(args[0]))) == neg {
		ts.Fatalf("%q: valid JSON: %v, want %v", args, neg, !neg)
	}
}
