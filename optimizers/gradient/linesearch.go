package gradient

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// A compass is what two methods with a line search differ in: where the next
// line leads.
type compass interface {
	// turn replaces d, the direction of the last line, by that of the next. The
	// line led from x, with gradient g, to x2, with gradient g2. What is no
	// descent is ignored, and the method begins anew.
	turn(d, x, g, x2, g2 []float64)
	// reset forgets all lines.
	reset()
	// natural reports that a step of 1 is a good first guess. Otherwise it is one
	// that promises the same decrease as the last.
	natural() bool
	state() []any
}

// giveUp is the number of evaluations after which a line is left for the
// steepest one, as in L-BFGS-B.
const giveUp = 20

// A lineSearch goes from line to line, with one evaluation for each Ask.
type lineSearch struct {
	name    string // of the checkpoint
	v       *linear
	wolfe   wolfe
	compass compass
	search  moreThuente

	x, g  []float64 // where the line starts, and the gradient there
	d     []float64 // where it leads
	at    []float64 // what is asked about
	loss  float64   // at x
	begun bool      // the start is evaluated
	fresh bool      // the line is the steepest
	done  bool      // converged
	over  bool      // diverged
	rows  [][]float64
}

func newLineSearch(name string, w wolfe, c compass, v *linear) *lineSearch {
	n := len(v.p.Init)
	l := &lineSearch{
		name: name, v: v, wolfe: w, compass: c,
		x: slices.Clone(v.p.Init), at: slices.Clone(v.p.Init), g: make([]float64, n), d: make([]float64, n),
	}
	l.rows = [][]float64{l.at}
	return l
}

func (l *lineSearch) Ask() ([][]float64, error) {
	switch {
	case l.over:
		return nil, optimizers.ErrDiverged
	case l.done:
		return nil, nil
	}
	return l.rows, nil
}

func (l *lineSearch) Tell(evals []optimizers.Evaluation) error {
	if l.done {
		return nil // nothing was asked
	}
	loss, g := evals[0].Loss, evals[0].Grad
	inRange := !math.IsInf(loss, 1) && !math.IsNaN(loss)
	switch {
	case inRange && !finite(g), !l.begun && !finite(g):
		l.over = true
	case !l.begun:
		l.begun = true
		l.loss = loss
		copy(l.g, g)
		l.steepest()
	default:
		known := searching
		if inRange {
			known = l.search.next(l.wolfe, loss, l.v.dot(g, l.d))
		} else {
			l.search.shorten()
		}
		switch {
		case known == accepted:
			l.arrive(loss, g)
		case known == stalled || l.search.Evaluation >= giveUp:
			l.leave(loss, g)
		default:
			l.step()
		}
	}
	if l.over {
		return optimizers.ErrDiverged
	}
	return nil
}

// arrive makes the point that was asked about the start of the next line.
func (l *lineSearch) arrive(loss float64, g []float64) {
	decrease := l.search.Step * l.search.Slope
	l.compass.turn(l.d, l.x, l.g, l.at, g)
	l.move(loss, g)
	slope := l.v.dot(l.g, l.d)
	if !(slope < 0) || math.IsInf(slope, -1) {
		l.steepest()
		return
	}
	first := 1.0
	if !l.compass.natural() {
		first = decrease / slope // Nocedal & Wright 2006, section 3.5
	}
	if !(first > 0) || math.IsInf(first, 1) {
		l.steepest()
		return
	}
	l.fresh = false
	l.search.begin(l.loss, slope, first)
	l.step()
}

// leave gives up the line, from the better of its start and the point that was
// asked about. If it was the steepest and is no better, that was all.
func (l *lineSearch) leave(loss float64, g []float64) {
	if better := loss < l.loss && finite(g); better {
		l.move(loss, g)
	} else if l.fresh {
		l.done = true
		return
	}
	l.steepest()
}

func (l *lineSearch) move(loss float64, g []float64) {
	copy(l.x, l.at)
	copy(l.g, g)
	l.loss = loss
}

// steepest starts a line against the gradient, with a step of length 1. Divided
// by its largest component, the gradient has a square that is in range.
func (l *lineSearch) steepest() {
	l.compass.reset()
	most := largest(l.g)
	if most == 0 {
		l.done = true
		return
	}
	for i, g := range l.g {
		l.d[i] = -g / most
	}
	slope := l.v.dot(l.g, l.d)
	if math.IsInf(slope, -1) {
		l.over = true
		return
	}
	l.fresh = true
	l.search.begin(l.loss, slope, 1/math.Sqrt(l.v.dot(l.d, l.d)))
	l.step()
}

// step writes the point to ask about, shorter if that is out of range. Where
// it is no other point than the start, the line ends.
func (l *lineSearch) step() {
	for {
		l.v.sum(l.at, l.x, l.search.Step, l.d)
		if finite(l.at) {
			break
		}
		l.search.shorten()
	}
	switch {
	case !slices.Equal(l.at, l.x):
	case l.fresh:
		l.done = true
	default:
		l.steepest()
	}
}

func (l *lineSearch) Recommend() []float64 { return l.x }

// Diagnostics reports the step along the line, in parts of its direction.
func (l *lineSearch) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("step", l.search.Step) }
}

func (l *lineSearch) state() []any {
	return append([]any{&l.search, &l.loss, &l.begun, &l.fresh, &l.done, l.x, l.g, l.d, l.at}, l.compass.state()...)
}

func (l *lineSearch) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState(l.name, l.state()...)
}

func (l *lineSearch) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState(l.name, data, l.state()...)
}
