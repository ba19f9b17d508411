package paths

import (
	"math"
	"math/rand/v2"
)

// Gradients returns, for k from 0 to the number of blocks, the gradient at the input
// of the first block that comes down on all the paths through k branches together,
// given the gradient dy of the loss with respect to the last outputs. Their sum is
// the gradient. From the top down, with G[k] for each length so far, a block makes
// of it skip(G[k]) + branch(G[k-1]).
func (c *Chain) Gradients(w []float64, dy tensor) []tensor {
	g := []tensor{copied(dy)}
	for i := len(c.parts) - 1; i >= c.first; i-- {
		p := &c.parts[i]
		if !p.block {
			for k := range g {
				g[k] = c.branch(p, w, g[k])
			}
			continue
		}
		next := make([]tensor, len(g)+1)
		for k := range next {
			switch {
			case k == 0:
				next[k] = c.skip(p, w, g[k])
			case k == len(g):
				next[k] = c.branch(p, w, g[k-1])
			default:
				next[k] = plus(c.skip(p, w, g[k]), 1, c.branch(p, w, g[k-1]))
			}
		}
		g = next
	}
	return g
}

// Sample returns, for k from 0 to the number of blocks, the [Norm] of the gradient at
// the input of the first block that comes down on a single path through k branches,
// averaged over samples of such paths that rng draws (Veit et al. 2016, section 4.3).
func (c *Chain) Sample(w []float64, dy tensor, rng *rand.Rand, samples int) []float64 {
	n := make([]float64, c.blocks+1)
	through := make([]bool, c.blocks)
	for k := range n {
		for i := range through {
			through[i] = i < k
		}
		for range samples {
			rng.Shuffle(len(through), func(i, j int) { through[i], through[j] = through[j], through[i] })
			n[k] += Norm(c.Path(w, dy, through)) / float64(samples)
		}
	}
	return n
}

// Path returns the gradient at the input of the first block that comes down on one
// path: through the branches of some blocks, and around the others.
func (c *Chain) Path(w []float64, dy tensor, through []bool) tensor {
	g, block := copied(dy), c.blocks
	for i := len(c.parts) - 1; i >= c.first; i-- {
		p := &c.parts[i]
		if p.block {
			block--
		}
		if !p.block || through[block] {
			g = c.branch(p, w, g)
		} else {
			g = c.skip(p, w, g)
		}
	}
	return g
}

// Norm is the Euclidean norm of each example, averaged over them.
func Norm(g tensor) float64 {
	norms := make([]float64, g.N)
	for f := range g.Shape.Len() {
		for i, v := range g.Row(f) {
			norms[i] = math.Hypot(norms[i], v)
		}
	}
	sum := 0.0
	for _, v := range norms {
		sum += v
	}
	return sum / float64(g.N)
}

// Contributions returns the share that the paths of each length k have of the
// gradient, C(L,k)*n[k] over their sum, from the norms n of single ones, of lengths 0
// to L. With norms of 1 it is the share of the paths, the binomial distribution.
func Contributions(n []float64) []float64 {
	logs, most := make([]float64, len(n)), math.Inf(-1)
	for k, v := range n {
		logs[k] = logChoose(len(n)-1, k) + math.Log(v)
		most = max(most, logs[k])
	}
	share, sum := make([]float64, len(n)), 0.0
	for k, v := range logs {
		share[k] = math.Exp(v - most)
		sum += share[k]
	}
	for k := range share {
		share[k] /= sum
	}
	return share
}

// logChoose is ln C(n, k).
func logChoose(n, k int) float64 {
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n) + 1); return v }
	return lg(n) - lg(k) - lg(n-k)
}

// Mean is the mean length of shares, and Quantile the least length up to which they
// are at least q.
func Mean(share []float64) float64 {
	mean := 0.0
	for k, v := range share {
		mean += float64(float64(k) * v)
	}
	return mean
}

// Quantile is the least length up to which shares sum to at least q.
func Quantile(share []float64, q float64) int {
	sum := 0.0
	for k, v := range share {
		if sum += v; sum >= q {
			return k
		}
	}
	return len(share) - 1
}
