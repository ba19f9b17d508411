package initializer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Shape is that of a weight matrix, [Out][In*Field] row-major: a row of
// weights for each unit. Each of Out, In is at least 1.
type Shape struct {
	Out, In int
	// Field is the size of the receptive field of a convolution, height times
	// width. 0 is 1, a dense layer.
	Field int
}

// FanIn is the number of inputs that a unit sums over.
func (s Shape) FanIn() int { return s.In * max(1, s.Field) }

// FanOut is the number of units that an input feeds.
func (s Shape) FanOut() int { return s.Out * max(1, s.Field) }

// Len is the number of weights.
func (s Shape) Len() int { return s.Out * s.FanIn() }

// A Func is one way to draw a weight matrix.
type Func struct {
	Name    string   // what users type, such as "he-normal"
	Also    []string // other names in the literature, which ByName knows too
	Summary string   // one sentence for lists
	Refs    []string // where it comes from
	// Std is the standard deviation of the weights that Fill draws, the root of
	// their mean square where they are not all drawn alike.
	Std func(s Shape) float64
	// Fill draws w, len s.Len(). It takes all its randomness from rng, in an
	// order that is fixed for each Func and Shape.
	Fill func(w []float64, s Shape, rng *rand.Rand)
}

const (
	glorot = "Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
	he     = "He et al. 2015, doi:10.1109/ICCV.2015.123, arXiv:1502.01852"
	lecun  = "LeCun et al. 1998, Efficient BackProp, doi:10.1007/3-540-49430-8_2"
	saxe   = "Saxe, McClelland & Ganguli 2014, arXiv:1312.6120"
	noel   = "Noel et al. 2021, arXiv:2111.04020"

	guessing = "Schmidhuber, Hochreiter & Bengio 2001, Evaluating benchmark problems by random guessing, in A Field Guide to Dynamical Recurrent Networks"
)

// All lists the initializers.
func All() []Func {
	return []Func{
		also(uniform("uniform", "U(±1/√fan-in), the customary choice that Glorot & Bengio found too small for depth", glorot+", eq. 1",
			func(s Shape) float64 { return 1 / (3 * float64(s.FanIn())) }), "standard"),
		also(uniform("xavier-uniform", "U(±√(6/(fan-in+fan-out))), a compromise that keeps signal and gradient where f'(0) = 1", glorot+", eq. 16", xavier), "glorot-uniform"),
		also(normal("xavier-normal", "N(0, 2/(fan-in+fan-out)), the same variance as xavier-uniform", glorot+", eq. 12", xavier), "glorot-normal"),
		also(normal("he-normal", "N(0, 2/fan-in), which makes up for the half of its input that a ReLU drops", he+", eq. 10", kaiming), "kaiming-normal"),
		also(uniform("he-uniform", "U(±√(6/fan-in)), the same variance as he-normal", he+", eq. 10", kaiming), "kaiming-uniform"),
		normal("he-normal-fan-out", "N(0, 2/fan-out), which keeps the variance of the gradient where he-normal keeps that of the signal", he+", eq. 14", kaimingOut),
		uniform("he-uniform-fan-out", "U(±√(6/fan-out)), the same variance as he-normal-fan-out", he+", eq. 14", kaimingOut),
		normal("he-leaky", "N(0, 2/(1.0001 fan-in)), he-normal for a leaky ReLU of slope 0.01", he+", eq. 15",
			func(s Shape) float64 { return kaiming(s) / (1 + 0.01*0.01) }),
		// Caffe has a filler that it calls Xavier, for the fan-in alone.
		also(normal("lecun-normal", "N(0, 1/fan-in), which keeps the variance of a linear layer's outputs; Caffe's \"xavier\"", lecun+", eq. 16",
			func(s Shape) float64 { return 1 / float64(s.FanIn()) }), "caffe-xavier"),
		orthogonal(),
		looksLinear(),
		identity(),
		normal("unit-normal", "N(0, 1), whatever the size of the layer", noel, func(Shape) float64 { return 1 }),
		uniform("guess", "U(±100), from which the weights of small recurrent nets can be guessed", guessing, func(Shape) float64 { return 100 * 100 / 3. }),
		{
			Name:    "zero",
			Summary: "all 0, as for the last layer of a residual body, which then starts as the identity",
			Refs:    []string{"Goyal et al. 2017, arXiv:1706.02677, sec. 5.1"},
			Std:     func(Shape) float64 { return 0 },
			Fill:    func(w []float64, _ Shape, _ *rand.Rand) { clear(w) },
		},
	}
}

// ByName returns the initializer called name; the error lists those there are.
func ByName(name string) (Func, error) {
	var names []string
	for _, f := range All() {
		if f.Name == name || slices.Contains(f.Also, name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Func{}, fmt.Errorf("unknown initializer %q, want one of %s", name, strings.Join(names, ", "))
}

func xavier(s Shape) float64  { return 2 / (float64(s.FanIn()) + float64(s.FanOut())) }
func kaiming(s Shape) float64 { return 2 / float64(s.FanIn()) }

func kaimingOut(s Shape) float64 { return 2 / float64(s.FanOut()) }

// also gives f other names.
func also(f Func, names ...string) Func {
	f.Also = names
	return f
}

// uniform draws from U(-b, b), whose variance is b²/3.
func uniform(name, summary, ref string, variance func(Shape) float64) Func {
	return Func{
		Name: name, Summary: summary, Refs: []string{ref},
		Std: func(s Shape) float64 { return math.Sqrt(variance(s)) },
		Fill: func(w []float64, s Shape, rng *rand.Rand) {
			b := math.Sqrt(3 * variance(s))
			for i := range w {
				w[i] = b * math.FMA(2, rng.Float64(), -1)
			}
		},
	}
}

func normal(name, summary, ref string, variance func(Shape) float64) Func {
	return Func{
		Name: name, Summary: summary, Refs: []string{ref},
		Std: func(s Shape) float64 { return math.Sqrt(variance(s)) },
		Fill: func(w []float64, s Shape, rng *rand.Rand) {
			std := math.Sqrt(variance(s))
			for i := range w {
				w[i] = std * rng.NormFloat64()
			}
		},
	}
}
