package gradient

import (
	"encoding"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// powell is that of testdata/minima.py.
func powell(x, grad []float64) float64 {
	a, b, c, d := x[0]+10*x[1], x[2]-x[3], x[1]-2*x[2], x[0]-x[3]
	copy(grad, []float64{2*a + 40*d*d*d, 20*a + 4*c*c*c, 10*b - 8*c*c*c, -10*b - 40*d*d*d})
	return a*a + 5*b*b + c*c*c*c + 10*d*d*d*d
}

// logistic is that of testdata/minima.py.
func logistic(w, grad []float64) float64 {
	loss := 0.0
	for i, v := range w {
		loss += 0.05 * v * v
		grad[i] = 0.1 * v
	}
	x := make([]float64, len(w))
	for k := range 40 {
		y := -1.0
		if (k*k+3*k)%7 < 3 {
			y = 1
		}
		m := 0.0
		for i := range x {
			x[i] = float64((k*(i+3)*7+i*i)%11-5) / 5
			m += y * x[i] * w[i]
		}
		loss += math.Log1p(math.Exp(-m)) / 40
		for i := range x {
			grad[i] -= y / (1 + math.Exp(m)) / 40 * x[i]
		}
	}
	return loss
}

func functionOf(name string, n int) func(x, grad []float64) float64 {
	switch name {
	case "powell":
		return powell
	case "logistic":
		return logistic
	default:
		return opttest.NewFunction(name, n).Loss
	}
}

// L-BFGS and CG reach the minima that SciPy 1.10 reaches from the same start.
// Their count of evaluations to within 1e-8 of it is at most 1.5 times SciPy's:
// the line searches are not the same.
func TestReachesSciPysMinima(t *testing.T) {
	f := readFigures(t)
	if len(f.Minima) != 10 {
		t.Fatalf("%d minima, want 10", len(f.Minima))
	}
	for _, c := range f.Minima {
		def := map[string]optimizers.Definition{"L-BFGS-B": LBFGS, "CG": CG}[c.Method]
		loss := functionOf(c.Function, len(c.Start))
		opt := build(t, def, `{}`, optimizers.Problem{Init: c.Start})
		grad := make([]float64, len(c.Start))
		within, total, low := 0, 0, math.Inf(1)
		for ; total < 20_000; total++ {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			e := optimizers.Evaluation{Loss: loss(rows[0], grad), Grad: grad}
			if low = min(low, e.Loss); within == 0 && low < c.Loss+1e-8 {
				within = total + 1
			}
			if err := opt.Tell([]optimizers.Evaluation{e}); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%-10s %-8s within 1e-8 after %4d evaluations (SciPy %4d), converged after %5d at %.3g above", c.Function, c.Method, within, c.Within, total, low-c.Loss)
		if within == 0 || float64(within) > 1.5*float64(c.Within)+2 {
			t.Errorf("%s, %s: within 1e-8 of the minimum after %d evaluations (0: never; lowest %v), SciPy after %d", c.Method, c.Function, within, low, c.Within)
		}
		x := opt.(optimizers.Recommender).Recommend()
		for i, want := range c.X {
			if c.Function != "powell" && math.Abs(x[i]-want) > 1e-4 {
				t.Errorf("%s, %s: x[%d] = %v, SciPy's is %v", c.Method, c.Function, i, x[i], want)
			}
		}
	}
}

// The direction is that of the BFGS matrix, built in full from the same pairs
// (Nocedal & Wright 2006, eq. 6.17, from gamma times the identity, eq. 7.20),
// also when the oldest pairs have been dropped.
func TestLBFGSDirectionIsThatOfTheMatrix(t *testing.T) {
	const n, m = 6, 4
	v := newLinear(optimizers.Problem{Init: make([]float64, n), Threads: 1})
	b := &lbfgs{v: v, rho: make([]float64, m), alpha: make([]float64, m)}
	for range m {
		b.s, b.y = append(b.s, make([]float64, n)), append(b.y, make([]float64, n))
	}
	var ss, ys [][]float64
	x, g, d := make([]float64, n), make([]float64, n), make([]float64, n)
	loss := opttest.NewFunction("rotated-ellipsoid", n).Loss
	loss(x, g)
	for k := range 7 {
		x2, g2, s, y := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		noise.Normal(x2, 7, uint64(k), 0)
		loss(x2, g2)
		for i := range s {
			s[i], y[i] = x2[i]-x[i], g2[i]-g[i]
		}
		ss, ys = append(ss, s), append(ys, y)
		b.turn(d, x, g, x2, g2)
		first := max(0, len(ss)-m)
		want := bfgsDirection(ss[first:], ys[first:], g2)
		for i := range d {
			if math.Abs(d[i]-want[i]) > 1e-9*largest(want) {
				t.Fatalf("after %d pairs d[%d] = %v, want %v", k+1, i, d[i], want[i])
			}
		}
		x, g = x2, g2
	}
}

func bfgsDirection(ss, ys [][]float64, g []float64) []float64 {
	n := len(g)
	inner := func(x, y []float64) (sum float64) {
		for i := range x {
			sum += x[i] * y[i]
		}
		return sum
	}
	last := len(ss) - 1
	h := make([][]float64, n)
	for i := range h {
		h[i] = make([]float64, n)
		h[i][i] = inner(ss[last], ys[last]) / inner(ys[last], ys[last])
	}
	for k, s := range ss {
		y, rho := ys[k], 1/inner(ss[k], ys[k])
		// H <- (I - rho s y') H (I - rho y s') + rho s s'
		left := func(i, j int) float64 {
			if i == j {
				return 1 - rho*s[i]*y[j]
			}
			return -rho * s[i] * y[j]
		}
		next := make([][]float64, n)
		for i := range next {
			next[i] = make([]float64, n)
			for j := range n {
				next[i][j] = rho * s[i] * s[j]
				for a := range n {
					for c := range n {
						next[i][j] += left(i, a) * h[a][c] * left(j, c)
					}
				}
			}
		}
		h = next
	}
	d := make([]float64, n)
	for i := range d {
		d[i] = -inner(h[i], g)
	}
	return d
}

// On a quadratic, with lines searched exactly, the formulas for beta are one,
// directions are conjugate, and n lines are enough (Hestenes & Stiefel 1952).
func TestCGTakesNLinesOnAQuadratic(t *testing.T) {
	h := []float64{1, 2, 5, 10}
	for _, beta := range []string{"fletcher-reeves", "polak-ribiere", "hestenes-stiefel", "dai-yuan"} {
		c := &cg{newLinear(optimizers.Problem{Init: make([]float64, 4), Threads: 1}), beta}
		x, g, d := []float64{1, -2, 3, 1}, make([]float64, 4), make([]float64, 4)
		loss := bowl(h...)
		loss(x, g)
		for i := range d {
			d[i] = -g[i]
		}
		for range 4 {
			num, den := 0.0, 0.0
			for i := range d {
				num -= g[i] * d[i]
				den += h[i] * d[i] * d[i]
			}
			x2, g2 := slices.Clone(x), make([]float64, 4)
			for i := range x2 {
				x2[i] += num / den * d[i]
			}
			loss(x2, g2)
			c.turn(d, x, g, x2, g2)
			x, g = x2, g2
		}
		if got := largest(x); got > 1e-12 {
			t.Errorf("%s: |x| = %v after four exact lines in four dimensions, want 0", beta, got)
		}
	}
}

// A checkpoint in the middle of any line goes on with the same bits.
func TestLineSearchCheckpointAtEveryStep(t *testing.T) {
	const n = 6
	loss := opttest.NewFunction("rosenbrock", n).Loss
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for at := range 60 {
			whole := build(t, def, `{}`, optimizers.Problem{Init: make([]float64, n)})
			for range at {
				step(t, whole, loss)
			}
			data, err := whole.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			resumed := build(t, def, `{}`, optimizers.Problem{Init: make([]float64, n)})
			if err := resumed.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if got, want := step(t, resumed, loss), step(t, whole, loss); !slices.Equal(got, want) {
					t.Fatalf("%s resumed after %d steps: w = %v, want %v", def.Name, at, got, want)
				}
			}
		}
	}
}

