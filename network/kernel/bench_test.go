package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkGemm(b *testing.B) {
	eachPath(func(path string) {
		b.Run(path+"/float64", benchmarkGemm[float64])
		b.Run(path+"/float32", benchmarkGemm[float32])
	})
}

func benchmarkGemm[T Float](b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{64, 64, 64}, {256, 32, 64}, {32, 64, 784}, {128, 256, 784}, {256, 10, 32}, {10, 784, 128}, {512, 512, 512}} {
		m, n, k := s[0], s[1], s[2]
		x, y, z := random[T](rng, m*k), random[T](rng, k*(n+8)), random[T](rng, m*(n+8))
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			for b.Loop() {
				Gemm(m, n, k, z, n+8, x, k, 1, y, n+8, nil, false)
			}
			b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// A call is a kernel at work on 10 rows of 128.
type call struct {
	name string
	run  func()
}

const callRows, callCols = 10, 128

func calls[T Float]() []call {
	const m, n = callRows, callCols
	rng := rand.New(rand.NewPCG(1, 2))
	x, y, z := random[T](rng, m*n), random[T](rng, m*n), make([]T, m*n)
	w, stat := random[T](rng, m), make([]T, 2*m)
	h, c, tanhC := make([]T, m*n), make([]T, m*n), make([]T, m*n)
	net, gates, peepholes := random[T](rng, 4*m*n), make([]T, 4*m*n), random[T](rng, 3*m)
	labels, targets := make([]int32, n), make([]T, m*n)
	for j := range labels {
		labels[j] = rng.Int32N(m)
	}
	return []call{
		{"Gemm", func() { Gemm(m, n, m, z, n, x, m, 1, y, n, w, false) }},
		{"Exp", func() { Exp(z, x) }},
		{"Log", func() { Log(z, x) }},
		{"Sigmoid", func() { Sigmoid(z, x) }},
		{"Tanh", func() { Tanh(z, x) }},
		{"ReLU", func() { ReLU(z, x) }},
		{"Sin", func() { Sin(z, x) }},
		{"Cos", func() { Cos(z, x) }},
		{"SinGrad", func() { SinGrad(z, x, y) }},
		{"CosGrad", func() { CosGrad(z, x, y) }},
		{"SigmoidGrad", func() { SigmoidGrad(z, x, y) }},
		{"TanhGrad", func() { TanhGrad(z, x, y) }},
		{"ReLUGrad", func() { ReLUGrad(z, x, y) }},
		{"Axpy", func() { Axpy(z, 1e-6, x) }},
		{"Scale", func() { Scale(z, 0.5) }},
		{"Add", func() { Add(z, x) }},
		{"Mul", func() { Mul(z, x) }},
		{"Sum2", func() { Sum2(z, x, y, 0.5) }},
		{"RowSums", func() { RowSums(stat, x, n, m, n, false) }},
		{"RowDots", func() { RowDots(stat, x, n, y, n, m, n, false) }},
		{"Transpose", func() { Transpose(z, m, x, n, m, n) }},
		{"Softmax", func() { SoftmaxCrossEntropy(z[:n], y, x, n, m, n, labels, 1) }},
		{"Binary", func() { BinaryCrossEntropy(z, y, x, m*n, targets, 1) }},
		{"Squared", func() { SquaredError(z, y, x, n, m, n, targets, n, 1) }},
		{"BatchNorm", func() { BatchNorm(z, x, n, m, n, w, w, 1e-5, stat[:m], stat[m:]) }},
		{"BatchNormInfer", func() { BatchNormInfer(z, x, n, m, n, w, w, stat[:m], stat[m:]) }},
		{"LSTM", func() { LSTM(h, c, tanhC, gates, net, y, n, m, n, nil) }},
		{"LSTMPeepholes", func() { LSTM(h, c, tanhC, gates, net, y, n, m, n, peepholes) }},
		{"LSTMGrad", func() { LSTMGrad(gates, c, h, net, y, tanhC, n, m, n, nil) }},
		{"BatchNormGrad", func() { BatchNormGrad(z, stat[:m], stat[m:], x, y, n, m, n, w, w, w) }},
	}
}

func BenchmarkCalls(b *testing.B) {
	for _, p := range []struct {
		name  string
		calls []call
	}{{"float64", calls[float64]()}, {"float32", calls[float32]()}} {
		for _, c := range p.calls {
			eachPath(func(path string) {
				b.Run(p.name+"/"+c.name+"/"+path, func(b *testing.B) {
					for b.Loop() {
						c.run()
					}
					b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/(callRows*callCols), "ns/element")
				})
			})
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	for _, c := range append(calls[float64](), calls[float32]()...) {
		eachPath(func(path string) {
			if got := testing.AllocsPerRun(10, c.run); got != 0 {
				t.Errorf("%s allocates %g times a call, want never (path %s)", c.name, got, path)
			}
		})
	}
}
