package gradient

import "math"

// A moreThuente is the search along a line for a step that meets the strong
// Wolfe conditions,
//
//	f(step) <= f(0) + decrease step f'(0)   and   |f'(step)| <= curvature |f'(0)|
//
// by Moré & Thuente 1994, doi:10.1145/192115.192132, section numbers of which
// are below. It holds an interval of uncertainty with the ends x, at which the
// loss is the lowest so far, and y; until there is such an interval, it
// extrapolates. Constants that the paper leaves open are those of MINPACK-2.
//
// It is all numbers, so that a checkpoint can be taken in mid-search.
type moreThuente struct {
	Step       float64 // to evaluate next
	F, Slope   float64 // at 0
	X, FX, DX  float64 // the best step, and the loss and slope there
	Y, FY, DY  float64 // the other end of the interval
	Low, High  float64 // bounds of the next step
	Width      float64 // of the interval
	WidthOnce  float64 // that two steps ago
	Bracketed  bool    // there is an interval
	Second     bool    // of the paper's stages: a step with enough decrease and a slope upwards was seen
	Evaluation uint64  // steps evaluated
}

// A verdict is what is known of a step after its evaluation.
type verdict int

const (
	searching verdict = iota // evaluate the new step
	accepted                 // the step meets the conditions
	stalled                  // no further progress: the step, as a rule, is the best there was
)

// wolfe are the constants of the conditions, and when to give up.
type wolfe struct {
	decrease, curvature float64
	tolerance           float64 // relative width of an interval that is too small
}

// The longest step, and how far the next may go beyond the last while there is
// no interval.
const (
	longest    = 1e20
	growAtMost = 4
	growAtMin  = 1.1
)

// begin starts a search with the loss f, a slope < 0, and a step > 0.
func (m *moreThuente) begin(f, slope, step float64) {
	*m = moreThuente{
		Step: min(step, longest), F: f, Slope: slope,
		FX: f, DX: slope, FY: f, DY: slope,
		Width: longest, WidthOnce: 2 * longest,
	}
	m.High = m.Step + float64(growAtMost*m.Step)
}

// shorten is for a step at which the loss is out of range: it is as high as
// none that the interpolation could use.
func (m *moreThuente) shorten() {
	m.Evaluation++
	m.Step = m.X + float64((m.Step-m.X)/10)
}

// next takes the loss and the slope at the step.
func (m *moreThuente) next(c wolfe, f, slope float64) verdict {
	m.Evaluation++
	enough := c.decrease * m.Slope
	line := m.F + float64(m.Step*enough)
	if m.exhausted(c) || m.Step == longest && f <= line && slope <= enough ||
		m.Step == 0 && (f > line || slope >= enough) {
		return stalled
	}
	if f <= line && math.Abs(slope) <= -float64(c.curvature*m.Slope) {
		return accepted
	}
	if f <= line && slope >= 0 {
		m.Second = true
	}
	if !m.Second && f <= m.FX && f > line {
		// Section 2: of the loss less the line of sufficient decrease, psi.
		m.FX -= float64(m.X * enough)
		m.FY -= float64(m.Y * enough)
		m.DX -= enough
		m.DY -= enough
		m.update(f-float64(m.Step*enough), slope-enough)
		m.FX += float64(m.X * enough)
		m.FY += float64(m.Y * enough)
		m.DX += enough
		m.DY += enough
	} else {
		m.update(f, slope)
	}
	if m.Bracketed {
		// Two steps are to make the interval a third smaller; else halve it.
		width := math.Abs(m.Y - m.X)
		if width >= float64(0.66*m.WidthOnce) {
			m.Step = m.X + float64(0.5*(m.Y-m.X))
		}
		m.WidthOnce, m.Width = m.Width, width
		m.Low, m.High = min(m.X, m.Y), max(m.X, m.Y)
	} else {
		m.Low = m.Step + float64(growAtMin*(m.Step-m.X))
		m.High = m.Step + float64(growAtMost*(m.Step-m.X))
	}
	if math.IsNaN(m.Step) {
		return stalled // the differences of losses were out of range
	}
	m.Step = max(0, min(m.Step, longest))
	if m.exhausted(c) {
		m.Step = m.X
	}
	return searching
}

