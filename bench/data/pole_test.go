package data

import (
	"math"
	"slices"
	"testing"
)

// energy of a cart with its poles, which are uniform rods: that of the cart, and of
// each rod turning about its hinge, which moves. It is worked out here from the
// positions alone, and not from the equations of motion.
func energy(state []float64, poles int) float64 {
	v := state[1]
	e := cartMass * v * v / 2
	for p, r := range rods[:poles] {
		a, w := state[2+2*p], state[3+2*p]
		e += r.mass/2*(v*v+2*r.half*v*w*math.Cos(a)+4./3*r.half*r.half*w*w) + r.mass*gravity*r.half*math.Cos(a)
	}
	return e
}

// power is what the force puts in and friction takes out.
func power(state []float64, force float64, poles int) float64 {
	e := force*state[1] - cartFriction*math.Abs(state[1])
	for p := range poles {
		e -= poleFriction * state[3+2*p] * state[3+2*p]
	}
	return e
}

// Energy comes from the force and goes to friction, and nowhere else: power is added
// up by the trapezoidal rule.
func TestCartsKeepTheirEnergy(t *testing.T) {
	for poles := 1; poles <= 2; poles++ {
		c := NewCarts(1, poles)
		start := []float64{0.3, 0.5, 0.1, -0.4, 0.05, 0.2}[:CartValues(poles)]
		c.Reset(start)
		before, work := energy(c.State, poles), 0.0
		const push, h = 0.02, poleSubsteps * poleSubstep
		for range 30 {
			p0 := power(c.State, poleForce*push, poles)
			c.Step([]float64{push})
			work += h / 2 * (p0 + power(c.State, poleForce*push, poles))
		}
		if got := energy(c.State, poles) - before; math.Abs(got-work) > 2e-5 || math.Abs(got) < 1e-3 {
			t.Errorf("%d poles: energy changed by %v, want %v", poles, got, work)
		}
	}
}

// Without a force, by symmetry: mirrored states stay mirrored, upright poles at rest
// stay, and a leaning pole falls further.
func TestCartsFall(t *testing.T) {
	for poles := 1; poles <= 2; poles++ {
		values := CartValues(poles)
		states := make([]float64, 3*values)
		states[values+2], states[2*values+2] = 0.01, -0.01
		c := NewCarts(3, poles)
		c.Reset(states)
		steps := 0
		for ; !c.Failed(1); steps++ {
			before := c.State[2*c.Stride+1]
			c.Step(make([]float64, 3))
			for v := range values {
				if c.State[v*c.Stride+1] != -c.State[v*c.Stride+2] || c.State[v*c.Stride] != 0 {
					t.Fatalf("%d poles, value %d: %v", poles, v, c.State[v*c.Stride:][:3])
				}
			}
			if c.State[2*c.Stride+1] < before {
				t.Fatalf("%d poles: the pole rises from %v to %v", poles, before, c.State[2*c.Stride+1])
			}
			if steps > 200 {
				t.Fatal("the pole does not fall")
			}
		}
		if !c.Failed(2) || c.Failed(0) {
			t.Errorf("failed: upright %t, mirrored %t, want false, true", c.Failed(0), c.Failed(2))
		}
	}
	// Small angles grow as cosh(k t), where with a light pole on a heavy cart
	// k^2 = 3/4 g/l (M+m)/(M+m/4), but for the friction of the track.
	c := NewCarts(1, 1)
	c.Reset([]float64{0, 0, 0.02, 0})
	for range 25 {
		c.Step([]float64{0})
	}
	k := math.Sqrt(0.75 * gravity / 0.5 * 1.1 / 1.025)
	if got, want := c.State[2], 0.02*math.Cosh(k*0.5); math.Abs(got/want-1) > 5e-3 {
		t.Errorf("angle after half a second %v, want %v", got, want)
	}
}

// The same bits alone and beside others; the last takes the place of what is removed.
func TestCartsDoNotInfluenceEachOther(t *testing.T) {
	for poles := 1; poles <= 2; poles++ {
		values := CartValues(poles)
		states := CartStarts(5, poles, 1, newRand(1))
		all, one := NewCarts(5, poles), NewCarts(1, poles)
		all.Reset(states)
		one.Reset(states[4*values:])
		push := []float64{0.1, -0.2, 0.3, -0.4, 0.5}
		for range 10 {
			all.Step(push)
			one.Step(push[4:])
		}
		all.Remove(1) // now 0 4 2 3
		all.Step([]float64{0.1, 0.5, 0.3, -0.4})
		one.Step(push[4:])
		for v := range values {
			if got, want := all.State[v*all.Stride+1], one.State[v]; got != want {
				t.Errorf("%d poles: value %d is %v beside others, %v alone", poles, v, got, want)
			}
		}
	}
}

func TestCartStarts(t *testing.T) {
	s := CartStarts(2000, 2, 0.5, newRand(2))
	for v, most := range []float64{1.08, 0.675, 1.8 * math.Pi / 180, 4.3 * math.Pi / 180, 0, 0} {
		var x []float64
		for i := range 2000 {
			x = append(x, s[6*i+v])
		}
		if slices.Max(x) > most || slices.Min(x) < -most || slices.Max(x) < 0.99*most || slices.Min(x) > -0.99*most {
			t.Errorf("value %d from %v to %v, want ±%v", v, slices.Min(x), slices.Max(x), most)
		}
	}
}
