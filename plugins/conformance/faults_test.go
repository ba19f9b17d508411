package conformance

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/host"
)

// inProcess is the good optimizer with a fault that only a process can have, or
// that only a host can see.
func inProcess(fault string) optimizers.Definition {
	d := climbing(fault, fault == "keeps the gradient")
	build := d.New
	var hoard [][]byte
	d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
		switch fault {
		case "hoards memory":
			b := make([]byte, 1<<20)
			for i := range b {
				b[i] = byte(i)
			}
			hoard = append(hoard, b)
		case "starts threads":
			for range 8 {
				go func() { // the thread is this goroutine's alone
					runtime.LockOSThread()
					select {}
				}()
			}
		case "leaves children":
			if err := exec.Command("/bin/sleep", "60").Start(); err != nil {
				return nil, err
			}
		case "leaves files":
			f, err := os.CreateTemp("", "run")
			if err != nil {
				return nil, err
			}
			if err := f.Close(); err != nil {
				return nil, err
			}
		case "leaves files open":
			r, w, err := os.Pipe()
			if err != nil {
				return nil, err
			}
			pipes = append(pipes, r, w)
		case "prints":
			if len(p.Init) == 20 { // and not before it serves
				if _, err := syscall.Write(1, []byte("a run\n")); err != nil { // as a library in C does
					return nil, err
				}
			}
		case "exits":
			if len(p.Init) == 33 {
				os.Exit(3)
			}
		case "hangs":
			if len(p.Init) == 33 {
				time.Sleep(time.Hour)
			}
		}
		return build(config, p)
	}
	return d
}

var pipes []io.Closer // kept from the collector of garbage, which would close them

// A process that hangs is replaced for the checks that follow.
func TestHangingProcessIsReplaced(t *testing.T) {
	checks := slices.DeleteFunc(Checks(), func(c Check) bool { return c.Name != "ask/rows" && c.Name != "tell/twice" })
	p, err := Open(context.Background(), own(t, "fault hangs", host.Frames), host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rs []Result
	Run(context.Background(), p.Subjects()[0], checks, Options{Parallel: 1, Timeout: 3 * time.Second}, func(r Result) { rs = append(rs, r) })
	if len(rs) != 2 || rs[0].Outcome != Failed || rs[1].Outcome != OK {
		t.Errorf("results = %+v, want ask/rows to fail and tell/twice to pass after it", rs)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
