package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// saved writes an array into a file of the test's.
func saved(t *testing.T, dir, name string, shape []int, values []float64) string {
	t.Helper()
	path := filepath.Join(dir, name+".npy")
	if err := writeNPY(path, shape, values); err != nil {
		t.Fatal(err)
	}
	return path
}

// Losses and gradients of sequences of labels are those of torch.nn.CTCLoss
// (network/loss/testdata): a network that hands on what comes in has them as those of
// its inputs, and as those of its biases their sum over steps and examples.
func TestNetworkCTCAgainstPyTorch(t *testing.T) {
	content, err := os.ReadFile("../../network/loss/testdata/ctc.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			Steps, Classes int
			Lens           []float64
			Labels         [][]float64
			Losses         []float64
			Gradient       []float64 // [steps][classes][n], of the sum of the losses
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	for seed, c := range figures.Cases {
		dir, n, k := t.TempDir(), len(c.Lens), c.Classes
		net := filepath.Join(dir, "net.yaml")
		text := fmt.Sprintf("input: [%d, %d]\nlayers: [{type: time-dense, out: %d}]\nloss: ctc\n", c.Steps, k, k)
		if err := os.WriteFile(net, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		identity := make([]float64, k*k+k)
		for i := range k {
			identity[i*k+i] = 1
		}
		width, mean := 0, 0.0
		for j, labels := range c.Labels {
			width = max(width, len(labels))
			mean += c.Losses[j] / float64(n)
		}
		x, want, biases := make([]float64, n*c.Steps*k), make([]float64, n*c.Steps*k), make([]float64, k)
		for i := range x { // draw of ctc.py, times 6, is [steps][classes][n]
			j, f := i%n, i/n
			at := j*c.Steps*k + f
			x[at] = 6 * (float64(uint32(i*2654435761+seed*40503+12345))/(1<<32) - 0.5)
			want[at] = c.Gradient[i] / float64(n)
			biases[f%k] += want[at]
		}
		var labels []float64
		for _, row := range c.Labels {
			labels = append(labels, row...)
			for range width - len(row) {
				labels = append(labels, -1)
			}
		}
		gradient, inputs := filepath.Join(dir, "g.npy"), filepath.Join(dir, "dx.npy")
		args := []string{
			net, "--weights", saved(t, dir, "w", []int{len(identity)}, identity), "--inputs", saved(t, dir, "x", []int{n, c.Steps, k}, x),
			"--targets", saved(t, dir, "y", []int{n, width}, labels), "--lengths", saved(t, dir, "lengths", []int{n}, c.Lens),
		}
		for _, printed := range []string{
			execNetwork(t, append([]string{"eval"}, args...)...),
			execNetwork(t, append([]string{"grad", "--grad", gradient, "--input-grad", inputs}, args...)...),
		} {
			var got float64
			if _, err := fmt.Sscanf(printed, "loss %g\n", &got); err != nil || !(math.Abs(got-mean) <= 1e-10*mean) {
				t.Errorf("case %d: prints %q, want loss %v", seed, printed, mean)
			}
		}
		for i, v := range load(t, inputs).Data {
			if !(math.Abs(v-want[i]) <= 1e-10) {
				t.Fatalf("case %d: gradient of input %d is %v, want %v", seed, i, v, want[i])
			}
		}
		for i, v := range load(t, gradient).Data[k*k:] {
			if !(math.Abs(v-biases[i]) <= 1e-9) {
				t.Errorf("case %d: gradient of bias %d is %v, want %v", seed, i, v, biases[i])
			}
		}
	}
}

// Whatever is wrong with labels or lengths is said, and what would be right.
func TestNetworkSequenceErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ctc := file("ctc.yaml", "input: [4, 3]\nlayers: [{type: time-dense, out: 3, no_bias: true}]\nloss: ctc\n")
	mse := file("mse.yaml", "input: [4, 3]\nlayers: [{type: time-dense, out: 3, no_bias: true}]\nloss: mse\n")
	label := file("label.yaml", "input: [4, 3]\nlayers: [{type: time-dense, out: 3, no_bias: true}]\nloss: softmax-cross-entropy\n")
	flat := file("flat.yaml", "input: [12]\nlayers: [{type: dense, out: 2}]\nloss: mse\n")
	w, x := saved(t, dir, "w", []int{9}, make([]float64, 9)), saved(t, dir, "x", []int{2, 4, 3}, make([]float64, 24))
	array := func(shape []int, values ...float64) string {
		return saved(t, dir, fmt.Sprintf("%v%v", shape, values), shape, values)
	}
	good, lengths := array([]int{2, 2}, 1, 2, 2, -1), array([]int{2}, 4, 1)
	for _, tt := range []struct{ net, targets, lengths, want string }{
		{ctc, good, lengths, ""},
		{ctc, good, "", ""},
		{ctc, array([]int{2, 0}), lengths, ""},
		{ctc, array([]int{2}, 1, 2), lengths, "shape (2), want (2, L): a row of labels for each of the inputs, filled up with -1"},
		{ctc, array([]int{3, 1}, 1, 1, 1), lengths, "shape (3, 1), want (2, L)"},
		{ctc, array([]int{2, 2}, 1, 0, 2, -1), lengths, "value [0 1] is 0, want a label from 1 to 2, or -1 after the last; 0 is the blank"},
		{ctc, array([]int{2, 2}, 1, 2, 3, -1), lengths, "value [1 0] is 3, want a label from 1 to 2"},
		{ctc, array([]int{2, 2}, 1, 1.5, 2, -1), lengths, "value [0 1] is 1.5, want a label"},
		{ctc, array([]int{2, 2}, -1, 1, 2, -1), lengths, "value [0 1] is 1 after a -1, want nothing but -1"},
		{ctc, array([]int{2, 2}, 1, 2, 2, 1), lengths, "the labels of row 1 cannot be read from 1 step, want at least 2"},
		{ctc, array([]int{2, 3}, 1, 1, 1, 2, -1, -1), lengths, "the labels of row 0 cannot be read from 4 steps, want at least 5"},
		{ctc, good, array([]int{2}, 5, 1), "value [0] is 5, want a number of steps from 1 to 4"},
		{ctc, good, array([]int{2}, 4, 0), "value [1] is 0, want a number of steps from 1 to 4"},
		{ctc, good, array([]int{1}, 4), "shape (1), want a length for each of the inputs, (2)"},
		{mse, x, lengths, ""},
		{label, array([]int{2}, 1, 2), "", "shape (2), want a label for each of their steps, (2, 4)"},
		{label, array([]int{2, 4}, 0, 1, 2, 0, 1, 9, 9, 9), lengths, ""},
		{label, array([]int{2, 4}, 0, 1, 2, 0, 1, 9, 9, 9), "", "value [1 1] is 9, want a label from 0 to 2"},
		{flat, good, lengths, "inputs of " + flat + " are of shape (12), want sequences, (T, F)"},
	} {
		args := []string{"eval", tt.net, "--weights", w, "--inputs", x, "--targets", tt.targets}
		if tt.net == flat {
			args[3], args[5] = array([]int{26}, make([]float64, 26)...), array([]int{2, 12}, make([]float64, 24)...)
		}
		if tt.lengths != "" {
			args = append(args, "--lengths", tt.lengths)
		}
		cmd := newNetworkCommand()
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetOut(new(bytes.Buffer))
		cmd.SetErr(new(bytes.Buffer))
		cmd.SetArgs(args)
		err := cmd.ExecuteContext(t.Context())
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%v: %v", args[2:], err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%v: error %v, want %q", args[1:], err, tt.want)
		}
	}
}

