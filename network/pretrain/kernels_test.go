package pretrain

import (
	"context"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/netcheck"
)

// Everything that is trained, sampled or estimated has the same bits with all the
// instructions that kernels use. The sizes are no multiples of a vector's length.
func TestPretrainingGivesTheSameBitsOnAllKernels(t *testing.T) {
	const visible, classes, n = 9, 3, 30
	binary := barsAndStripes(3)
	for len(binary) < n*visible {
		binary = append(binary, binary[:min(len(binary), n*visible-len(binary))]...)
	}
	real := make([]float64, n*visible)
	rng := seeded(1)
	for i := range real {
		real[i] = 2 * rng.NormFloat64()
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	netcheck.Kernels(t, func() netcheck.Digests {
		d := netcheck.Digests{}
		ctx := context.Background()
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		machine := func(name string, r *RBM) {
			d[name] = netcheck.Digest(slices.Concat(r.W, r.B, r.C))
		}

		cds := map[string]CD{
			"CD-3":  {K: 3, Epochs: 7, Batch: 13, Rate: 0.1, Momentum: 0.9, Decay: 1e-3, Draw: true},
			"PCD-1": {K: 1, Epochs: 7, Batch: 13, Rate: 0.1, Persistent: true, Anneal: true},
		}
		for name, cd := range cds {
			rng := seeded(2)
			gaussian := NewRBM(visible, 11, rng)
			gaussian.Units = Gaussian
			gaussian.FitBias(real)
			must(gaussian.Train(ctx, real, cd, rng))
			machine(name+" of Gaussian units", gaussian)

			r := NewRBM(visible, 11, rng)
			r.FitBias(binary)
			must(r.Train(ctx, binary, cd, rng))
			machine(name, r)
			exact, err := r.LogZ()
			must(err)
			z, sigma, err := r.AIS(r.B, 20, 7, seeded(3))
			must(err)
			d[name+": partition function"] = netcheck.Digest([]float64{exact})
			d[name+": AIS"] = netcheck.Digest([]float64{z, sigma})
			d[name+": free energies"] = netcheck.Digest(r.FreeEnergy(binary))
			g, err := r.Gradient(binary, nil)
			must(err)
			machine(name+": gradient", g)
		}

		for name, a := range map[string]*Autoencoder{
			"autoencoder":      NewAutoencoder(visible, 11, false, seeded(4)),
			"tied autoencoder": NewAutoencoder(visible, 11, true, seeded(4)),
		} {
			for _, kind := range []struct {
				name   string
				loss   loss.Kind
				linear bool
			}{{"cross-entropy", loss.BinaryCrossEntropy, false}, {"squared error", loss.MSE, false}, {"linear", loss.MSE, true}} {
				a.Loss, a.Linear = kind.loss, kind.linear
				must(a.Train(ctx, binary, Reconstruct{Epochs: 5, Batch: 13, Rate: 0.05, Momentum: 0.9, Noise: 0.25}, seeded(5)))
				d[name+", "+kind.name] = netcheck.Digest(slices.Concat(a.parameters()...))
			}
		}

		rng := seeded(6)
		cd := cds["CD-3"]
		net, err := Greedy(ctx, binary, visible, []int{7, 10}, Binary, cd, rng)
		must(err)
		must(net.AddTop(ctx, binary, labels, classes, 9, cd, rng))
		must(net.UpDown(ctx, binary, labels, UpDown{K: 2, Epochs: 3, Batch: 13, Rate: 0.05}, rng))
		for l, r := range net.Layers {
			machine("deep belief network, machine "+string('0'+rune(l)), r)
		}
		for l, up := range net.Up {
			d["deep belief network, recognition "+string('0'+rune(l))] = netcheck.Digest(slices.Concat(up.W, up.C))
		}
		images, err := net.Generate(labels, 3, rng)
		must(err)
		d["deep belief network, images"] = netcheck.Digest(images)

		for name, s := range stages() {
			for of, x := range map[string][]float64{"binary": binary, "real": real} {
				specs := sigmoidNet(7, 5)
				w := build(t, network.Shape{visible}, specs).Init(seeded(7))
				_, err := s.Run(ctx, network.Shape{visible}, specs, w, x, seeded(8))
				must(err)
				d["stage "+name+" of "+of+" inputs"] = netcheck.Digest(w)
			}
		}
		return d
	})
}
