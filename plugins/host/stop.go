package host

import (
	"errors"
	"fmt"
	"time"
)

// Kill kills the process and what it started. It does not wait; see Died.
func (p *Process) Kill() { p.kill("was killed by joust") }

func (p *Process) kill(why string) {
	p.mu.Lock()
	if p.why == "" {
		p.why = why
	}
	c := p.child
	p.mu.Unlock()
	if c != nil {
		c.kill()
	}
}

// buried is how long a process that was killed may take to die: longer only if
// the system does not let it.
const buried = 5 * time.Second

// Stop asks the plugin to end, kills it and what it started when it has not
// within grace, and unmaps the shared memory: nothing may refer to Shared any
// more. It returns when nothing is left, at the latest some seconds after
// grace. The error is that the plugin did not end when asked, or could not be
// killed or cleared away; it is nil if the process was dead already.
func (p *Process) Stop(grace time.Duration) error {
	err := p.stop(grace)
	p.once.Do(func() { err = errors.Join(err, p.shared.close(), p.socket.close()) })
	return err
}

func (p *Process) stop(grace time.Duration) error {
	select {
	case <-p.died:
		return nil
	default:
	}
	var err error
	if c := p.connection(); c != nil && grace > 0 {
		p.mu.Lock()
		p.stopped = true
		p.mu.Unlock()
		go c.leave()
		select {
		case <-p.died:
			return nil
		case <-time.After(grace):
			err = fmt.Errorf("%s did not end within %v of being asked to: killed", p.cmd.name(), grace)
		}
		p.kill(fmt.Sprintf("was killed: it did not end within %v of being asked to", grace))
	} else {
		p.Kill()
	}
	select {
	case <-p.died:
		return err
	case <-time.After(buried):
		return errors.Join(err, fmt.Errorf("%s does not die: process %d", p.cmd.name(), p.child.id()))
	}
}
