package host_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// TestMain is also the plugins that the tests start: the first argument says
// which.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "plugin":
			os.Args = append(os.Args[:1], os.Args[2:]...)
			plugins.Serve(builtin.All()...)
		}
	}
	os.Exit(m.Run())
}

func start(t *testing.T, transport string, shared int64, args ...string) *host.Process {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := host.Start(t.Context(), host.Command{ID: "test", Version: "1.2.3", Transport: transport, Path: path, Args: args}, shared)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestServed(t *testing.T) {
	t0 := time.Now()
	p := start(t, host.GRPC, 1<<20, "plugin")
	t.Log(time.Since(t0))
	d, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{Host: "joust test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(d.Optimizers), d.Runtime, time.Since(t0))
	t0 = time.Now()
	if err := p.Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(t0), p.Cause())
	_ = context.Background
}
