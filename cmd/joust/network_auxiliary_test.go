package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// problemFiles writes a network and data into files, and returns the arguments that are of
// them, without weights.
func problemFiles(t *testing.T, dir, text string, xShape []int, x []float64, yShape []int, y []float64) []string {
	t.Helper()
	net := filepath.Join(dir, "net.yaml")
	if err := os.WriteFile(net, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{net, "--inputs", saved(t, dir, "x", xShape, x), "--targets", saved(t, dir, "y", yShape, y)}
}

// bothLosses parses what eval and grad print of a network that loses something by itself.
func bothLosses(t *testing.T, printed string) (outputs, auxiliary float64) {
	t.Helper()
	if _, err := fmt.Sscanf(printed, "loss %g\nauxiliary loss %g\n", &outputs, &auxiliary); err != nil {
		t.Fatalf("prints %q, want a loss and an auxiliary loss: %v", printed, err)
	}
	return outputs, auxiliary
}

// A chunker whose weights are all 0 gives each of two symbols a half: it loses ln 2, and
// the gradient of the bias of a symbol is a half, less 1 for the one that comes. What
// reads its state, 0, is 0: that loses the square of the target.
func TestGradientOfAnAuxiliaryLossByHand(t *testing.T) {
	dir := t.TempDir()
	const text = "input: [2, 2]\nlayers: [{type: chunker, levels: 1, hidden: 1}, {type: dense, out: 1}]\nloss: mse\n"
	// Symbols 0 1, 1 1 and 1 0: two of three times the second one is symbol 1.
	x := []float64{1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0}
	args := problemFiles(t, dir, text, []int{3, 2, 2}, x, []int{3}, []float64{3, 3, 3})
	const dim = 2 + 1 + 1 + 2 + 2 + 1 + 1 // wx wh b wo bo; w b
	args = append(args, "--weights", saved(t, dir, "w", []int{dim}, make([]float64, dim)))
	g := filepath.Join(dir, "g.npy")
	for _, printed := range []string{execNetwork(t, append([]string{"eval"}, args...)...), execNetwork(t, append([]string{"grad", "--grad", g}, args...)...)} {
		if data, auxiliary := bothLosses(t, printed); data != 9 || math.Abs(auxiliary-math.Ln2) > 1e-15 {
			t.Errorf("losses %v and %v, want 9 and %v", data, auxiliary, math.Ln2)
		}
	}
	want := []float64{0, 0, 0, 0, 0, 0, 0.5 - 1.0/3, 0.5 - 2.0/3, 0, -6}
	for i, v := range load(t, g).Data {
		if math.Abs(v-want[i]) > 1e-15 {
			t.Errorf("gradient of weight %d is %v, want %v", i, v, want[i])
		}
	}
}

// The gradient is that of the sum of the losses that are printed: with a chunker of two
// levels, and a pyramid that pays for activity.
func TestGradientIsOfTheSumOfTheLosses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		x    []int
	}{
		"chunker": {"input: [5, 3]\nlayers: [{type: chunker, levels: 2, hidden: 2, read: all}, {type: dense, out: 1}]\nloss: mse\n", []int{4, 5, 3}},
		"pyramid": {"input: [1, 4, 4]\nlayers: [{type: pyramid, features: [1, 2], steps: 3, prior: 0.5}, {type: flatten}, {type: dense, out: 1}]\nloss: mse\n", []int{4, 1, 4, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 0))
			normal := func(n int) []float64 {
				x := make([]float64, n)
				for i := range x {
					x[i] = rng.NormFloat64()
				}
				return x
			}
			size := 1
			for _, n := range c.x {
				size *= n
			}
			dir := t.TempDir()
			args := problemFiles(t, dir, c.text, c.x, normal(size), []int{c.x[0]}, normal(c.x[0]))
			initial, g := filepath.Join(dir, "initial.npy"), filepath.Join(dir, "g.npy")
			execNetwork(t, "init", args[0], "--weights", initial)
			w := load(t, initial).Data
			for i, v := range normal(len(w)) {
				w[i] += v / 4
			}
			total := func(w []float64) float64 {
				at := saved(t, dir, "w", []int{len(w)}, w)
				data, auxiliary := bothLosses(t, execNetwork(t, append([]string{"eval", "--weights", at}, args...)...))
				if auxiliary == 0 {
					t.Fatal("nothing is lost by a layer, and the test shows nothing")
				}
				return data + auxiliary
			}
			total(w)
			execNetwork(t, append([]string{"grad", "--grad", g, "--weights", filepath.Join(dir, "w.npy")}, args...)...)
			for i, got := range load(t, g).Data {
				const h = 1e-5
				near := slices.Clone(w)
				near[i] = w[i] + h
				up := total(near)
				near[i] = w[i] - h
				want := (up - total(near)) / (2 * h)
				if math.Abs(got-want) > 1e-8*(1+math.Abs(want)) {
					t.Errorf("gradient of weight %d is %v, want that of the total, %v", i, got, want)
				}
			}
		})
	}
}

// The mean of equal examples is each of them, for what omega adds too, of which no loss
// is printed: it weighs as much as in a minibatch of that size.
func TestGradientOfOmegaIsAMean(t *testing.T) {
	gradient := func(copies int, omega float64) []float64 {
		dir := t.TempDir()
		text := fmt.Sprintf("input: [4, 1]\nlayers: [{type: rnn, hidden: 2, omega: %v}, {type: last}, {type: dense, out: 1}]\nloss: mse\n", omega)
		var x, y []float64
		for range copies {
			x, y = append(x, 1, -0.5, 0.25, 2), append(y, 3)
		}
		args := problemFiles(t, dir, text, []int{copies, 4, 1}, x, []int{copies}, y)
		w, g := filepath.Join(dir, "w.npy"), filepath.Join(dir, "g.npy")
		execNetwork(t, "init", args[0], "--weights", w)
		execNetwork(t, append([]string{"grad", "--grad", g, "--weights", w}, args...)...)
		return load(t, g).Data
	}
	one, three, without := gradient(1, 2), gradient(3, 2), gradient(1, 0)
	if slices.Equal(one, without) {
		t.Error("omega adds nothing, and the test shows nothing")
	}
	for i, v := range three {
		if math.Abs(v-one[i]) > 1e-14*(1+math.Abs(one[i])) {
			t.Errorf("gradient of weight %d of three equal examples is %v, want that of one, %v", i, v, one[i])
		}
	}
}