// A label at each step: the loss of an example is the mean of -ln p over its steps, and
// the gradient with respect to the outputs, by the definition of softmax, p less 1 at the
// label. A network that hands on what comes in has them as those of its inputs. Steps
// after the end count nothing, and their labels are not read.
func TestNetworkLabelsAtEveryStep(t *testing.T) {
	const n, steps, k = 2, 3, 4
	rng := rand.New(rand.NewPCG(5, 6))
	draw := func(size int) []float64 {
		values := make([]float64, size)
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		return values
	}
	identity := make([]float64, k*k+k)
	for i := range k {
		identity[i*k+i] = 1
	}
	x, labels := draw(n*steps*k), []float64{3, 0, 2, 1, 1, 9}
	for _, lengths := range [][]float64{{steps, 2}, nil} {
		if lengths == nil {
			labels[n*steps-1] = 0
		}
		want, mean := make([]float64, len(x)), 0.0
		for i := range n {
			length := steps
			if lengths != nil {
				length = int(lengths[i])
			}
			for s := range length {
				at := (i*steps + s) * k
				sum, share := 0.0, 1/float64(n*length)
				for _, v := range x[at:][:k] {
					sum += math.Exp(v)
				}
				label := int(labels[i*steps+s])
				for c, v := range x[at:][:k] {
					want[at+c] = share * math.Exp(v) / sum
				}
				want[at+label] -= share
				mean += share * (math.Log(sum) - x[at+label])
			}
		}
		dir := t.TempDir()
		net := filepath.Join(dir, "net.yaml")
		text := fmt.Sprintf("input: [%d, %d]\nlayers: [{type: time-dense, out: %d}]\nloss: softmax-cross-entropy\n", steps, k, k)
		if err := os.WriteFile(net, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		weights, gradient, inputs := filepath.Join(dir, "w.npy"), filepath.Join(dir, "g.npy"), filepath.Join(dir, "dx.npy")
		args := []string{net, "--weights", weights, "--inputs", saved(t, dir, "x", []int{n, steps, k}, x), "--targets", saved(t, dir, "y", []int{n, steps}, labels)}
		if lengths != nil {
			args = append(args, "--lengths", saved(t, dir, "lengths", []int{n}, lengths))
		}
		lossOf := func(w []float64) float64 {
			if err := writeNPY(weights, []int{len(w)}, w); err != nil {
				t.Fatal(err)
			}
			printed, v := execNetwork(t, append([]string{"eval"}, args...)...), math.NaN()
			if _, err := fmt.Sscanf(printed, "loss %g\n", &v); err != nil {
				t.Errorf("prints %q: %v", printed, err)
			}
			return v
		}
		if got := lossOf(identity); !(math.Abs(got-mean) <= 1e-13) {
			t.Errorf("lengths %v: loss %v, want %v", lengths, got, mean)
		}
		execNetwork(t, append([]string{"grad", "--grad", gradient, "--input-grad", inputs}, args...)...)
		for i, v := range load(t, inputs).Data {
			if !(math.Abs(v-want[i]) <= 1e-14) {
				t.Errorf("lengths %v: gradient of input %d is %v, want %v", lengths, i, v, want[i])
			}
		}
		// The weights', by finite differences.
		dw := load(t, gradient).Data
		for i := range identity {
			w := slices.Clone(identity)
			w[i] += 1e-5
			up := lossOf(w)
			w[i] -= 2e-5
			if slope := (up - lossOf(w)) / 2e-5; !(math.Abs(dw[i]-slope) <= 1e-9) {
				t.Errorf("lengths %v: gradient of weight %d is %v, want %v", lengths, i, dw[i], slope)
			}
		}
	}
}

// A network of a few lines can be larger than memory. What is too much is said, and where.
func TestNetworkCheckRefusesWhatIsTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.yaml")
	for _, tt := range []struct{ text, want string }{
		{"input: [1]\nlayers:\n- {type: dense, out: 2}\n- {type: dense, out: 300000000}\n", ":4:3: layer 1: up to here 900000004 weights, and 300000003 values of each of 30 examples, want at most 10000000 of them all"},
		{"input: [1, 1, 1]\nlayers:\n- {type: conv, channels: 100000000, kernel: 1}\n", ":3:3: layer 0: up to here 200000000 weights"},
		{"input: [1]\nlayers:\n- {type: dense, out: 1000000000, no_bias: true}\n- {type: batchnorm}\n", ":4:3: layer 1 (batchnorm): want at most 1000000000 weights"},
		{"input: [1, 1, 1]\nlayers:\n- {type: zeropad, channels: 900000000}\n", ":3:3: layer 0: up to here 0 weights, and 900000001 values"},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := newNetworkCommand()
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetArgs([]string{"check", path})
		err := cmd.ExecuteContext(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), path+tt.want) {
			t.Errorf("%q: error %v, want %s", tt.text, err, tt.want)
		}
	}
}
