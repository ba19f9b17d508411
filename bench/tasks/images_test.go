package tasks

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// images are the tasks that make images of images, and what their defaults
// promise.
var images = []struct {
	name     string
	data     func(n int, seed uint64) (bench.Data, error)
	in       network.Shape
	out, n   int
	target   float64
	copying  float64 // rmse of the inputs, each repeated over the outputs that it stands for; 0: they do not stand for any
	constant float64 // metric of the best constant
}{
	{"occlusion", func(n int, s uint64) (bench.Data, error) {
		return occlusionConfig{N: n, Size: 16, Square: 6, Fresh: 200, Goal: 0.167}.data(s, "")
	}, network.Shape{1, 16, 16}, 256, 200, 0.167, 0.1875, 0.35},
	{"contrast-noise", func(n int, s uint64) (bench.Data, error) {
		return denoiseConfig{N: n, Size: 16, Noise: 0.25, Fresh: 200, Goal: 0.2}.data(s, "")
	}, network.Shape{1, 16, 16}, 256, 200, 0.2, 0.321, 0.35},
	{"super-resolution", func(n int, s uint64) (bench.Data, error) {
		return superResolutionConfig{N: n, Size: 32, Block: 4, Fresh: 200, Goal: 0.21}.data(s, "")
	}, network.Shape{1, 8, 8}, 1024, 200, 0.21, 0.257, 0.30},
	{"face-localisation", func(n int, s uint64) (bench.Data, error) {
		return facesConfig{N: n, Size: 32, Fresh: 200, Goal: 3.5}.data(s, "")
	}, network.Shape{1, 32, 32}, 2048, 500, 3.5, 0, 6.3},
}

// copying is the rmse on e of an output that is the input at its place.
func copying(d bench.Data, e bench.Examples) float64 {
	side := int(math.Sqrt(float64(d.Out)))
	block := side / d.In[1]
	square := 0.0
	for i := range e.N {
		for p := range d.Out {
			x := e.X[i*d.In.Len()+p/side/block*d.In[2]+p%side/block]
			square += (x - e.Y[i*d.Out+p]) * (x - e.Y[i*d.Out+p])
		}
	}
	return math.Sqrt(square / float64(len(e.Y)))
}

func TestImageTasksAreWhatTheySay(t *testing.T) {
	for _, c := range images {
		d, err := c.data(c.n, 1)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(d.In, c.in) || d.Out != c.out || d.Loss != loss.MSE || d.Train.N != c.n || d.Valid.N != 200 || d.Test.N != 200 {
			t.Errorf("%s: %v to %d by %s, %d, %d, %d examples", c.name, d.In, d.Out, d.Loss, d.Train.N, d.Valid.N, d.Test.N)
		}
		if low, high := slices.Min(d.Train.X), slices.Max(d.Train.X); low < 0 || high > 1 || high < 0.9 {
			t.Errorf("%s: inputs from %g to %g, want 0 to 1", c.name, low, high)
		}
		// The definition's own defaults must say the same.
		o, err := named(t, c.name).New(nil, setup(1, ""))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if goal := o.Goal(); o.Examples() != c.n || goal.Target == nil || *goal.Target != c.target || goal.Metric.Higher {
			t.Errorf("%s: %d examples, goal %+v, want %d and %g, lower is better", c.name, o.Examples(), goal, c.n, c.target)
		}
		if got := o.Constant().Value; math.Abs(got/c.constant-1) > 0.05 {
			t.Errorf("%s: a constant scores %g, want about %g", c.name, got, c.constant)
		}
		if c.copying > 0 {
			if got := copying(d, d.Test); math.Abs(got/c.copying-1) > 0.03 {
				t.Errorf("%s: copying the input has an rmse of %g, want %g", c.name, got, c.copying)
			}
		}
		again, err := c.data(c.n+10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again.Train.X[:len(d.Train.X)], d.Train.X) {
			t.Errorf("%s: more training data do not begin with the fewer", c.name)
		}
		if diff := cmp.Diff(d.Test, again.Test); diff != "" {
			t.Errorf("%s: more training data changed the test data", c.name)
		}
		other, err := c.data(c.n, 2)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(other.Test.X, d.Test.X) || slices.Equal(d.Valid.X, d.Test.X) {
			t.Errorf("%s: the test data are those of another seed or part", c.name)
		}
	}
}

