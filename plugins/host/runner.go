package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	gorunner "github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/joust-bench/joust/plugins/protocol"
)

// startGRPC starts the process by way of go-plugin and connects to it.
func (p *Process) startGRPC(ctx context.Context) error {
	tls, cert, err := clientCert()
	if err != nil {
		return fmt.Errorf("%s: %w", p.cmd.name(), err)
	}
	r := &runner{p: p, cert: cert}
	deadline, _ := ctx.Deadline()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  protocol.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{protocol.Major: {protocol.ServiceName: &protocol.GRPC{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		RunnerFunc:       r.make,
		SkipHostEnv:      true,
		TLSConfig:        tls,
		StartTimeout:     max(time.Until(deadline), 0) + time.Second, // the context comes first
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       &p.log,
		SyncStderr:       &p.log,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.folder.path},
		GRPCDialOptions:  []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage))},
	})
	connected := make(chan error, 1)
	go func() {
		rpc, err := client.Client()
		if err == nil {
			var service any
			service, err = rpc.Dispense(protocol.ServiceName)
			c, _ := service.(protocol.OptimizerClient)
			p.connect(&grpcConn{p: p, rpc: rpc, client: c})
		}
		connected <- err
	}()
	select {
	case err = <-connected:
	case <-ctx.Done():
		p.kill("was killed: it did not say in time that it was there")
		err = <-connected // go-plugin sees that the process is dead
	}
	if err == nil && ctx.Err() == nil {
		return nil
	}
	return p.notStarted(ctx, r, err)
}

// notStarted kills a plugin that is not connected and says why it is not.
func (p *Process) notStarted(ctx context.Context, r *runner, err error) error {
	if p.child == nil {
		return err // launch's
	}
	wrong := r.wrong.Load()
	if ctx.Err() == nil && (wrong == nil || wrong.ended) {
		// A plugin that dies ends its output first.
		select {
		case <-p.died:
			return fmt.Errorf("before it said that it was there: %w", p.cause)
		case <-time.After(dying):
		case <-ctx.Done():
		}
	}
	stopped := p.stop(0)
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("did not say in time that it was there: %w", context.Cause(ctx))
	case wrong != nil:
		err = wrong.err
	default:
		err = errors.New(harmless(err.Error(), 300))
	}
	return errors.Join(fmt.Errorf("%s: %w%s", p.cmd.name(), err, p.logged()), stopped)
}

// A runner is the process as go-plugin wants it. Go-plugin sees nothing of it
// but one line that has been checked, and its end.
type runner struct {
	p     *Process
	cert  string
	added []string
	out   *io.PipeReader // the line
	in    *io.PipeWriter
	wrong atomic.Pointer[wrongLine]
}

// A wrongLine says what was wrong with the handshake.
type wrongLine struct {
	err   error
	ended bool // there was none, as the output ended
}

// make takes from spec what go-plugin wants the plugin to have in its
// environment. Its folder for the socket has a name that is too long on some
// systems.
func (r *runner) make(_ hclog.Logger, spec *exec.Cmd, _ string) (gorunner.Runner, error) {
	const socketDir = "PLUGIN_UNIX_SOCKET_DIR="
	for _, e := range spec.Env {
		if !strings.HasPrefix(e, socketDir) {
			r.added = append(r.added, e)
		}
	}
	r.added = append(r.added, socketDir+r.p.folder.socket(), "PLUGIN_CLIENT_CERT="+r.cert)
	r.out, r.in = io.Pipe()
	return r, nil
}

// Start starts the process and reads its standard output: one line for
// go-plugin, if it is as it should be; what follows is thrown away.
func (r *runner) Start(context.Context) error {
	if err := r.p.launch(r.added, false); err != nil {
		return err
	}
	stdout := r.p.child.stdout
	r.p.reading.Go(func() {
		line, rest, err := firstLine(stdout)
		wrong := &wrongLine{err: err, ended: errors.Is(err, errNoLine)}
		if err == nil {
			wrong.err = checkHandshake(string(line), r.p.folder.socket())
		}
		if wrong.err != nil {
			r.wrong.Store(wrong)
			_ = r.in.CloseWithError(wrong.err) // never fails
		} else {
			_, _ = r.in.Write(line) // go-plugin reads on even if it has given up
			_ = r.in.Close()
		}
		r.p.noise.Add(int64(len(rest)))
		_, _ = io.Copy(counter{&r.p.noise}, stdout) // ends with the process
	})
	return nil
}

// A counter throws away what is written to it.
type counter struct{ *atomic.Int64 }

func (c counter) Write(b []byte) (int, error) {
	c.Add(int64(len(b)))
	return len(b), nil
}

func (r *runner) Wait(context.Context) error {
	<-r.p.child.exited
	return nil
}

// Kill does nothing: who has called Start of go-plugin's client kills the
// process, when it is known whether it dies by itself.
func (r *runner) Kill(context.Context) error { return nil }

func (r *runner) Stdout() io.ReadCloser           { return r.out }
func (r *runner) Stderr() io.ReadCloser           { return io.NopCloser(strings.NewReader("")) } // it is the log's
func (r *runner) Name() string                    { return r.p.cmd.ID }
func (r *runner) ID() string                      { return strconv.Itoa(r.p.child.id()) }
func (r *runner) Diagnose(context.Context) string { return "" }

// PluginToHost returns the address as it is: it was checked in the handshake.
func (r *runner) PluginToHost(network, addr string) (string, string, error) {
	return network, addr, nil
}

// HostToPlugin returns the address as it is.
func (r *runner) HostToPlugin(network, addr string) (string, string, error) {
	return network, addr, nil
}
