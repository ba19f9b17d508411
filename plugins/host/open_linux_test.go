package host_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/host"
)

// children returns the processes that this one has started for a plugin.
func children(t *testing.T) (ids []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		line, err2 := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", id))
		if err != nil || err2 != nil || !bytes.Contains(line, []byte("builtins")) {
			continue // it has ended meanwhile, or is another's
		}
		after := string(stat[bytes.LastIndexByte(stat, ')')+1:])
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			ids = append(ids, id)
		}
	}
	return ids
}

// meddled sends a signal to the plugin before its third Ask, and to the next one
// before the sixth, if it is to.
type meddled struct {
	optimizers.Optimizer
	t      *testing.T
	signal syscall.Signal
	asks   int
	twice  bool
}

func (m *meddled) Ask() ([][]float64, error) {
	if m.asks++; m.asks == 3 || m.asks == 6 && m.twice {
		for _, id := range children(m.t) {
			if err := syscall.Kill(id, m.signal); err != nil {
				m.t.Error(err)
			}
		}
	}
	return m.Optimizer.Ask()
}

func (m *meddled) Close() error { return m.Optimizer.(io.Closer).Close() }

// A process that is killed, or stopped so that it hangs, is started again, and the
// run goes on with the same bits, in messages and in shared memory.
func TestAKilledOrStoppedProcessIsStartedAgain(t *testing.T) {
	t.Cleanup(func() { // after the plugin was closed
		if left := children(t); len(left) > 0 {
			t.Errorf("processes %v are left", left)
		}
	})
	p := open(t, host.GRPC, host.Options{Step: 2 * time.Second})
	i := slices.IndexFunc(builtin.All(), func(d optimizers.Definition) bool { return d.Name == "ga" })
	want, def := builtin.All()[i], p.Definitions()[i]
	build := def.New
	meddle := func(m *meddled) optimizers.Definition {
		d := def
		d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
			opt, err := build(config, p)
			m.Optimizer, m.t = opt, t
			return m, err
		}
		return d
	}
	for _, dim := range []int{7, 10_000} {
		for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
			if !slices.Equal(candidates(t, want, dim, 5), candidates(t, meddle(&meddled{signal: signal}), dim, 5)) {
				t.Errorf("%d weights, %v: other candidates than in this process", dim, signal)
			}
		}
	}
	m := &meddled{signal: syscall.SIGKILL, twice: true}
	opt, err := meddle(m).New(nil, optimizers.Problem{Init: make([]float64, 3), Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		var rows [][]float64
		if rows, err = opt.Ask(); err == nil {
			err = opt.Tell(make([]optimizers.Evaluation, len(rows)))
		}
	}
	const says = "ga (plugin builtins 1.0): step 5: tell and ask: plugin builtins 1.0 was killed by signal 9"
	if text := err.Error(); !strings.HasPrefix(text, says) || !strings.Contains(text, "; it had been started again at step 2: plugin builtins 1.0 was killed by") {
		t.Errorf("error %v, want %s...; it had been started again at step 2: ...", err, says)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
