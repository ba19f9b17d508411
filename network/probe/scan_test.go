package probe

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Gates without weights are their biases: of i, u, l, o, and g, which is none.
func TestGatesOfAnMDLSTM(t *testing.T) {
	const cells, scans = 2, 4
	net := mustNew[float64](t, network.Shape{1, 3, 2}, network.MDLSTM{Cells: cells})
	w := make([]float64, net.Dim())
	perWay := len(w) / scans
	for way := range scans {
		copy(w[(way+1)*perWay-5*cells:], []float64{0, 9, 1, -2, -9, 0.5, 3, 0, 20, 20})
	}
	w[2*perWay-5*cells+2] = 4 // of the first u of the second scan
	x, target := images(newRand(1).NormFloat64, network.Shape{1, 3, 2}, 5), values(normal(newRand(2), cells*6, 5))
	r := Take(net, w, x, loss.MSE, target).Recurrent[0]
	u := (3*sigmoid(1) + sigmoid(4) + 4*sigmoid(-2)) / 8
	l := (sigmoid(-9) + sigmoid(0.5)) / 2
	within(t, "forget gates", r.Forget, (u+l)/2, 1e-14)
	within(t, "saturated gates", r.Saturated, 2.0/8, 1e-15) // 9 and -9: a gate at 4 has a slope of 0.07 of the largest
	if r.Lags != nil || !math.IsNaN(r.Norm) || !math.IsNaN(r.Radius) {
		t.Errorf("%+v, want neither lags, nor norm and radius", r)
	}
}

// The gates are those that the layer has computed: by its equations, for one scan after
// another, they make its outputs.
func TestGatesOfAnMDLSTMMakeTheOutputs(t *testing.T) {
	const cells, channels, height, width = 2, 3, 3, 4
	in := network.Shape{channels, height, width}
	for _, spec := range []network.MDLSTM{{Cells: cells, Peepholes: true}, {Cells: cells}, {Cells: cells, Directions: 1, Peepholes: true}} {
		net := mustNew[float64](t, in, spec)
		rng := newRand(7)
		w := net.Init(rng)
		for i := range w {
			w[i] = 1.5 * rng.NormFloat64()
		}
		x := images(rng.NormFloat64, in, 2)
		y := net.Forward(network.Pass{Mode: network.Train}, w, x)
		scans := 4
		if spec.Directions == 1 {
			scans = 1
		}
		var kept, keeping, saturated, gates float64
		gate := func(z float64) float64 {
			a := sigmoid(z)
			if a*(1-a) < 0.05/4 {
				saturated++
			}
			gates++
			return a
		}
		// Steps go to the south-east, south-west, north-east and north-west.
		steps := [][2]int{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}}
		sums := make([]float64, cells*height*width)
		for e := range x.N {
			clear(sums)
			for way, step := range steps[:scans] {
				own := w[way*len(w)/scans:][:len(w)/scans]
				const rows = 5 * cells
				at := map[[3]int][2]float64{} // h and c of row, column and cell
				for i := range height {
					for j := range width {
						r, c := i, j
						if step[0] < 0 {
							r = height - 1 - i
						}
						if step[1] < 0 {
							c = width - 1 - j
						}
						for k := range cells {
							z := func(g int) float64 {
								unit := g*cells + k
								sum := own[rows*(channels+2*cells)+unit]
								for f := range channels {
									sum += own[unit*channels+f] * x.Row((f*height+r)*width + c)[e]
								}
								for m := range cells {
									sum += own[rows*channels+unit*cells+m] * at[[3]int{r - step[0], c, m}][0]
									sum += own[rows*(channels+cells)+unit*cells+m] * at[[3]int{r, c - step[1], m}][0]
								}
								return sum
							}
							peep := func(i int) float64 {
								if !spec.Peepholes {
									return 0
								}
								return own[rows*(channels+2*cells+1)+i*cells+k]
							}
							up, left := at[[3]int{r - step[0], c, k}][1], at[[3]int{r, c - step[1], k}][1]
							u, l := gate(z(1)+peep(2)*up), gate(z(2)+peep(3)*left)
							state := u*up + l*left + gate(z(0)+peep(0)*up+peep(1)*left)*math.Tanh(z(4))
							h := gate(z(3)+peep(4)*state) * math.Tanh(state)
							at[[3]int{r, c, k}] = [2]float64{h, state}
							kept, keeping = kept+u+l, keeping+2
							sums[(k*height+r)*width+c] += h
						}
					}
				}
			}
			for f, want := range sums {
				within(t, "output by hand", y.Row(f)[e], want, 1e-12)
			}
		}
		r := ofMDLSTM(spec, w, x)
		within(t, "forget gates by hand", r.Forget, kept/keeping, 1e-12)
		within(t, "saturated gates by hand", r.Saturated, saturated/gates, 1e-15)
		if saturated < 0.1*gates || saturated > 0.9*gates {
			t.Errorf("%v of %v gates are saturated, and the test shows little", saturated, gates)
		}
	}
}

// A layer over an image has no lags; those of the sequence made of it are found.
func TestLagsBehindAnMDLSTM(t *testing.T) {
	in := network.Shape{1, 3, 4}
	net := mustNew[float64](t, in, network.MDLSTM{Cells: 2}, network.Collapse{}, network.LSTM{Hidden: 2}, network.Last{})
	w, x := net.Init(newRand(1)), images(newRand(2).NormFloat64, in, 3)
	y := values(normal(newRand(3), 2, 3))
	lags := Lags(net, w, x, loss.MSE, y)
	s := Take(net, w, x, loss.MSE, y)
	if len(s.Recurrent) != 2 || s.Recurrent[0].Lags != nil || len(s.Recurrent[1].Lags) != 4 {
		t.Fatalf("recurrences %+v, want one without lags and one with 4", s.Recurrent)
	}
	if len(lags) != 4 || lags[0] != s.Recurrent[1].Lags[0] || !(lags[0] > 0) {
		t.Errorf("lags %v, want %v", lags, s.Recurrent[1].Lags)
	}
}
