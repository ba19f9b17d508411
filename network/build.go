package network

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Bounds on what a description may ask for: it may come from a stranger's file.
const (
	maxLen   = 1_000_000_000 // weights of a network, and values of one example
	maxDepth = 100           // layers inside layers
)

// New wires specs into a network for inputs of shape in. Without specs it is
// the identity. An error names the layer: `layer 2 (dense): want a vector, got
// (1, 28, 28)`. A network has at most 1e9 weights and 1e9 values between two
// layers, and its layers nest at most 100 deep.
func New[T Float](in Shape, specs ...Spec) (*Network[T], error) {
	if err := checkShape(in); err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	n := &Network[T]{in: slices.Clone(in), specs: Specs(specs).clone()}
	var err error
	if n.root, err = n.chain(n.in, n.specs, "", 0); err != nil {
		return nil, err
	}
	n.findParts()
	n.lesions = make([]bool, len(specs))
	return n, nil
}

func checkShape(s Shape) error {
	if len(s) == 0 {
		return errors.New("want a shape of at least one dimension, got ()")
	}
	n := 1
	for _, d := range s {
		if d < 1 {
			return fmt.Errorf("want dimensions of at least 1, got %v", s)
		}
		if d > maxLen/n {
			return fmt.Errorf("want at most %d values, got %v", maxLen, s)
		}
		n *= d
	}
	return nil
}

// chain builds specs, and appends their blocks and leaves to those of n. Path
// leads to the chain.
func (n *Network[T]) chain(in Shape, specs Specs, path string, depth int) (*chain[T], error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("layers nested more than %d deep", maxDepth)
	}
	c := &chain[T]{out: in, nodes: make([]node[T], len(specs)), first: len(specs)}
	n.chains = append(n.chains, c)
	base := n.dim
	for i, s := range specs {
		if s == nil {
			return nil, fmt.Errorf("layer %d: want a spec, got nil", i)
		}
		at := path + strconv.Itoa(i) + "." + s.spec()
		info := Layer{Path: at, Spec: s, Number: len(n.leaves), Off: n.dim}
		l, err := n.layer(c.out, s, at, depth)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, s.spec(), err)
		}
		lf, isLeaf := l.(leaf[T])
		if isLeaf {
			for _, b := range lf.blocks() {
				if b.Len > maxLen-n.dim {
					return nil, fmt.Errorf("layer %d (%s): want at most %d weights in all", i, s.spec(), maxLen)
				}
				b.Name, b.Off, b.Layer = at+"."+b.Name, n.dim, info.Number
				n.blocks = append(n.blocks, b)
				n.dim += b.Len
			}
		}
		c.nodes[i] = node[T]{layer: l, lo: info.Off - base, hi: n.dim - base, info: info, leaf: isLeaf}
		if isLeaf {
			n.leaves = append(n.leaves, c.nodes[i])
		}
		if n.dim > info.Off {
			c.first = min(c.first, i)
		}
		c.out = l.out()
	}
	n.shareGradients(c, depth)
	c.fuse()
	return c, nil
}

// layer is the list of layers.
func (n *Network[T]) layer(in Shape, s Spec, path string, depth int) (layer[T], error) {
	switch s := s.(type) {
	case Dense:
		return newDense[T](in, s)
	case Activation:
		return newActivation[T](in, s)
	case CReLU:
		return newCReLU[T](in)
	case Maxout:
		return newMaxout[T](in, s)
	case Amplify:
		return newAmplify[T](in, s)
	case BatchNorm:
		return newBatchNorm[T](in, s)
	case Residual:
		return n.residual(in, s, path, depth)
	case Highway:
		return n.highway(in, s, path, depth)
	case ZeroPad:
		return newZeroPad[T](in, s)
	case LayerNorm:
		return newLayerNorm[T](in, s)
	case Noise:
		return newNoise[T](in, s, len(n.leaves))
	case Dropout:
		return newDropout[T](in, s, len(n.leaves))
	case Conv:
		return newConv[T](in, s)
	case AveragePool:
		return newAveragePool[T](in, s)
	case MaxPool:
		return newMaxPool[T](in, s)
	case GlobalAveragePool:
		return newGlobalAveragePool[T](in)
	case Flatten:
		return newFlatten[T](in), nil
	case LSTM:
		return newLSTM[T](in, s)
	case Last:
		return newLast[T](in)
	case LSTM1997:
		return newLSTM1997[T](in, s)
	case SequentialRNN:
		return newSequentialRNN[T](in, s)
	case GRU:
		return newGRU[T](in, s)
	case Bidirectional:
		return n.bidirectional(in, s, path, depth)
	case Pyramid:
		return newPyramid[T](in, s)
	case TimeDense:
		return newTimeDense[T](in, s)
	case RNN:
		return newRNN[T](in, s)
	case MDLSTM:
		return newMDLSTM[T](in, s)
	case MDRNN:
		return newMDRNN[T](in, s)
	case Window:
		return newGather[T](in, s)
	case Collapse:
		return newCollapse[T](in)
	case Corner:
		return newCorner[T](in)
	case Chunker:
		return newChunker[T](in, s)
	}
	return nil, fmt.Errorf("want the spec itself, got %T", s) // a pointer to one
}

// nesting are specs with chains nested in them.
type nesting interface {
	Spec
	// nested returns the spec with f of each of them.
	nested(f func(Specs) Specs) Spec
}

// clone copies specs with what is nested in them, so that what was built can be built
// again whatever the caller does to its slices.
func (s Specs) clone() Specs {
	s = slices.Clone(s)
	for i := range s {
		if n, ok := s[i].(nesting); ok {
			s[i] = n.nested(Specs.clone)
		}
	}
	return s
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
