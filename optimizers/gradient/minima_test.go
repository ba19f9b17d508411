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

// By hand: g.g = 5 before and 4.81 after, their product 0.2, and d.y = 4.8.
func TestCGBetaByHand(t *testing.T) {
	for kind, beta := range map[string]float64{
		"fletcher-reeves":  4.81 / 5,
		"polak-ribiere":    4.61 / 5,
		"hestenes-stiefel": 4.61 / 4.8,
		"dai-yuan":         4.81 / 4.8,
	} {
		c := &cg{newLinear(optimizers.Problem{Init: make([]float64, 2), Threads: 1}), kind}
		d := []float64{-1, -2}
		c.turn(d, nil, []float64{1, 2}, nil, []float64{2, -0.9})
		if math.Abs(d[0]-(-2-beta)) > 1e-14 || math.Abs(d[1]-(0.9-2*beta)) > 1e-14 {
			t.Errorf("%s: d = %v, want %v", kind, d, []float64{-2 - beta, 0.9 - 2*beta})
		}
		// Gradients that are far from orthogonal start again.
		d = []float64{-1, -2}
		c.turn(d, nil, []float64{1, 2}, nil, []float64{2, -0.4})
		if d[0] != -2 || d[1] != 0.4 {
			t.Errorf("%s: d = %v after g.g' = 1.2 and g.g = 4.16, want the steepest", kind, d)
		}
	}
}

// A pair without positive curvature would make the matrix indefinite.
func TestLBFGSDropsPairsWithoutCurvature(t *testing.T) {
	for name, g2 := range map[string][]float64{"none": {1, 2}, "negative": {0, 1}} {
		opt, err := newLBFGS(LBFGSConfig{Memory: 3}, optimizers.Problem{Init: make([]float64, 2), Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		d := make([]float64, 2)
		opt.compass.turn(d, []float64{0, 0}, []float64{1, 2}, []float64{1, 1}, g2)
		if d[0] != -g2[0] || d[1] != -g2[1] {
			t.Errorf("curvature %s: d = %v, want the steepest, -%v", name, d, g2)
		}
	}
}

// Sums over several panels have all of them.
func TestLinearTakesAllPanels(t *testing.T) {
	const n = 2*panel + 3
	x, y := make([]float64, n), make([]float64, n)
	want := 0.0
	for i := range x {
		x[i], y[i] = float64(i%7), float64(i%3)
		want += x[i] * y[i] // whole numbers: exact in any order
	}
	for _, threads := range []int{1, 3} {
		v := newLinear(optimizers.Problem{Init: x, Threads: threads})
		if got := v.dot(x, y); got != want {
			t.Errorf("x.y = %v with %d threads, want %v", got, threads, want)
		}
		sum := make([]float64, n)
		v.sum(sum, x, 2, y)
		for i := range sum {
			if sum[i] != x[i]+2*y[i] {
				t.Fatalf("x + 2y at %d = %v with %d threads, want %v", i, sum[i], threads, x[i]+2*y[i])
			}
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

// Also when the search is about to converge: it takes as many steps more.
func TestLineSearchCheckpointConverges(t *testing.T) {
	remaining := func(opt optimizers.Optimizer) (steps int) {
		for {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 || steps == 500 {
				return steps
			}
			step(t, opt, bowl(1, 3))
			steps++
		}
	}
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		p := optimizers.Problem{Init: []float64{3, -40}}
		total := remaining(build(t, def, `{}`, p))
		for at := range total {
			opt := build(t, def, `{}`, p)
			for range at {
				step(t, opt, bowl(1, 3))
			}
			data, err := opt.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			opt = build(t, def, `{}`, p)
			if err := opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if got := remaining(opt); got != total-at {
				t.Errorf("%s converges %d steps after a checkpoint at %d, want %d", def.Name, got, at, total-at)
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

// A loss that is the same wherever the gradient says that it falls has nothing to
// offer: the search ends, where it was.
func TestLineSearchEndsWhereNothingIsLower(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{3, -4}})
		steps := 0
		for rows := [][]float64{nil}; len(rows) > 0 && steps < 100; steps++ {
			step(t, opt, func(_, g []float64) float64 { g[0], g[1] = 1, 1; return 7 })
			var err error
			if rows, err = opt.Ask(); err != nil {
				t.Fatal(err)
			}
		}
		w := opt.(optimizers.Recommender).Recommend()
		if steps > giveUp+1 || w[0] != 3 || w[1] != -4 {
			t.Errorf("%s: at %v after %d steps, want converged at the start after at most %d", def.Name, w, steps, giveUp+1)
		}
	}
}

// The first point is at distance 1, whatever the size of the gradient, and a
// loss of +Inf there, beyond the wall of -ln(1 - x^2) + 3x, is no end: the
// minimum is at (1 - sqrt 10)/3.
func TestLineSearchStartsWithLengthOneAndStaysInside(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for _, size := range []float64{1e-30, 1, 1e200} {
			opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0, 0}})
			step(t, opt, func(_, g []float64) float64 { g[0], g[1] = 3*size, -4*size; return 1 })
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if w := rows[0]; math.Abs(w[0]+0.6) > 1e-14 || math.Abs(w[1]-0.8) > 1e-14 {
				t.Errorf("%s: first point %v with a gradient of %v, want [-0.6 0.8]", def.Name, w, 5*size)
			}
		}
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0}})
		beyond := 0
		for range 60 {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			step(t, opt, func(w, g []float64) float64 {
				x := w[0]
				if x*x >= 1 {
					beyond++
					g[0] = 0
					return math.Inf(1)
				}
				g[0] = 2*x/(1-x*x) + 3
				return -math.Log(1-x*x) + 3*x
			})
		}
		w := opt.(optimizers.Recommender).Recommend()[0]
		if want := (1 - math.Sqrt(10)) / 3; beyond == 0 || math.Abs(w-want) > 1e-7 {
			t.Errorf("%s: x = %v after %d losses of +Inf, want %v after some", def.Name, w, beyond, want)
		}
	}
}

// A line that is given up is left from where it was lower.
func TestLineSearchKeepsWhatWasLower(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0}})
		for k := range giveUp + 1 {
			step(t, opt, func(_, g []float64) float64 { g[0] = 1; return -min(float64(k), 1) })
		}
		if w := opt.(optimizers.Recommender).Recommend()[0]; w >= 0 {
			t.Errorf("%s: recommends %v with loss 0 after a line of losses -1, want less than 0", def.Name, w)
		}
	}
}

// The first step of a line of CG promises the decrease of the last line; that of
// L-BFGS is 1.
func TestFirstStepOfALine(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{3, -4, 1}}).(*lineSearch)
		before := opt.search
		lines := 0
		for range 12 {
			step(t, opt, bowl(1, 3, 10))
			if now := opt.search; now.Evaluation == 0 && !opt.fresh {
				lines++
				want := 1.0
				if def.Name == "cg" {
					want = before.Step * before.Slope / now.Slope
				}
				if math.Abs(now.Step-want) > 1e-15*want {
					t.Errorf("%s: first step of line %d = %v, want %v", def.Name, lines, now.Step, want)
				}
			}
			before = opt.search
		}
		if lines < 3 {
			t.Errorf("%s: %d lines in 12 steps, want at least 3", def.Name, lines)
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
