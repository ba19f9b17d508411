package host

func (p *Process) startFrames() error { return nil }
