package plugins_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/protocol"
)

// role is what this program is when a test starts it again.
const role = "JOUST_PLUGINS_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "plugin":
		plugins.Serve(Descent, chatty)
	case "nothing":
		plugins.Serve()
	case "parent":
		startAndHang()
	default:
		os.Exit(m.Run())
	}
}

// chatty prints to standard output, as somebody looking for a mistake does.
var chatty = optimizers.Define(optimizers.Definition{Name: "chatty"}, struct{}{},
	func(_ struct{}, p optimizers.Problem) (talker, error) { return talker{p.Init}, nil })

type talker struct{ w []float64 }

func (t talker) Ask() ([][]float64, error) {
	fmt.Println("asked")
	for t.w[0] == 666 { // never to return
		t.w[len(t.w)-1] = 666
	}
	return [][]float64{t.w}, nil
}

func (t talker) Tell([]optimizers.Evaluation) error { panic("told") }

// again is this program in a role, with an environment of its own.
func again(as string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(cmd.Environ(), role+"="+as)
	return cmd
}

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

func TestStartedByHandItSaysWhatItIs(t *testing.T) {
	for _, tt := range []struct{ role, want string }{
		{"plugin", "this program is a plugin of joust, with descent, chatty"},
		{"nothing", "want at least one definition"},
	} {
		var stdout, stderr bytes.Buffer
		cmd := again(tt.role)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v, want exit status 1", tt.role, err)
		}
		if lines := strings.Count(stderr.String(), "\n"); lines != 1 || !strings.Contains(stderr.String(), tt.want) || stdout.Len() > 0 {
			t.Errorf("%s: standard error %q, standard output %q, want one line about %q, and nothing", tt.role, &stderr, &stdout, tt.want)
		}
	}
}

// TestFramesOfAProcess has an optimizer that prints what is no frame, and
// panics.
func TestFramesOfAProcess(t *testing.T) {
	cmd := again("plugin", "--frames")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	for _, tt := range []struct{ request, want string }{
		{`{"op":"describe","protocol":1}` + "\n", "chatty"},
		{`{"op":"init","run":"1","optimizer":"chatty","dim":1,"threads":1,"bytes":8}` + "\n" + strings.Repeat("\x00", 8), "map[]"},
		{`{"op":"step","run":"1","ask":true}` + "\n", "batch:1"},
		{`{"op":"step","run":"1","tell":{"batch":1,"n":1},"bytes":8}` + "\n" + strings.Repeat("\x00", 8), "panic in Tell: told"},
		{`{"op":"finish","run":"1"}` + "\n", "map[]"},
	} {
		if _, err := io.WriteString(in, tt.request); err != nil {
			t.Fatal(err)
		}
		header, _, err := frame(out)
		if err != nil || !strings.Contains(fmt.Sprint(header), tt.want) {
			t.Fatalf("answer to %q: %v (%v), want %q", tt.request, header, err, tt.want)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	if err != nil || len(rest) > 0 {
		t.Errorf("%q after the last frame (%v)", rest, err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("at the end of its input: %v", err)
	}
	if log := stderr.String(); !strings.Contains(log, "asked\n") || !strings.Contains(log, "talker.Tell") {
		t.Errorf("the log is %q, want what was printed, and where it panicked", log)
	}
}

// TestServeOverGRPC has a process and go-plugin's own client, and shared memory.
func TestServeOverGRPC(t *testing.T) {
	const dim, half = 2, 64
	memory, err := os.CreateTemp(t.TempDir(), "memory")
	if err != nil {
		t.Fatal(err)
	}
	if err := memory.Truncate(2 * half); err != nil {
		t.Fatal(err)
	}
	cmd := again("plugin")
	cmd.ExtraFiles = []*os.File{memory} // file descriptor 3
	var log bytes.Buffer
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  protocol.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{protocol.Major: {protocol.ServiceName: &protocol.GRPC{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd:              cmd,
		Logger:           hclog.NewNullLogger(),
		Stderr:           &log,
	})
	defer client.Kill()
	conn, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	if got := client.NegotiatedVersion(); got != protocol.Major {
		t.Errorf("protocol %d, want %d", got, protocol.Major)
	}
	raw, err := conn.Dispense(protocol.ServiceName)
	if err != nil {
		t.Fatal(err)
	}
	optimizer := raw.(protocol.OptimizerClient)
	d, err := optimizer.Describe(t.Context(), &protocol.DescribeRequest{})
	if err != nil || len(d.Optimizers) != 2 {
		t.Fatalf("Describe: %v (%v), want two optimizers", d, err)
	}
	// 8 MiB of weights are more than what gRPC takes unless it is told to.
	big := &protocol.InitRequest{Run: "big", Optimizer: "descent", Dim: 1 << 20, Threads: 1}
	big.Init = &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8<<20)}}
	if _, err := optimizer.Init(t.Context(), big); err != nil {
		t.Errorf("8 MiB of weights: %v", err)
	}
	weights := protocol.AppendFloats(nil, []float64{1, -2})
	a, err := optimizer.Init(t.Context(), &protocol.InitRequest{
		Run: "1", Optimizer: "descent", Dim: dim, Threads: 1, SharedHalf: half,
		Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: weights}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := runtime.GOOS == "linux"; a.Shared != want {
		t.Errorf("shared: %v, want %v", a.Shared, want)
	}
	stream, err := optimizer.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}}); err != nil {
		t.Fatal(err)
	}
	r, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	got := r.GetAsked().GetRows().GetData()
	if where, ok := r.GetAsked().GetRows().GetWhere().(*protocol.Rows_Offset); ok != a.Shared {
		t.Errorf("rows in %T, shared: %v", where, a.Shared)
	} else if ok {
		got = make([]byte, 8*dim)
		if _, err := memory.ReadAt(got, int64(where.Offset)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, weights) {
		t.Errorf("first candidate %v, want the weights it starts from", protocol.Floats(got))
	}
	// A failure is an answer, and the stream goes on.
	for _, run := range []string{"2", "1"} {
		if err := stream.Send(&protocol.StepRequest{Run: run, Ask: &protocol.Ask{}}); err != nil {
			t.Fatal(err)
		}
		want := protocol.Failure_KIND_UNKNOWN_RUN
		if run == "1" {
			want = protocol.Failure_KIND_WRONG_ORDER
		}
		if r, err := stream.Recv(); err != nil || r.GetFailure().GetKind() != want {
			t.Errorf("run %s: %v (%v), want a failure of kind %v", run, r, err, want)
		}
	}
	// What is printed and what panics is in the log.
	talk := &protocol.InitRequest{Run: "talk", Optimizer: "chatty", Dim: dim, Threads: 1, Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: weights}}}
	if _, err := optimizer.Init(t.Context(), talk); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*protocol.StepRequest{{Run: "talk", Ask: &protocol.Ask{}}, {Run: "talk", Tell: &protocol.Tell{Batch: 1, Losses: []float64{1}}}} {
		if err := stream.Send(r); err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	client.Kill()
	if !strings.Contains(log.String(), "asked\n") || !strings.Contains(log.String(), "talker.Tell") {
		t.Errorf("the log is %q, want what was printed, and where it panicked", &log)
	}
	if !client.Exited() || cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("when it was told to stop: %v, want exit status 0", cmd.ProcessState)
	}
	if err := memory.Close(); err != nil {
		t.Error(err)
	}
}