// exhausted reports whether there is nothing left inside of the interval.
func (m *moreThuente) exhausted(c wolfe) bool {
	return m.Bracketed && (m.Step <= m.Low || m.Step >= m.High || m.High-m.Low <= float64(c.tolerance*m.High))
}

// update is section 4: it chooses the next step from the loss and the slope at
// this one and at the ends of the interval, and the new interval.
func (m *moreThuente) update(f, slope float64) {
	step := m.Step
	opposite := slope < 0 && m.DX > 0 || slope > 0 && m.DX < 0
	var next float64
	switch {
	case f > m.FX:
		// Case 1: a higher loss. The minimum is between.
		c := cubic(m.X, m.FX, m.DX, step, f, slope)
		q := m.X + float64(m.DX/((m.FX-f)/(step-m.X)+m.DX)/2*(step-m.X))
		if math.Abs(c-m.X) < math.Abs(q-m.X) {
			next = c
		} else {
			next = c + (q-c)/2
		}
		m.Bracketed = true
	case opposite:
		// Case 2: a lower loss and a slope of the other sign. It is between.
		c := cubic(step, f, slope, m.X, m.FX, m.DX)
		q := secant(step, slope, m.X, m.DX)
		if math.Abs(c-step) > math.Abs(q-step) {
			next = c
		} else {
			next = q
		}
		m.Bracketed = true
	case math.Abs(slope) < math.Abs(m.DX):
		// Case 3: lower, of the same sign, and flatter. Where the cubic does
		// not lead on, it is taken to the bound.
		c, ahead := beyond(m.X, m.FX, m.DX, step, f, slope)
		switch {
		case !ahead && step > m.X:
			c = m.High
		case !ahead:
			c = m.Low
		}
		q := secant(step, slope, m.X, m.DX)
		nearer := math.Abs(c-step) < math.Abs(q-step)
		if m.Bracketed {
			next = q
			if nearer {
				next = c
			}
			limit := step + float64(0.66*(m.Y-step))
			if step > m.X {
				next = min(limit, next)
			} else {
				next = max(limit, next)
			}
		} else {
			next = c
			if nearer || math.Abs(c-step) == math.Abs(q-step) {
				next = q
			}
			next = max(m.Low, min(next, m.High))
		}
	case m.Bracketed:
		// Case 4: lower, of the same sign, and not flatter.
		next = cubic(step, f, slope, m.Y, m.FY, m.DY)
	case step > m.X:
		next = m.High
	default:
		next = m.Low
	}
	if f > m.FX {
		m.Y, m.FY, m.DY = step, f, slope
	} else {
		if opposite {
			m.Y, m.FY, m.DY = m.X, m.FX, m.DX
		}
		m.X, m.FX, m.DX = step, f, slope
	}
	m.Step = next
}

// secant is where the line through the slopes p and q at a and b is zero.
func secant(a, p, b, q float64) float64 { return a + float64(p/(p-q)*(b-a)) }

// cubic is the minimum of the cubic with the losses f and g and the slopes p
// and q at a and b, which is measured from a.
func cubic(a, f, p, b, g, q float64) float64 {
	theta, gamma := interpolate(a, f, p, b, g, q)
	if b < a {
		gamma = -gamma
	}
	return a + float64((gamma-p+theta)/(gamma-p+gamma+q)*(b-a))
}

// beyond is the same, measured from b, if it is on the far side of b from a.
func beyond(a, f, p, b, g, q float64) (at float64, ahead bool) {
	theta, gamma := interpolate(a, f, p, b, g, q)
	if b > a {
		gamma = -gamma
	}
	r := (gamma - q + theta) / (gamma + (p - q) + gamma)
	return b + float64(r*(a-b)), r < 0 && gamma != 0
}

// interpolate scales what is under the root, lest it overflow; rounding may make
// it negative where the cubic has no minimum.
func interpolate(a, f, p, b, g, q float64) (theta, gamma float64) {
	theta = float64(3*(f-g)/(b-a)) + p + q
	scale := max(math.Abs(theta), math.Abs(p), math.Abs(q))
	t := theta / scale
	return theta, scale * math.Sqrt(max(0, float64(t*t)-float64(p/scale*(q/scale))))
}
