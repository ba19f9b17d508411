package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A Plugin is a plugin under test, with the processes that its checks share.
type Plugin struct {
	command host.Command
	names   []string
	// hosted is the plugin as a host uses it, started when it is first of use.
	hosted func() (*host.Plugin, error)

	mu            sync.Mutex
	first, second *host.Process // nil: not started
	opened        *host.Plugin  // by hosted
}

// Open starts a plugin to be checked. The end of ctx is that of its processes. An error is of one that does not start or
// describes nothing: what else is wrong with it the checks say.
func Open(ctx context.Context, c host.Command, o host.Options) (*Plugin, error) {
	p := &Plugin{command: c}
	p.hosted = sync.OnceValues(func() (*host.Plugin, error) {
		h, err := host.Open(ctx, c, o)
		if err == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.opened = h
		}
		return h, err
	})
	first, err := p.running(ctx, &p.first, 0)
	if err != nil {
		return nil, err
	}
	d, err := first.Conn().Describe(ctx, &protocol.DescribeRequest{Host: o.Host, Minor: protocol.Minor})
	if err == nil && len(d.GetOptimizers()) == 0 {
		err = fmt.Errorf("plugin %s describes no optimizers, want at least one", c.ID)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	for _, o := range d.GetOptimizers() {
		p.names = append(p.names, o.GetName())
	}
	return p, nil
}

// Subjects are its optimizers, to be checked one after another.
func (p *Plugin) Subjects() []Subject {
	subjects := make([]Subject, len(p.names))
	for i, name := range p.names {
		subjects[i] = &subject{p, name}
	}
	return subjects
}

// Close ends the processes.
func (p *Plugin) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, process := range []*host.Process{p.first, p.second} {
		if process != nil {
			errs = append(errs, process.Stop(2*time.Second))
		}
	}
	if p.opened != nil {
		errs = append(errs, p.opened.Close())
	}
	return errors.Join(errs...)
}

// running is a process that answers: the one there is, or else another in its
// place.
func (p *Plugin) running(ctx context.Context, at **host.Process, shared int64) (*host.Process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at != nil {
		if alive(ctx, *at) {
			return *at, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		(*at).Kill()
		if err := (*at).Stop(0); err != nil {
			return nil, err
		}
		*at = nil
	}
	process, err := host.Start(ctx, p.command, shared)
	if err != nil {
		return nil, err
	}
	*at = process
	return process, nil
}

func alive(ctx context.Context, p *host.Process) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := p.Conn().Describe(ctx, &protocol.DescribeRequest{Minor: protocol.Minor})
	var refusal *protocol.Error
	return err == nil || errors.As(err, &refusal)
}

// subject is one optimizer of a plugin in processes.
type subject struct {
	plugin *Plugin
	name   string
}

func (s *subject) Optimizer() string { return s.name }

func (s *subject) Conn(ctx context.Context) (protocol.Conn, error) {
	process, err := s.plugin.running(ctx, &s.plugin.first, 0)
	if err != nil {
		return nil, err
	}
	return process.Conn(), nil
}

func (s *subject) Second(ctx context.Context) (Process, error) {
	process, err := s.plugin.running(ctx, &s.plugin.second, SharedSize)
	if err != nil {
		return nil, err // and not a nil of another type
	}
	return watched{process}, nil
}

func (s *subject) Definition() (optimizers.Definition, error) {
	h, err := s.plugin.hosted()
	if err != nil {
		return optimizers.Definition{}, err
	}
	for _, d := range h.Definitions() {
		if d.Name == s.name {
			return d, nil
		}
	}
	return optimizers.Definition{}, fmt.Errorf("%s is described at one time and not at another", s.name)
}

// watched is a process that the operating system is asked about.
type watched struct {
	*host.Process
}

func (w watched) Conn() protocol.Conn { return w.Process.Conn() }

func (w watched) Facts() (Facts, error) {
	f, err := factsOf(w.ID())
	f.Noise = w.Noise()
	return f, err
}
