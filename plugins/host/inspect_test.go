package host

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// TestInspectionFindsTheFirstThatIsNotFinite has lengths at which pieces, blocks
// and groups of eight begin and end, and numbers whose sum is not finite though
// each is.
func TestInspectionFindsTheFirstThatIsNotFinite(t *testing.T) {
	const piece = pieceBytes / 8
	for _, n := range []int{1, 7, 8, 9, blockNumbers - 1, blockNumbers, blockNumbers + 1, piece - 1, piece, piece + 1, 3*piece + blockNumbers + 5} {
		for _, size := range []float64{1, math.MaxFloat64} {
			v := make([]float64, n)
			for i := range v {
				v[i] = size * (1 - float64(i%3)/4)
			}
			places := map[int]bool{n: true, 0: true, n - 1: true, n / 2: true}
			for range 10 {
				places[rand.IntN(n)] = true
			}
			for at := range places { // n: everything is finite
				for _, wrong := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					want := -1
					if at < n {
						v[at], want = wrong, at
						if at+1 < n { // of opposite sign, and later
							v[n-1] = -wrong
						}
					}
					if _, bad := inspect(protocol.AppendFloats(nil, v)).result(); bad != want {
						t.Fatalf("%d numbers of about %g, %v at %d: %d, want %d", n, size, wrong, at, bad, want)
					}
					v[n-1] = size * (1 - float64((n-1)%3)/4)
					if at < n {
						v[at] = size * (1 - float64(at%3)/4)
					}
				}
			}
		}
	}
}

// TestInspectionHashes: the hash is of the numbers alone, and not of who looked at
// what, and one that changes in its last bit changes it, as do rows that change
// places.
func TestInspectionHashes(t *testing.T) {
	const n = 3*pieceBytes/8 + 100
	v := make([]float64, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range v {
		v[i] = r.NormFloat64()
	}
	data := protocol.AppendFloats(nil, v)
	hash, _ := inspect(data).result()
	for range 20 {
		if again, _ := inspect(data).result(); again != hash {
			t.Fatal("another hash of the same numbers")
		}
	}
	seen := map[uint64]string{hash: "nothing"}
	other := func(what string) {
		t.Helper()
		h, bad := inspect(protocol.AppendFloats(nil, v)).result()
		if was, ok := seen[h]; ok || bad >= 0 {
			t.Errorf("%s: hash %x, bad %d, as if %s had changed", what, h, bad, was)
		}
		seen[h] = what
	}
	for _, i := range []int{0, 1, blockNumbers, pieceBytes / 8, n - 1} {
		was := v[i]
		v[i] = math.Nextafter(was, math.Inf(1))
		other(fmt.Sprintf("number %d", i))
		v[i] = was
	}
	for i := range blockNumbers { // the first two blocks as rows
		v[i], v[blockNumbers+i] = v[blockNumbers+i], v[i]
	}
	other("two rows")
	if h, _ := inspect(data[:len(data)-8]).result(); h == hash {
		t.Error("one number fewer, and the same hash")
	}
}

func BenchmarkInspect(b *testing.B) {
	for _, n := range []int{64 * 2400, 64 * 50_890, 256 * 51_000} {
		data := protocol.AppendFloats(nil, make([]float64, n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				inspect(data).result()
			}
		})
	}
}

// A lie in a batch that is looked at beside its evaluation costs the trial as one
// in any other does, whatever is called next, and with the same words.
func TestALieInALargeBatch(t *testing.T) {
	const dim, at = atOnce/8 + 12345, atOnce/8 + 7
	var lying *local
	f := serving(find(t, "one-plus-one"))
	f.make = func(int64, int) *local {
		l := newLocal(4*8*dim, find(t, "one-plus-one"))
		l.after = func(_ string, answer any) error {
			a, ok := answer.(*protocol.StepResponse)
			if !ok || a.GetAsked().GetBatch() != 2 {
				return nil
			}
			protocol.Floats(l.shared)[a.Asked.Rows.Where.(*protocol.Rows_Offset).Offset/8+at] = math.NaN()
			lying = l
			return nil
		}
		return l
	}
	p := f.plugin(t, Options{})
	for name, next := range map[string]func(o optimizers.Optimizer) error{
		"tell":  func(o optimizers.Optimizer) error { return o.Tell(make([]optimizers.Evaluation, 1)) },
		"close": closeOptimizer,
		"recommend": func(o optimizers.Optimizer) error {
			o.(optimizers.Recommender).Recommend()
			return o.Tell(make([]optimizers.Evaluation, 1))
		},
	} {
		opt, err := p.Definitions()[0].New(nil, problem(dim))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		if err := opt.Tell(make([]optimizers.Evaluation, len(rows))); err != nil {
			t.Fatal(err)
		}
		if _, err := opt.Ask(); err != nil {
			t.Fatalf("%v, want the candidates", err)
		}
		want := fmt.Sprintf("one-plus-one (plugin p 1.0): step 1: ask: candidate 0: weight %d is NaN, want a finite number", at)
		if err := next(opt); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		select {
		case <-lying.died:
		default:
			t.Errorf("%s: the process lives", name)
		}
		if _, err := opt.Ask(); err == nil {
			t.Errorf("%s: asked again", name)
		}
		if err := closeOptimizer(opt); err != nil {
			t.Errorf("%s: close: %v, want nothing that was told", name, err)
		}
	}
}
