package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/joust-bench/joust/plugins/protocol"
)

// An instance is what is needed of a [Process].
type instance interface {
	Conn() protocol.Conn
	// Shared is mapped until Stop, also if the process has died.
	Shared() []byte
	Stop(grace time.Duration) error
	Kill()
	Died() <-chan struct{}
	Cause() error
}

// A worker is a process that serves one run at a time.
type worker struct {
	instance
	ctx    context.Context // ends with the process, or with the plugin
	cancel context.CancelCauseFunc
	half   int // bytes of shared memory for either side
	stop   func() error
	watch  func(limit time.Duration, expire func()) (off func())
}

var (
	errDied   = errors.New("the process has ended")
	errClosed = errors.New("the plugin was closed")
)

const (
	leastHalf = 4 << 20 // bytes of shared memory for either side
	mostHalf  = 1 << 30
	// Candidates that have room, within these limits: of populations of 256 a
	// plugin may have two where both sides see them, and room to copy a third.
	rowsHalf = 768
)

// halfFor is how much shared memory a run of the dimension wants for either side.
// What is never written to takes no memory.
func halfFor(dim int) int {
	size := 8 * min(dim, mostHalf/8) * rowsHalf
	size = max(leastHalf, min(size, mostHalf))
	return 1 << bits.Len(uint(size-1))
}

// start starts a process and looks at what it says of itself.
func (p *Plugin) start(half int) (*worker, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, context.Cause(p.ctx)
	}
	proc, err := p.launch(p.ctx, 2*int64(half))
	if err != nil {
		return nil, err
	}
	w := &worker{instance: proc, half: len(proc.Shared()) / 2 &^ 7, watch: p.watch}
	w.ctx, w.cancel = context.WithCancelCause(p.ctx)
	w.stop = sync.OnceValue(func() error {
		defer w.cancel(errDied)
		return w.Stop(p.options.Grace)
	})
	go func() {
		select {
		case <-w.Died():
			w.cancel(errDied)
		case <-w.ctx.Done():
			w.Kill()
		}
	}()
	if err := p.describe(w); err != nil {
		w.Kill()
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

// describe asks a process what it serves, which is what the first one said.
func (p *Plugin) describe(w *worker) error {
	var d *protocol.DescribeResponse
	err := w.within(p.options.Setup, func(ctx context.Context) (err error) {
		d, err = w.Conn().Describe(ctx, &protocol.DescribeRequest{Host: p.options.Host, Minor: protocol.Minor})
		if err == nil && d == nil {
			err = lief("answers nothing")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("describe: %w", w.explain(refuse(err)))
	}
	if p.described == nil {
		p.described = proto.CloneOf(d)
		return nil
	}
	if !proto.Equal(d, p.described) {
		return errors.New("describe: the process describes itself otherwise than the one before, want the same plugin each time")
	}
	return nil
}

// acquire returns a process for one run: an idle one, or a new one.
func (p *Plugin) acquire(dim int) (*worker, error) {
	half := 0
	if p.shares {
		half = halfFor(dim)
	}
	for {
		w, err := p.take(half)
		if err != nil {
			return nil, err
		}
		if w == nil {
			if w, err = p.start(half); err == nil {
				err = p.enter(w)
			}
			if err != nil {
				p.leave(nil)
				return nil, err
			}
			return w, nil
		}
		select {
		case <-w.Died(): // while it was idle
			p.leave(w)
			if err := w.stop(); err != nil {
				return nil, err
			}
		default:
			return w, nil
		}
	}
}

// take returns an idle process with enough shared memory, or nothing; one more is
// in use then.
func (p *Plugin) take(half int) (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	p.used++
	p.most = max(p.most, p.used)
	for i, w := range p.idle { // from the smallest
		// A system without shared memory has none whatever is asked for.
		if w.half >= half || w.half == 0 {
			p.idle = slices.Delete(p.idle, i, i+1)
			p.busy[w] = true
			return w, nil
		}
	}
	return nil, nil
}

// enter lists a new process that is in use.
func (p *Plugin) enter(w *worker) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.busy[w] = true
		return nil
	}
	w.Kill()
	return errors.Join(errClosed, w.stop())
}

// leave takes a process off the list of those in use.
func (p *Plugin) leave(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	delete(p.busy, w)
}

// release gives a process back whose run is finished. As many are kept as were
// in use at a time, and those with the most shared memory, which serve any run.
func (p *Plugin) release(w *worker) error {
	p.mu.Lock()
	p.used--
	delete(p.busy, w)
	surplus := w
	if !p.closed {
		p.idle = append(p.idle, w)
		slices.SortStableFunc(p.idle, func(a, b *worker) int { return cmp.Compare(a.half, b.half) })
		surplus = nil
		if len(p.idle)+p.used > p.most {
			surplus = p.idle[0]
			p.idle = slices.Delete(p.idle, 0, 1)
		}
	}
	p.mu.Unlock()
	if surplus == nil {
		return nil
	}
	return surplus.stop()
}

// discard ends a process in use.
func (p *Plugin) discard(w *worker) error {
	w.Kill()
	p.leave(w)
	return w.stop()
}

// explain is an error of a call with what became of the process, which is killed
// if it has not died. It may take a moment.
func (w *worker) explain(err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	if f.silent == 0 && w.ended(time.Second) {
		if cause := w.Cause(); cause != nil {
			return cause // the transport's error says less
		}
	}
	w.Kill()
	if f.silent == 0 {
		return errors.New(harmless(f.err.Error(), messageBytes))
	}
	silent := fmt.Errorf("no answer for %v", f.silent)
	if w.ended(time.Second) && w.Cause() != nil {
		return fmt.Errorf("%w, so that it was killed: %w", silent, w.Cause())
	}
	return silent
}

// ended waits for the end of the process.
func (w *worker) ended(wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-w.Died():
		return true
	case <-t.C:
		return false
	}
}
