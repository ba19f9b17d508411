package evolution

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Both strategies take the steps of testdata/cmaes.py, which was written from the
// papers in numpy, within the rounding of fifteen generations.
func TestStepsAreThoseOfATranscription(t *testing.T) {
	data, err := os.ReadFile("testdata/cmaes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name                       string
		N, Population, Generations int
		Active                     bool
		Sigma                      float64
		End                        struct {
			Mean, PS, PC []float64
			Sigma        float64
			C            [][]float64
		}
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		name := fmt.Sprintf("%s/n=%d/lambda=%d/active=%v/sigma=%v", c.Name, c.N, c.Population, c.Active, c.Sigma)
		t.Run(name, func(t *testing.T) {
			p := optimizers.Problem{Init: make([]float64, c.N), Threads: 1}
			evals := make([]optimizers.Evaluation, c.Population)
			tell := func(o optimizers.Optimizer, rows [][]float64) {
				for k, x := range rows {
					evals[k].Loss = unseparable(x)
				}
				if err := o.Tell(evals); err != nil {
					t.Fatal(err)
				}
			}
			if c.Name == "sep-cma-es" {
				o, err := newSepCMAES(SepCMAESConfig{Sigma: c.Sigma, Population: c.Population}, p)
				if err != nil {
					t.Fatal(err)
				}
				for g := range c.Generations {
					for k, x := range o.rows {
						for i := range x {
							x[i] = sine(g, k, i)
						}
						o.place(x)
					}
					tell(o, o.rows)
					o.generation = uint64(g + 1)
				}
				compare(t, "mean", o.mean, c.End.Mean)
				compare(t, "sigma", []float64{o.step.sigma}, []float64{c.End.Sigma})
				compare(t, "p_sigma", o.step.path, c.End.PS)
				compare(t, "p_c", o.pc, c.End.PC)
				compare(t, "C", o.c, c.End.C[0])
				return
			}
			o, err := newCMAES(CMAESConfig{Sigma: c.Sigma, Population: c.Population, Active: c.Active, Restarts: "none"}, p)
			if err != nil {
				t.Fatal(err)
			}
			for g := range c.Generations {
				for i := range o.z {
					o.z[i] = sine(g, i/c.N, i%c.N)
				}
				o.spread()
				tell(o, o.rows)
			}
			compare(t, "mean", o.mean, c.End.Mean)
			compare(t, "sigma", []float64{o.step.sigma}, []float64{c.End.Sigma})
			compare(t, "p_sigma", o.step.path, c.End.PS)
			compare(t, "p_c", o.pc, c.End.PC)
			for i, row := range c.End.C {
				compare(t, fmt.Sprintf("C[%d]", i), o.cov.c[i*c.N+i:(i+1)*c.N], row[i:])
			}
		})
	}
}

// sine stands for a random number.
func sine(generation, k, i int) float64 {
	return 1.5 * math.Sin(1+3.7*float64(i)+7.1*float64(k)+13.3*float64(generation))
}

// unseparable is a quadratic function in which neighbours depend on each other.
func unseparable(x []float64) float64 {
	n, sum := len(x), 0.0
	z := func(i int) float64 {
		return x[i] - float64(1-2*(i%2))*(1+float64(i)/float64(n))
	}
	before := z(n - 1)
	for i := range n {
		s := z(i) + 0.3*before
		before = z(i)
		sum += math.Pow(10, 3*float64(i)/float64(n-1)) * s * s
	}
	return sum
}

func compare(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
	}
	size := 0.0
	for _, x := range want {
		size = max(size, math.Abs(x))
	}
	for i, x := range want {
		if !(math.Abs(got[i]-x) <= 1e-10*size) {
			t.Errorf("%s[%d] = %v, want %v", what, i, got[i], x)
		}
	}
}
