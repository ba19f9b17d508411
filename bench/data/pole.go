package data

import (
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// The cart and its poles are those of Wieland 1991 (Evolving neural network controllers
// for unstable systems, IJCNN), as Gomez & Miikkulainen 1999 (Solving non-Markovian
// control tasks with neuroevolution, IJCAI) have them, in metres, kilograms and
// seconds.
const (
	gravity      = 9.8
	cartMass     = 1.0
	cartFriction = 0.0005   // of the track
	poleFriction = 0.000002 // of the hinges
	trackEnd     = 2.4      // from the middle
	poleForce    = 10.0     // the most that pushes the cart
	poleSubstep  = 0.01     // of the fourth-order Runge-Kutta method
	poleSubsteps = 2        // in a step, with the same force
)

// A rod is a pole: its mass, and half its length.
type rod struct{ mass, half float64 }

// The poles, and how far they may lean: alone, 12 degrees (Barto, Sutton & Anderson
// 1983, doi:10.1109/TSMC.1983.6313077), and two 36.
var (
	rods  = []rod{{0.1, 0.5}, {0.01, 0.05}}
	leans = []float64{0, 12 * math.Pi / 180, 36 * math.Pi / 180}
)

// CartValues is how many values make the state of a cart with so many poles.
func CartValues(poles int) int { return 2 + 2*poles }

// CartScales are the sizes that those values reach, to divide inputs by: the end of the
// track in m, 1.5 m/s, and for each pole the angle at which it counts as fallen and
// 2 rad/s.
func CartScales(poles int) []float64 {
	s := []float64{trackEnd, 1.5}
	for range poles {
		s = append(s, leans[poles], 2)
	}
	return s
}

// CartStarts draws n states, [n][CartValues(poles)], uniformly: the cart within 2.16 m
// of the middle and at 1.35 m/s at most, the first pole within 3.6 degrees of upright
// and at 8.6 degrees a second at most, all of these times spread, and the second pole
// upright and at rest (Gruau, Whitley & Pyeatt 1996, whose states are a grid of these
// ranges).
func CartStarts(n, poles int, spread float64, rng *rand.Rand) []float64 {
	const degree = math.Pi / 180
	var states []float64
	for range n {
		for _, most := range []float64{2.16, 1.35, 3.6 * degree, 8.6 * degree} {
			states = append(states, spread*most*(2*rng.Float64()-1))
		}
		for range CartValues(poles) - 4 {
			states = append(states, 0)
		}
	}
	return states
}

// Carts are carts on tracks of their own, side by side, each with one pole of 1 m on
// it or a second one of 0.1 m. Value v of cart i is State[v*Stride+i]: the place of the
// cart and its speed, then the angle of each pole from upright, and its speed.
type Carts struct {
	N, Stride int
	State     []float64

	poles                   int
	start, slope, sum       []float64 // as State
	sin, cos, push, inertia []float64 // one row
}

// NewCarts returns room for n carts with one or two poles.
func NewCarts(n, poles int) *Carts {
	values := CartValues(poles)
	memory := make([]float64, (4*values+4)*n)
	take := func(rows int) []float64 {
		part := memory[: rows*n : rows*n]
		memory = memory[rows*n:]
		return part
	}
	return &Carts{
		N: n, Stride: n, poles: poles,
		State: take(values), start: take(values), slope: take(values), sum: take(values),
		sin: take(1), cos: take(1), push: take(1), inertia: take(1),
	}
}

// Reset puts the carts into states, [N][CartValues], as many as there is room for at
// most.
func (c *Carts) Reset(states []float64) {
	values := CartValues(c.poles)
	c.N = len(states) / values
	for i := range c.N {
		for v := range values {
			c.State[v*c.Stride+i] = states[i*values+v]
		}
	}
}

// Remove puts the last cart in the place of cart i, which is gone.
func (c *Carts) Remove(i int) {
	c.N--
	for v := range CartValues(c.poles) {
		c.State[v*c.Stride+i] = c.State[v*c.Stride+c.N]
	}
}

// Failed reports whether cart i has left its track or a pole has fallen.
func (c *Carts) Failed(i int) bool {
	if !(math.Abs(c.State[i]) <= trackEnd) {
		return true
	}
	for p := range c.poles {
		if !(math.Abs(c.State[(2+2*p)*c.Stride+i]) <= leans[c.poles]) {
			return true
		}
	}
	return false
}

// Step pushes every cart with a force of 10 N times push, len N, from -1 to 1, for
// 0.02 s. Results have the same bits on every processor.
func (c *Carts) Step(push []float64) {
	for range poleSubsteps {
		copy(c.start, c.State)
		clear(c.sum)
		c.stage(push, 1, poleSubstep/2)
		c.stage(push, 2, poleSubstep/2)
		c.stage(push, 2, poleSubstep)
		c.stage(push, 1, 0)
		for v := range CartValues(c.poles) {
			for i := v * c.Stride; i < v*c.Stride+c.N; i++ {
				c.State[i] = c.start[i] + float64(poleSubstep/6*c.sum[i])
			}
		}
	}
}

// stage adds the slopes at State to the sum, times weight, and goes to where a time
// from the start the next ones are to be taken.
func (c *Carts) stage(push []float64, weight, time float64) {
	c.slopes(push)
	for v := range CartValues(c.poles) {
		for i := v * c.Stride; i < v*c.Stride+c.N; i++ {
			c.sum[i] += float64(weight * c.slope[i])
			c.State[i] = c.start[i] + float64(time*c.slope[i])
		}
	}
}

// slopes computes the derivative of State with respect to time. With damping d =
// friction*w/(m l) of a pole of mass m, half length l, angle a and angular speed w,
//
//	cart:  (F - friction*sign(v) + sum of f) / (mass + sum of m(1 - 3/4 cos^2 a))
//	       with f = m l w^2 sin a + 3/4 m cos a (d - g sin a)
//	pole:  -3/4 (cart*cos a - g sin a + d) / l
func (c *Carts) slopes(push []float64) {
	n, ld := c.N, c.Stride
	speed, acceleration := c.State[ld:][:n], c.slope[ld:][:n]
	copy(c.slope[:n], speed)
	for i := range n {
		c.push[i], c.inertia[i] = poleForce*push[i], cartMass
		if speed[i] > 0 {
			c.push[i] -= cartFriction
		} else if speed[i] < 0 {
			c.push[i] += cartFriction
		}
	}
	for p, r := range rods[:c.poles] {
		w := c.State[(3+2*p)*ld:][:n]
		copy(c.slope[(2+2*p)*ld:][:n], w)
		kernel.Sin(c.sin[:n], c.State[(2+2*p)*ld:])
		kernel.Cos(c.cos[:n], c.State[(2+2*p)*ld:])
		for i := range n {
			damping := float64(poleFriction / (r.mass * r.half) * w[i])
			c.push[i] += float64(r.mass * r.half * w[i] * w[i] * c.sin[i])
			c.push[i] += float64(0.75 * r.mass * c.cos[i] * (damping - float64(gravity*c.sin[i])))
			c.inertia[i] += float64(r.mass * (1 - float64(0.75*c.cos[i]*c.cos[i])))
		}
	}
	for i := range n {
		acceleration[i] = c.push[i] / c.inertia[i]
	}
	for p, r := range rods[:c.poles] {
		w, slope := c.State[(3+2*p)*ld:][:n], c.slope[(3+2*p)*ld:][:n]
		kernel.Sin(c.sin[:n], c.State[(2+2*p)*ld:])
		kernel.Cos(c.cos[:n], c.State[(2+2*p)*ld:])
		for i := range n {
			damping := float64(poleFriction / (r.mass * r.half) * w[i])
			turn := float64(acceleration[i]*c.cos[i]) - float64(gravity*c.sin[i]) + damping
			slope[i] = -0.75 / r.half * turn
		}
	}
}
