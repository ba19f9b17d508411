// Package pythontest is for tests that run Python. Where there is none they are skipped,
// except in CI, where there has to be one: there they fail.
package pythontest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Interpreter is that of the system, which sees what its packages have installed.
const Interpreter = "/usr/bin/python3"

// Need skips a test, or a benchmark, where there is no Python with the modules, and fails
// it in CI.
func Need(t testing.TB, modules ...string) {
	t.Helper()
	if err := Find(modules...); err != nil {
		Missing(t, err)
	}
}

// Missing skips a test for which something is missing, and fails it in CI.
func Missing(t testing.TB, err error) {
	t.Helper()
	if InCI() {
		t.Fatal(err)
	} else {
		t.Skip(err)
	}
}

// InCI reports whether this is CI.
func InCI() bool { return os.Getenv("CI") == "true" }

// Find says what is missing for a Python with the modules.
func Find(modules ...string) error {
	script := ""
	if len(modules) > 0 {
		script = "import " + strings.Join(modules, ", ")
	}
	out, err := exec.Command(Interpreter, "-c", script).CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s -c %q: %w %s; apt install python3 python3-numpy python3-scipy python3-grpcio python3-protobuf python3-cryptography",
			Interpreter, script, err, lines[len(lines)-1])
	}
	return nil
}
