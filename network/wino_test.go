package network

import ("testing";"math/rand/v2";"math")

func TestWinoDW(t *testing.T) {
	for _, g := range [][6]int{{4,5,5,1,3,2},{16,16,6,1,32,32},{16,28,7,1,16,8},{8,20,7,0,70,9}, {9,17,8,2,33,17}} {
		in, out, size, pad, n := g[0], g[1], g[2], g[3], g[4]
		wino32(t, in, out, size, pad, n)
	}
}
func wino32(t *testing.T, in, out, size, pad, n int) {
	l, err := newConv[float64](Shape{in, size, size+1}, Conv{Channels: out, Kernel: 3, Pad: pad, NoBias: true})
	if err != nil { t.Fatal(err) }
	mem := []float64{}
	l.share(&mem)
	w := make([]float64, in*out*9)
	for i := range w { w[i] = rand.NormFloat64() }
	x := NewTensor[float64](l.in, n)
	for i := range x.Data { x.Data[i] = rand.NormFloat64() }
	y := NewTensor[float64](l.outputs, n)
	l.forward(Pass{}, w, x)
	for i := range y.Data { y.Data[i] = rand.NormFloat64() }
	dw := make([]float64, len(w))
	l.backward(w, dw, y, false)
	wg := &winograd[float64]{}
	for _, p := range [][2]int{{32,1},{64,3},{20,2}} {
		weightPanel, weightPatches = p[0], p[1]
		got := make([]float64, len(w))
		wg.weights(got, y, x, pad)
		for i := range dw { if math.Abs(got[i]-dw[i]) > 1e-10*(1+math.Abs(dw[i])) { t.Fatal(in, out, size, pad, n, p, i, got[i], dw[i]) } }
	}
}