// The square hides what copying gets wrong, and nothing else.
func TestOcclusionIsHalfWrongWhereItIsGrey(t *testing.T) {
	d, err := occlusionConfig{N: 50, Size: 16, Square: 6, Fresh: 50}.data(3, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := copying(d, d.Test); math.Abs(got-0.5*6/16) > 1e-12 {
		t.Errorf("copying the input has an rmse of %g, want 0.1875", got)
	}
	if d.Goal.Target != nil {
		t.Errorf("goal 0 is the target %g, want none", *d.Goal.Target)
	}
}

func TestImageClassesAreBalanced(t *testing.T) {
	for name, draw := range map[string]func(seed uint64) (bench.Data, error){
		"glyph-digits": func(s uint64) (bench.Data, error) {
			return glyphsConfig{N: 100, Size: 14, Flips: 0.08, Fresh: 50, Goal: 0.9}.data(s, "")
		},
		"shapeset": func(s uint64) (bench.Data, error) {
			return shapesetConfig{N: 90, Size: 16, Fresh: 45, Goal: 0.5}.data(s, "")
		},
	} {
		d, err := draw(1)
		if err != nil {
			t.Fatal(err)
		}
		count := make([]int, d.Out)
		for _, l := range d.Train.Labels {
			count[l]++
		}
		for c, n := range count {
			if n != 10 {
				t.Errorf("%s: %d training images of class %d, want 10", name, n, c)
			}
		}
		again, err := draw(1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" || slices.Equal(d.Valid.X, d.Test.X) {
			t.Errorf("%s: the same seed gave other data, or one part is the other", name)
		}
		o, err := named(t, name).New(nil, setup(1, ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Constant().Value; math.Abs(got-1/float64(d.Out)) > 1e-12 {
			t.Errorf("%s: a constant has accuracy %g, want 1/%d", name, got, d.Out)
		}
	}
}

func TestImageTasksRefuse(t *testing.T) {
	for _, c := range []struct{ task, config, want string }{
		{"occlusion", `{"size":16,"square":12,"margin":3}`, "occlusion: square: 12 pixels, want at most the 10 between the margins"},
		{"super-resolution", `{"size":30}`, "super-resolution: block: 4 pixels, want a divisor of the size, 30"},
		{"face-localisation", `{"size":8}`, "face-localisation: size: 8, want an integer in [16, "},
		{"contrast-noise", `{"noise":2}`, "contrast-noise: noise: 2, want a number in [0, 1]"},
		{"shapeset", `{"n":1}`, "shapeset: n: 1, want an integer in [18, "},
		{"glyph-digits", `{"flips":0.7}`, "glyph-digits: flips: 0.7, want a number in [0, 0.5]"},
	} {
		_, err := named(t, c.task).New(json.RawMessage(c.config), setup(1, ""))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %s:\n got %v\nwant %s", c.task, c.config, err, c.want)
		}
	}
}

// Bent images come from those that they take the place of, and all other parts are
// what they were.
func TestBentDigitsTakeThePlaceOfTheOthers(t *testing.T) {
	draw := func(bent int) bench.Data {
		d, err := strokesConfig{N: 20, Size: 16, Noise: 0.03, Bent: bent, Fresh: 10}.data(1, "")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	plain, bent := draw(0), draw(3)
	if plain.Train.N != 20 || bent.Train.N != 60 {
		t.Fatalf("%d and %d training images, want 20 and 60", plain.Train.N, bent.Train.N)
	}
	if diff := cmp.Diff(plain.Test, bent.Test); diff != "" {
		t.Error("the test data are bent")
	}
	for i := range 60 {
		if bent.Train.Labels[i] != plain.Train.Labels[i/3] {
			t.Errorf("label of image %d = %d, want %d", i, bent.Train.Labels[i], plain.Train.Labels[i/3])
		}
	}
	if slices.Equal(bent.Train.X[:256], plain.Train.X[:256]) || slices.Equal(bent.Train.X[:256], bent.Train.X[256:512]) {
		t.Error("images are not bent, or all alike")
	}
}

// Images without labels are more of the kind, of the same seed, and none of the others;
// all other parts are what they were.
func TestDigitsWithoutLabels(t *testing.T) {
	for name, draw := range map[string]func(n int) (bench.Data, error){
		"stroke-digits": func(n int) (bench.Data, error) {
			return strokesConfig{N: 20, Size: 8, Noise: 0.03, Fresh: 10, Unlabelled: n}.data(1, "")
		},
		"glyph-digits": func(n int) (bench.Data, error) {
			return glyphsConfig{N: 20, Size: 8, Flips: 0.08, Fresh: 10, Unlabelled: n}.data(1, "")
		},
	} {
		without, err := draw(0)
		if err != nil {
			t.Fatal(err)
		}
		with, err := draw(30)
		if err != nil {
			t.Fatal(err)
		}
		if len(without.Unlabelled) != 0 || len(with.Unlabelled) != 30*64 {
			t.Errorf("%s: %d and %d values without labels, want 0 and 30 images of 64", name, len(without.Unlabelled), len(with.Unlabelled))
		}
		seen := map[string]bool{}
		for _, x := range [][]float64{with.Train.X, with.Valid.X, with.Test.X} {
			for image := range slices.Chunk(x, 64) {
				seen[fmt.Sprint(image)] = true
			}
		}
		for image := range slices.Chunk(with.Unlabelled, 64) {
			if seen[fmt.Sprint(image)] {
				t.Errorf("%s: an image without a label is one with a label, or another without", name)
			}
			seen[fmt.Sprint(image)] = true
		}
		with.Unlabelled, without.Unlabelled = nil, nil
		if diff := cmp.Diff(without, with); diff != "" {
			t.Errorf("%s: images without labels change the others:\n%s", name, diff)
		}
	}
}
