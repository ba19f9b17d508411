package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

const interpreter = pythontest.Interpreter

// limit is what anything may take before a test fails.
const limit = 5 * time.Minute

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// TestPython runs the tests of the SDK, which are in Python.
func TestPython(t *testing.T) {
	pythontest.Need(t, "numpy", "scipy", "grpc", "google.protobuf", "cryptography")
	if _, err := exec.LookPath("protoc"); err != nil { // generated code is compared with its
		pythontest.Missing(t, fmt.Errorf("%w: apt install protobuf-compiler", err))
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, "-W", "error::ResourceWarning", "-m", "unittest", "discover", "-t", ".", "-s", "tests")
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "OPENBLAS_NUM_THREADS=1")
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if s := lastLine(string(out)); s != "OK" { // a test that was skipped is said here
		t.Errorf("the tests end with %q, want OK\n%s", s, out)
	}
}

// example is a plugin's command, with the SDK where the manifest's runner would
// find a copy of it.
func example(t testing.TB, transport string, path ...string) host.Command {
	t.Helper()
	entry, err := filepath.Abs(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	sdk, err := filepath.Abs("src")
	if err != nil {
		t.Fatal(err)
	}
	c := host.Command{
		ID: "example", Version: "0.1.0", Transport: transport, Path: interpreter, Args: []string{entry},
		Env: []string{"PATH=/usr/bin:/bin", "PYTHONPATH=" + sdk, "PYTHONDONTWRITEBYTECODE=1", "OPENBLAS_NUM_THREADS=1"},
	}
	if transport == host.Frames {
		c.Args = append(c.Args, "--frames")
	}
	return c
}

// A driver is a run of an optimizer in a process, on a sphere about 1, -1, 1, ...
type driver struct {
	conn   protocol.Conn
	shared []byte
	run    string
	dim    int
	tell   *protocol.Tell
}

func begin(ctx context.Context, p *host.Process, name, run string, dim int, config string) (*driver, error) {
	r := &protocol.InitRequest{
		Run: run, Optimizer: name, Config: config, Dim: uint64(dim), Seed: math.MaxUint64, Threads: 1,
		Init:       &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8*dim)}},
		SharedHalf: uint64(len(p.Shared()) / 2),
	}
	answer, err := p.Conn().Init(ctx, r)
	if err != nil {
		return nil, err
	}
	if answer.GetShared() != (len(p.Shared()) > 0) {
		return nil, fmt.Errorf("shared is %v with %d bytes of shared memory", answer.GetShared(), len(p.Shared()))
	}
	return &driver{conn: p.Conn(), shared: p.Shared(), run: run, dim: dim}, nil
}

// step tells the last batch and returns the next.
func (d *driver) step(ctx context.Context) ([]float64, error) {
	answer, err := d.conn.Step(ctx, &protocol.StepRequest{Run: d.run, Tell: d.tell, Ask: &protocol.Ask{}})
	if err != nil {
		return nil, err
	}
	rows := answer.GetAsked().GetRows()
	data := rows.GetData()
	if at, ok := rows.GetWhere().(*protocol.Rows_Offset); ok {
		data = d.shared[at.Offset:][:8*int(rows.GetN())*d.dim]
	}
	x := slices.Clone(protocol.Floats(data))
	d.tell = &protocol.Tell{Batch: answer.GetAsked().GetBatch()}
	for row := range slices.Chunk(x, d.dim) {
		loss := 0.0
		for i, w := range row {
			loss += (w - float64(1-2*(i%2))) * (w - float64(1-2*(i%2)))
		}
		d.tell.Losses = append(d.tell.Losses, loss)
	}
	return x, nil
}

// TestHost has joust's own host start the examples on every transport.
func TestHost(t *testing.T) {
	pythontest.Need(t, "numpy", "grpc", "google.protobuf")
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var first [][]float64 // what the same seed asked on another transport
	for _, at := range []struct {
		name, transport string
		shared          int64
	}{{"gRPC", host.GRPC, 0}, {"shared memory", host.GRPC, 1 << 20}, {"frames", host.Frames, 0}} {
		t.Run(at.name, func(t *testing.T) {
			p, err := host.Start(ctx, example(t, at.transport, "..", "examples", "python-es", "es.py"), at.shared)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := p.Stop(time.Minute); err != nil {
					t.Errorf("stop: %v", err)
				}
			}()
			checkDescription(ctx, t, p.Conn())
			const dim = 6
			d, err := begin(ctx, p, "example-es", "1", dim, `{"population": 20, "sigma": 0.5}`)
			if err != nil {
				t.Fatal(err)
			}
			var asked [][]float64
			for range 60 {
				x, err := d.step(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if len(x) != 20*dim {
					t.Fatalf("asked about %d weights, want %d", len(x), 20*dim)
				}
				asked = append(asked, x)
			}
			if low := slices.Min(d.tell.Losses); low > 0.1*dim { // all zero, where it starts, has dim
				t.Errorf("lowest loss after 60 generations is %v, want at most %v", low, 0.1*dim)
			}
			if first == nil {
				first = asked
			}
			if !slices.EqualFunc(first, asked, slices.Equal[[]float64]) {
				t.Error("the same seed asks about others than on another transport")
			}
			checkRefusals(ctx, t, d)
			if _, err := d.conn.Finish(ctx, &protocol.FinishRequest{Run: "1"}); err != nil {
				t.Errorf("finish: %v", err)
			}
		})
	}
}

