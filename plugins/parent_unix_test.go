//go:build unix

package plugins_test

import (
	"bufio"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestNoPluginOutlivesItsHost has one that computes for ever. It does not read
// its input, so that the end of it says nothing.
func TestNoPluginOutlivesItsHost(t *testing.T) {
	host := again("parent")
	stdout, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	host.Stdout = w
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	for range 2 { // the answer to init, and the host's word, in either order
		line, err := out.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "started <nil>") && !strings.HasPrefix(line, "{") {
			t.Fatalf("%q (%v)", line, err)
		}
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // it was killed
	if err := stdout.SetReadDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil {
		t.Errorf("the plugin is there after %v: %q (%v)", deadline, rest, err)
	}
}

// deadline is long enough for the slowest machine that is not stuck.
const deadline = 60 * time.Second
