package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// TestMain is also the plugins that the tests start, and a host: the first
// argument says which.
func TestMain(m *testing.M) {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "plugin":
		os.Args = append(os.Args[:1], os.Args[2:]...)
		plugins.Serve(faulty)
	case "builtins":
		os.Args = append(os.Args[:1], os.Args[2:]...)
		plugins.Serve(builtin.All()...)
	case "sleep":
		time.Sleep(time.Hour)
	case "say": // instead of a handshake
		fmt.Print(strings.ReplaceAll(strings.Join(os.Args[2:], ""), "SOCKETS", os.Getenv("PLUGIN_UNIX_SOCKET_DIR")))
		time.Sleep(time.Hour)
	case "noise":
		fmt.Print(strings.Repeat("x", 300<<10))
		time.Sleep(time.Hour)
	case "exit":
		fmt.Fprintln(os.Stderr, "no such module: \x1b[31mnumpy\x07")
		os.Exit(7)
	case "closed": // closes its standard output and stays
		closeOrDie(os.Stdout)
		time.Sleep(time.Hour)
	case "gigabyte":
		serveGigabyte()
	case "steps":
		serveSteps(os.Args[2:])
	case "socket":
		serveSocket(os.Args[2:])
	case "frames":
		answerFrames(os.Args[2:])
	case "host":
		runHost(os.Args[2:])
	default:
		os.Exit(m.Run())
	}
}

func closeOrDie(f *os.File) {
	if err := f.Close(); err != nil {
		panic(err)
	}
}

type faultConfig struct {
	Fault string `json:"fault" doc:"what Ask does"`
}

// faulty does one wrong thing when it is asked.
var faulty = optimizers.Define(optimizers.Definition{
	Name:    "faulty",
	Summary: "Does one wrong thing.",
}, faultConfig{Fault: "none"}, func(c faultConfig, p optimizers.Problem) (*faultyOptimizer, error) {
	return &faultyOptimizer{fault: c.Fault, p: p}, nil
})

type faultyOptimizer struct {
	fault string
	p     optimizers.Problem
	kept  [][]byte
}

func (o *faultyOptimizer) Ask() ([][]float64, error) {
	switch o.fault {
	case "panic":
		panic("oh no")
	case "crash":
		go func() {
			panic("oh no")
		}()
		time.Sleep(time.Hour)
	case "exit":
		fmt.Fprintln(os.Stderr, "that was all")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "spin":
		for i := 0; ; i++ {
			o.p.Seed += uint64(i)
		}
	case "leak":
		for {
			o.kept = append(o.kept, make([]byte, 8<<20)) // counts before it is written to
		}
	case "environment":
		return nil, fmt.Errorf("environment: %q", os.Environ())
	case "noise":
		if _, err := os.NewFile(1, "stdout").WriteString(strings.Repeat("x", 300<<10)); err != nil {
			return nil, err
		}
	case "litter":
		if _, err := os.CreateTemp("", "litter"); err != nil {
			return nil, err
		}
		return nil, os.Mkdir("locked", 0)
	default:
		if err := systemFault(o.fault); err != nil {
			return nil, err
		}
	}
	return [][]float64{o.p.Init}, nil
}

func (o *faultyOptimizer) Tell([]optimizers.Evaluation) error { return nil }

// startSleeper starts a process that sleeps and holds what it is given.
func startSleeper(set func(*exec.Cmd)) error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(path, "sleep")
	set(c)
	if err := c.Start(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stderr, "started", c.Process.Pid)
	return err
}

// answerFrames answers each line that it reads with the next of its arguments,
// and ends its output then.
func answerFrames(answers []string) {
	d := json.NewDecoder(os.Stdin)
	for _, a := range answers {
		var q struct{ Bytes int }
		if err := d.Decode(&q); err != nil {
			panic(err)
		}
		// What follows a line is zeros here, which are no JSON: skip them.
		rest := d.Buffered()
		if _, err := rest.Read(make([]byte, q.Bytes+1)); err != nil {
			panic(err)
		}
		d = json.NewDecoder(joined{rest, os.Stdin})
		fmt.Print(a)
	}
	closeOrDie(os.Stdout)
	time.Sleep(time.Hour)
}

