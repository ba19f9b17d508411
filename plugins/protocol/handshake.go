package protocol

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Major is the version of the protocol; Minor counts what was added to it.
const (
	Major = 1
	Minor = 0
)

// Handshake is what host and plugin must agree on before they talk. The cookie
// is no secret: it tells a plugin that it was not started by hand.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  Major,
	MagicCookieKey:   "JOUST_PLUGIN",
	MagicCookieValue: "optimizer",
}

// ServiceName is the name that the service is dispensed under.
const ServiceName = "optimizer"

// GRPC is the service as go-plugin wants it, on both sides.
type GRPC struct {
	plugin.NetRPCUnsupportedPlugin
	Service OptimizerServer // nil on the host's side
}

// GRPCServer registers the plugin's server.
func (g *GRPC) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	if g.Service == nil {
		return errors.New("a host serves no optimizers")
	}
	RegisterOptimizerServer(s, g.Service)
	return nil
}

// GRPCClient returns an [OptimizerClient].
func (g *GRPC) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return NewOptimizerClient(c), nil
}