// No candidates only where there is nothing to gain: at a gradient of 0, or when
// rounding hides any decrease.
func TestLineSearchConverges(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for name, init := range map[string][]float64{"at the minimum": {0, 0}, "elsewhere": {3, -40}} {
			opt := build(t, def, `{}`, optimizers.Problem{Init: init})
			steps := 0
			for ; ; steps++ {
				rows, err := opt.Ask()
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 || steps > 200 {
					break
				}
				step(t, opt, bowl(1, 3))
			}
			w := opt.(optimizers.Recommender).Recommend()
			if steps > 200 || largest(w) > 1e-7 {
				t.Errorf("%s %s: at %v after %d steps, want converged at 0", def.Name, name, w, steps)
			}
			if name == "at the minimum" && steps != 1 {
				t.Errorf("%s: %d evaluations of a minimum, want 1", def.Name, steps)
			}
		}
	}
}

// What is not for a method is refused, not ignored.
func TestSenselessTransformsAreRefused(t *testing.T) {
	for _, def := range []optimizers.Definition{Rprop, LBFGS, CG} {
		for _, config := range []string{`{"clip_norm": 1}`, `{"clip_value": 1}`, `{"schedule": "cosine"}`, `{"noise": 1}`, `{"weight_decay": 0.1}`} {
			if _, err := def.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Budget: 9, Threads: 1}); err == nil {
				t.Errorf("%s takes %s, want an error", def.Name, config)
			}
		}
	}
	for _, config := range []string{`{"clip_norm": 1}`, `{"clip_value": 1}`, `{"momentum": 0, "clip_norm": 1}`} {
		if _, err := SignSGD.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Threads: 1}); err == nil {
			t.Errorf("signsgd takes %s, want an error", config)
		}
	}
}