// joined reads what is left of one, and then the other.
type joined struct{ a, b io.Reader }

func (j joined) Read(b []byte) (int, error) {
	if n, err := j.a.Read(b); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	return j.b.Read(b)
}

// runHost starts two plugins, says so, and never ends.
func runHost(args []string) {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	p, err := host.Start(context.Background(), host.Command{ID: "test", Transport: args[0], Path: path, Args: args[1:]}, 0)
	if err != nil {
		panic(err)
	}
	if err := initRun(context.Background(), p, "child with session", 2); err != nil {
		panic(err)
	}
	if _, err := ask(context.Background(), p); err != nil {
		panic(err)
	}
	// It would not notice by itself that its host is gone.
	if _, err := host.Start(context.Background(), host.Command{ID: "sleep", Transport: host.Frames, Path: path, Args: []string{"sleep"}}, 0); err != nil {
		panic(err)
	}
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

// initRun makes the run "1" of the optimizer faulty.
func initRun(ctx context.Context, p *host.Process, fault string, dim int) error {
	_, err := p.Conn().Init(ctx, &protocol.InitRequest{
		Run: "1", Optimizer: "faulty", Config: fmt.Sprintf(`{"fault":%q}`, fault), Dim: uint64(dim), Threads: 1,
		SharedHalf: uint64(len(p.Shared()) / 2),
		Init:       &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 8*dim)}},
	})
	return err
}

func ask(ctx context.Context, p *host.Process) (*protocol.StepResponse, error) {
	return p.Conn().Step(ctx, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
}

// serveGigabyte serves a plugin that answers a step with a message of 1 GiB,
// which takes it no more than 1 MiB.
func serveGigabyte() {
	serveOptimizer(gigabyteServer{}, grpc.ForceServerCodecV2(gigabyteCodec{encoding.GetCodecV2(proto.Name)}), grpc.MaxSendMsgSize(1<<31-1))
}

// serveSteps serves a plugin that makes any run and answers a step with its
// arguments, which are messages in JSON.
func serveSteps(answers []string) {
	var s stepServer
	for _, a := range answers {
		m := &protocol.StepResponse{}
		if err := protojson.Unmarshal([]byte(a), m); err != nil {
			panic(err)
		}
		s.answers = append(s.answers, m)
	}
	serveOptimizer(s)
}

func serveOptimizer(s protocol.OptimizerServer, options ...grpc.ServerOption) {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: protocol.Handshake,
		Plugins:         plugin.PluginSet{protocol.ServiceName: &protocol.GRPC{Service: s}},
		Logger:          hclog.NewNullLogger(),
		GRPCServer:      func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(append(o, options...)...) },
	})
}

type stepServer struct {
	protocol.UnimplementedOptimizerServer
	answers []*protocol.StepResponse
}

// serveSocket serves a plugin that answers a step by 42 over gRPC, and over the
// socket, each, with what the first of its arguments says.
func serveSocket(args []string) {
	s := socketServer{stepServer{answers: []*protocol.StepResponse{socketAnswer(42)}}, args[0]}
	serveOptimizer(s)
}

type socketServer struct {
	stepServer
	what string
}

// socketAnswer is a batch of one candidate with one weight.
func socketAnswer(weight float64) *protocol.StepResponse {
	return &protocol.StepResponse{Asked: &protocol.Asked{Batch: 1, Rows: &protocol.Rows{
		N: 1, Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, []float64{weight})},
	}}}
}

func (s socketServer) Describe(_ context.Context, r *protocol.DescribeRequest) (*protocol.DescribeResponse, error) {
	if s.what != "no feature" {
		go s.misbehave(os.NewFile(protocol.SocketFD, "socket"))
		return &protocol.DescribeResponse{Features: r.Features}, nil
	}
	return &protocol.DescribeResponse{}, nil
}

func (s socketServer) misbehave(f *os.File) {
	var sound bytes.Buffer
	if err := protocol.NewWire(&sound, 0).Send(socketAnswer(7)); err != nil {
		panic(err)
	}
	text := sound.String()
	answer := map[string]string{
		"sound": text, "twice": text + text, "long": "\x01\x00\x00\x04" + text, "lie": "\x00\x00\x00\x00",
	}[s.what]
	wire := protocol.NewWire(f, 1<<20)
	for {
		if err := wire.Recv(&protocol.StepRequest{}); err != nil {
			return
		}
		if s.what == "hang" {
			continue
		}
		if _, err := f.WriteString(answer); err != nil {
			panic(err)
		}
		if s.what == "nothing" {
			closeOrDie(f)
			return
		}
	}
}

