//go:build unix

package plugins_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/plugins/protocol"
)

// startAndHang is a host that starts a plugin which never answers, and is
// killed then.
func startAndHang() {
	cmd := again("plugin", "--frames")
	cmd.Stdout = os.Stdout // stays open as long as one of both lives
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		weight := protocol.AppendFloats(nil, []float64{666})
		_, err = fmt.Fprintf(in, "%s\n%s%s\n", `{"op":"init","run":"1","optimizer":"chatty","dim":1,"threads":1,"bytes":8}`, weight, `{"op":"step","run":"1","ask":true}`)
	}
	fmt.Println("started", err)
	select {}
}

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
