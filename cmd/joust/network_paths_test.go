package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// With branches a*x, a path through k of L blocks carries a^k of the gradient 2y/(width
// N), all of them C(L,k) times as much, their shares are binomial, a block multiplies the
// norm by 1+a, and without one the outputs are (1+a)^(L-1) x: by hand.
func TestNetworkPathsOfLinearBlocks(t *testing.T) {
	const blocks, width, n, a = 6, 3, 5, 0.25
	dir := t.TempDir()
	net := filepath.Join(dir, "net.yaml")
	block := fmt.Sprintf("  - {type: residual, body: [{type: dense, out: %d, no_bias: true}]}\n", width)
	text := fmt.Sprintf("input: [%d]\nlayers:\n%sloss: mse\n", width, strings.Repeat(block, blocks))
	if err := os.WriteFile(net, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, x := make([]float64, blocks*width*width), make([]float64, n*width)
	for b := range blocks {
		for i := range width {
			w[b*width*width+i*width+i] = a
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	square, norm := 0.0, 0.0 // means over values, and over examples
	for i := range n {
		sum := 0.0
		for f := range width {
			v := rng.NormFloat64()
			x[i*width+f] = v
			sum += v * v
		}
		square += sum / (width * n)
		norm += math.Sqrt(sum) / n
	}
	grown := math.Pow(1+a, blocks)
	args := []string{
		"paths", net, "--weights", saved(t, dir, "w", []int{len(w)}, w), "--inputs", saved(t, dir, "x", []int{n, width}, x),
		"--targets", saved(t, dir, "y", []int{n, width}, make([]float64, n*width)),
	}
	var r pathReport
	if err := json.Unmarshal([]byte(execNetwork(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-12*math.Abs(want)) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("loss", r.Loss, square*grown*grown)
	near("mean length", r.Mean, blocks*a/(1+a))
	if len(r.Lengths) != blocks+1 || len(r.Blocks) != blocks || r.From != 0 || r.To != 3 { // P(k <= 2) = 0.901, P(k <= 3) = 0.983
		t.Fatalf("%d lengths and %d blocks, 95 %% from %d to %d, want 7, 6, 0 and 3", len(r.Lengths), len(r.Blocks), r.From, r.To)
	}
	for k, choose := range []float64{1, 6, 15, 20, 15, 6, 1} {
		p := r.Lengths[k]
		one := 2 * grown * norm / (width * n) * math.Pow(a, float64(k))
		near("number of paths", p.Paths, choose)
		near("gradient of one path", p.One, one)
		near("gradient of all paths", p.Whole, choose*one)
		near("share", p.Share, choose*math.Pow(a, float64(k))/grown)
	}
	for i, b := range r.Blocks {
		near("norm", b.Norm, 1+a)
		near("loss without a block", b.Without, r.Loss/((1+a)*(1+a)))
		if want := fmt.Sprintf("%d.residual", i); b.Name != want {
			t.Errorf("block %q, want %q", b.Name, want)
		}
	}
	if got := execNetwork(t, args...); !strings.Contains(got, "3        20     ") || !strings.Contains(got, "5.residual  1.25 ") {
		t.Errorf("text:\n%s", got)
	}
}