func (stepServer) Init(context.Context, *protocol.InitRequest) (*protocol.InitResponse, error) {
	return &protocol.InitResponse{Shared: true}, nil
}

func (stepServer) Recommend(_ context.Context, r *protocol.RecommendRequest) (*protocol.RecommendResponse, error) {
	n := r.Shortlist + 2
	return &protocol.RecommendResponse{Rows: &protocol.Rows{N: n, Where: &protocol.Rows_Data{Data: make([]byte, 16*n)}}}, nil
}

// Diagnose of a run that is called misuse says what came of it.
func (s stepServer) Diagnose(ctx context.Context, r *protocol.DiagnoseRequest) (*protocol.DiagnoseResponse, error) {
	if r.Run != "misuse" {
		return s.UnimplementedOptimizerServer.Diagnose(ctx, r)
	}
	return &protocol.DiagnoseResponse{Figures: []*protocol.Figure{{Name: misuseShared()}}}, nil
}

func (stepServer) Finish(context.Context, *protocol.FinishRequest) (*protocol.FinishResponse, error) {
	return &protocol.FinishResponse{}, nil
}

func (stepServer) Checkpoint(_ *protocol.CheckpointRequest, s grpc.ServerStreamingServer[protocol.Chunk]) error {
	for {
		if err := s.Send(&protocol.Chunk{Data: make([]byte, 1<<10)}); err != nil {
			return err
		}
	}
}

func (s stepServer) Step(stream grpc.BidiStreamingServer[protocol.StepRequest, protocol.StepResponse]) error {
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for _, a := range s.answers {
			if err := stream.Send(a); err != nil {
				return err
			}
		}
	}
}

type gigabyte struct{}

type gigabyteCodec struct{ encoding.CodecV2 }

func (c gigabyteCodec) Marshal(v any) (mem.BufferSlice, error) {
	if _, ok := v.(gigabyte); !ok {
		return c.CodecV2.Marshal(v)
	}
	var all mem.BufferSlice
	piece := mem.SliceBuffer(make([]byte, 1<<20))
	for range 1 << 10 {
		all = append(all, piece)
	}
	return all, nil
}

type gigabyteServer struct {
	protocol.UnimplementedOptimizerServer
}

func (gigabyteServer) Init(context.Context, *protocol.InitRequest) (*protocol.InitResponse, error) {
	return &protocol.InitResponse{}, nil
}

func (gigabyteServer) Step(s grpc.BidiStreamingServer[protocol.StepRequest, protocol.StepResponse]) error {
	if _, err := s.Recv(); err != nil {
		return err
	}
	return s.SendMsg(gigabyte{})
}

// tempDir is what it was before a test has set another.
var tempDir = os.TempDir()

// A place is a folder for temporary files that is a test's own, and marks what
// the test's plugins start.
type place string

func newPlace(t *testing.T) place {
	t.Helper()
	// Not t.TempDir, whose path is too long for a socket.
	dir, err := os.MkdirTemp(tempDir, "host")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("TMPDIR", dir)
	return place(dir)
}

// clean fails the test if anything is left of its plugins.
func (dir place) clean(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(string(dir), "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left in the folder for temporary files: %q, want nothing", left)
	}
	if ids := dir.processes(t); len(ids) > 0 {
		t.Errorf("processes %v are left, want none", ids)
	}
}

// command is a plugin of this program.
func command(t *testing.T, transport string, args ...string) host.Command {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if transport == host.Frames && args[0] == "plugin" {
		args = append(args, "--frames")
	}
	return host.Command{ID: "test", Version: "1.2.3", Transport: transport, Path: path, Args: args}
}

func start(t *testing.T, c host.Command, shared int64) *host.Process {
	t.Helper()
	p, err := host.Start(t.Context(), c, shared)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(0); err != nil {
			t.Error(err)
		}
	})
	return p
}