func checkDescription(ctx context.Context, t *testing.T, c protocol.Conn) {
	t.Helper()
	r, err := c.Describe(ctx, &protocol.DescribeRequest{Host: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.GetOptimizers()); n != 1 {
		t.Fatalf("%d optimizers, want 1", n)
	}
	o := r.GetOptimizers()[0]
	if o.GetName() != "example-es" || o.GetNeed() != protocol.Need_NEED_LOSS || len(o.GetParams()) != 3 {
		t.Errorf("described as %v", o)
	}
	sigma := o.GetParams()[0]
	var value float64
	if err := json.Unmarshal([]byte(sigma.GetDefault()), &value); err != nil || value != 0.3 {
		t.Errorf("default of sigma is %q, want 0.3", sigma.GetDefault())
	}
	if sigma.Min == nil || sigma.GetMin() != 0 || !sigma.GetMinOpen() || sigma.GetMax() != 1000 || !sigma.GetLog() {
		t.Errorf("sigma is described as %v", sigma)
	}
	if len(r.GetRuntime()) == 0 || !strings.HasPrefix(r.GetRuntime()[0], "python 3.") {
		t.Errorf("runtime is %q, want it to start with Python's version", r.GetRuntime())
	}
}

// checkRefusals wants each misuse refused with its kind, and the run to go on,
// also from a checkpoint.
func checkRefusals(ctx context.Context, t *testing.T, d *driver) {
	t.Helper()
	refused := func(what string, kind protocol.Failure_Kind, err error) {
		t.Helper()
		var e *protocol.Error
		if !errors.As(err, &e) || e.Kind != kind {
			t.Errorf("%s: error %v, want one of kind %v", what, err, kind)
		}
	}
	_, err := d.conn.Step(ctx, &protocol.StepRequest{Run: d.run, Ask: &protocol.Ask{}})
	refused("a second ask", protocol.Failure_KIND_WRONG_ORDER, err)
	_, err = d.conn.Step(ctx, &protocol.StepRequest{Run: d.run, Tell: &protocol.Tell{Batch: d.tell.Batch, Losses: []float64{1}}})
	refused("a loss of 20", protocol.Failure_KIND_INVALID, err)
	_, err = d.conn.Step(ctx, &protocol.StepRequest{Run: "none", Ask: &protocol.Ask{}})
	refused("an unknown run", protocol.Failure_KIND_UNKNOWN_RUN, err)
	_, err = d.conn.Checkpoint(ctx, &protocol.CheckpointRequest{Run: d.run})
	refused("a checkpoint within a step", protocol.Failure_KIND_WRONG_ORDER, err)
	if _, err := d.conn.Step(ctx, &protocol.StepRequest{Run: d.run, Tell: d.tell}); err != nil {
		t.Fatalf("the tell after refused ones: %v", err)
	}
	state, err := d.conn.Checkpoint(ctx, &protocol.CheckpointRequest{Run: d.run})
	if err != nil {
		t.Fatal(err)
	}
	again := &protocol.InitRequest{
		Run: "2", Optimizer: "example-es", Config: `{"population": 20, "sigma": 0.5}`, Dim: uint64(d.dim), Threads: 1,
		Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8*d.dim)}},
	}
	_, err = d.conn.Restore(ctx, again, state[:len(state)-1])
	refused("half a checkpoint", protocol.Failure_KIND_BAD_STATE, err)
	if _, err := d.conn.Restore(ctx, again, state); err != nil {
		t.Fatal(err)
	}
	d.tell = nil
	want, err := d.step(ctx)
	if err != nil {
		t.Fatal(err)
	}
	restored := &driver{conn: d.conn, run: "2", dim: d.dim}
	got, err := restored.step(ctx)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("restored: it asks about others than the run that went on (error %v)", err)
	}
	recommended, err := d.conn.Recommend(ctx, &protocol.RecommendRequest{Run: d.run})
	if err != nil || len(recommended.GetRows().GetData()) != 8*d.dim {
		t.Errorf("recommends %v, error %v", recommended, err)
	}
	diagnosed, err := d.conn.Diagnose(ctx, &protocol.DiagnoseRequest{Run: d.run})
	if sigma := 0.5 * math.Pow(0.98, 60); err != nil || math.Abs(diagnosed.GetFigures()[0].GetValue()-sigma) > 1e-12 {
		t.Errorf("diagnoses %v, error %v, want sigma %v", diagnosed, err, sigma)
	}
}

// TestFramesExample has the host start the example that has no SDK.
func TestFramesExample(t *testing.T) {
	pythontest.Need(t, "json")
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	c := example(t, host.Frames, "..", "examples", "frames-es", "es.py")
	c.Args = append([]string{"-I", "-S"}, c.Args...) // with no package but the standard library
	p, err := host.Start(ctx, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Stop(time.Minute); err != nil {
			t.Errorf("stop: %v", err)
		}
	}()
	d, err := begin(ctx, p, "frames-es", "1", 4, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if _, err := d.step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if low := slices.Min(d.tell.Losses); low > 0.4 { // all zero has 4
		t.Errorf("lowest loss after 60 generations is %v, want at most 0.4", low)
	}
}

// TestSDKIsWhole has Python import the embedded copy, and nothing beside it.
func TestSDKIsWhole(t *testing.T) {
	pythontest.Need(t, "numpy", "grpc", "google.protobuf")
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "joust"), SDK()); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(SDK(), "py.typed"); err != nil {
		t.Error(err)
	}
	cmd := exec.Command(interpreter, "-c", "import joust.grpc_server, joust.goplugin, joust.frames, joust.adapters.callback; print(joust.__file__)")
	cmd.Env = []string{"PYTHONPATH=" + dir, "PYTHONDONTWRITEBYTECODE=1"}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), dir) {
		t.Errorf("import: %v\n%s", err, out)
	}
}
