package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/joust-bench/joust/plugins/protocol"
)

const (
	maxHeader = 1 << 20 // bytes of the line of a frame, with its end
	bodyStep  = 1 << 20 // bytes that are made room for before they have come
)

// A frameConn calls a plugin in frames over its stdin and stdout, one call at a
// time. A call that is given up, and an answer that is not one, are its end: it
// would not be known where the next answer starts.
type frameConn struct {
	p    *Process
	in   *bufio.Reader // the plugin's stdout
	out  io.Writer     // its stdin
	stop func(time.Time)
	turn chan struct{} // has room for the one that makes a call
	err  error         // what ended it; guarded by turn
	runs
}

// startFrames starts the process. That it talks frames, and in which version,
// it says when it is asked to describe itself.
func (p *Process) startFrames() error {
	if err := p.launch(nil, true); err != nil {
		return err
	}
	in, out := p.child.stdout, p.child.stdin
	c := newFrameConn(p, in, out)
	// That a pipe has been closed already, which alone goes wrong here, is as good.
	c.stop = func(at time.Time) {
		_ = in.SetReadDeadline(at)
		_ = out.SetWriteDeadline(at)
	}
	p.connect(c)
	return nil
}

func newFrameConn(p *Process, in io.Reader, out io.Writer) *frameConn {
	return &frameConn{p: p, in: bufio.NewReaderSize(in, 64<<10), out: out, stop: func(time.Time) {}, turn: make(chan struct{}, 1)}
}

// leave ends the plugin's stdin, which tells it to end.
func (c *frameConn) leave() { _ = c.p.child.stdin.Close() }

// hangUp lets a call that is reading read what is left in the pipe, and then
// closes both.
func (c *frameConn) hangUp() {
	c.stop(time.Now().Add(drain))
	c.turn <- struct{}{}
	_ = c.p.child.closePipes() // again in the end, with its error
	<-c.turn
}

// call sends a request with body after it and returns the answer, with what
// came after it in *rows, whose room it uses. Check sees the line before
// anything of what follows is read. An error is what the plugin refused, with
// the answer, or of the transport.
func (c *frameConn) call(ctx context.Context, q *protocol.FrameRequest, rows *[]byte, check func(*protocol.FrameAnswer) error, body ...[]byte) (*protocol.FrameAnswer, error) {
	for _, b := range body {
		q.Bytes += uint64(len(b))
	}
	line, err := json.Marshal(q)
	if err == nil && len(line) >= maxHeader {
		err = fmt.Errorf("a request of %d bytes, want less than %d", len(line), maxHeader)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", c.p.cmd.name(), q.Op, err) // nothing was sent
	}
	if ctx.Err() != nil {
		return nil, c.p.broken(ctx, q.Op, "")
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, c.p.broken(ctx, q.Op, "")
	}
	err = c.err
	var a *protocol.FrameAnswer
	if err == nil {
		a, err = c.exchange(ctx, q.Op, append(line, '\n'), body, rows, check)
		if c.err = err; err != nil && ctx.Err() != nil {
			c.err = badAnswer{errors.New("a call before was given up, and its answer may still come")}
		}
	}
	<-c.turn
	var bad badAnswer
	switch {
	case errors.As(err, &bad):
		return nil, c.p.wrong(q.Op, err)
	case err != nil:
		return nil, c.p.broken(ctx, q.Op, err.Error())
	case a.Error != nil:
		return a, refused(protocol.KindNamed(a.Error.Kind), a.Error.Message)
	}
	return a, nil
}

// exchange writes a request and reads its answer. Its error ends the connection:
// a badAnswer, or that the pipes are at an end.
func (c *frameConn) exchange(ctx context.Context, op string, line []byte, body [][]byte, rows *[]byte, check func(*protocol.FrameAnswer) error) (_ *protocol.FrameAnswer, err error) {
	if n := c.in.Buffered(); n > 0 {
		return nil, badAnswer{fmt.Errorf("had written %d bytes that nobody asked for before", n)}
	}
	// The end of the context ends what is being read and written.
	stop := context.AfterFunc(ctx, func() { c.stop(time.Unix(1, 0)) })
	defer func() {
		if !stop() && err == nil {
			err = context.Cause(ctx) // the pipes are, or will be, of no more use
		}
	}()
	for _, b := range append([][]byte{line}, body...) {
		if len(b) == 0 {
			continue
		}
		if _, err := c.out.Write(b); err != nil {
			return nil, ended("does not read its standard input", err)
		}
	}
	head, err := c.header()
	if err != nil {
		return nil, err
	}
	a, err := readAnswer(op, head)
	if err != nil {
		return nil, badAnswer{err}
	}
	if a.Error == nil && check != nil {
		if err := check(a); err != nil {
			return nil, badAnswer{err}
		}
	}
	if a.Bytes == 0 {
		return a, nil
	}
	if rows == nil {
		rows = new([]byte)
	}
	return a, c.body(a.Bytes, rows)
}

// header reads the line of an answer.
func (c *frameConn) header() ([]byte, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		if len(line)+len(part) > maxHeader {
			return nil, badAnswer{fmt.Errorf("answered with a line of more than %d bytes: %s", maxHeader, quoted(string(append(line, part[:min(len(part), 100)]...)), 60))}
		}
		switch {
		case err == nil && line == nil:
			return part, nil
		case err == nil:
			return append(line, part...), nil
		case errors.Is(err, bufio.ErrBufferFull):
			line = append(line, part...)
		case len(line)+len(part) == 0:
			return nil, ended("ended its standard output without an answer", err)
		default:
			return nil, ended(fmt.Sprintf("ended its standard output in the middle of an answer, %s", quoted(string(append(line, part...)), 100)), err)
		}
	}
}

// body reads n bytes into *rows. It makes room as they come, not as they were
// promised.
func (c *frameConn) body(n int64, rows *[]byte) error {
	b := (*rows)[:0]
	for int64(len(b)) < n {
		have := len(b)
		more := int(min(n-int64(have), int64(max(bodyStep, have, cap(b)-have))))
		b = slices.Grow(b, more)[:have+more]
		got, err := io.ReadFull(c.in, b[have:])
		if err != nil {
			return ended(fmt.Sprintf("ended its standard output after %d of %d bytes", have+got, n), err)
		}
	}
	*rows = b
	return nil
}

// ended is that a pipe is at its end, with the reason where it is not just that.
func ended(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.New(what)
	}
	return fmt.Errorf("%s: %w", what, err)
}
