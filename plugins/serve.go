package plugins

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// Serve runs a plugin with these optimizers; it is all that its main needs. It
// serves the joust that has started the process until that one is done or gone,
// over gRPC, or over stdin and stdout where the first argument is --frames. What
// the program prints to standard output goes to the log instead.
//
// Definitions that cannot be served are reported on standard error, and so is
// that the program was started by hand; then it exits with status 1.
func Serve(defs ...optimizers.Definition) {
	os.Exit(serve(os.Args[1:], defs))
}

func serve(args []string, defs []optimizers.Definition) (status int) {
	s := NewServer(defs...)
	stderr := os.Stderr // go-plugin gives the variable another value
	// Where the log cannot be written, there is nowhere to say so.
	s.fault = func(stack []byte) { _, _ = stderr.Write(stack) }
	fail := func(err error) int {
		_, _ = fmt.Fprintf(stderr, "plugin: %v\n", err)
		return 1
	}
	if _, err := s.describe(); err != nil {
		return fail(err)
	}
	switch {
	case len(args) > 0 && args[0] == "--frames":
		frames := os.Stdout
		os.Stdout = os.Stderr
		s.watchParent(func() {})
		if err := s.ServeFrames(os.Stdin, frames); err != nil {
			return fail(err)
		}
	case os.Getenv(protocol.Handshake.MagicCookieKey) == protocol.Handshake.MagicCookieValue:
		s.shared.open = openShared
		if socket := openSocket(); socket != nil {
			s.offerSocket(socket, func(err error) { _, _ = fmt.Fprintf(stderr, "plugin: steps: %v\n", err) })
		}
		s.serveGRPC(stderr)
	default:
		return fail(fmt.Errorf("this program is a plugin of joust, with %s: joust starts it, once it was installed with `joust plugin install`", names(defs)))
	}
	if err := s.Close(); err != nil {
		return fail(err)
	}
	return 0
}

// serveGRPC returns when the host has said that it is done, or is gone.
//
// go-plugin has a stream for what is printed, which nobody hears who wants to
// know why the process has ended. From the first call on, which is when go-plugin
// has set it up, what is printed goes to standard error itself.
func (s *Server) serveGRPC(stderr *os.File) {
	stdout := os.Stdout
	defer runtime.KeepAlive(stdout) // or the garbage collector closes it, and its number is another file's
	direct := sync.OnceFunc(func() { os.Stdout, os.Stderr = stderr, stderr })
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: protocol.Handshake,
		// A host of the next version serves plugins of this one, so that one
		// entry is enough until there is a second version.
		VersionedPlugins: map[int]plugin.PluginSet{
			protocol.Major: {protocol.ServiceName: &protocol.GRPC{Service: s.GRPC()}},
		},
		Logger: hclog.New(&hclog.LoggerOptions{Name: "plugin", Level: hclog.Warn, Output: stderr, JSONFormat: true}),
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			options = append(options,
				grpc.ChainUnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
					direct()
					return handle(ctx, r)
				}),
				grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
					direct()
					return handle(srv, stream)
				}))
			server := grpc.NewServer(append(options, s.GRPCOptions()...)...)
			s.watchParent(server.Stop)
			return server
		},
	})
}

func names(defs []optimizers.Definition) string {
	all := make([]string, len(defs))
	for i, d := range defs {
		all[i] = d.Name
	}
	return strings.Join(all, ", ")
}
