package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// The terms of the literature on vanishing gradients, each with what there is of it
// under names that list and describe know, and a paper that one of them cites.
var literature = []struct {
	term  string
	names []string // kind and name
	paper string
}{
	{"vanishing gradient", []string{"model plain", "probe delta", "probe factor", "experiment vanishing"}, "Hochreiter 1991"},
	{"exploding gradient", []string{"transform clip_norm", "probe recurrent norm"}, "Pascanu, Mikolov & Bengio 2013"},
	{"back-propagation, chain rule", []string{"layer dense", "optimizer sgd"}, "Rumelhart, Hinton & Williams 1986"},
	{"tanh", []string{"activation tanh", "model xavier"}, "LeCun"},
	{"sigmoid", []string{"activation sigmoid"}, "Rumelhart"},
	{"recurrent networks", []string{"model rnn", "layer rnn", "probe lags"}, "Elman 1990"},
	{"long-term dependencies", []string{"task latch", "task two-sequence", "probe lags"}, "Bengio, Simard & Frasconi 1994"},
	{"back-propagation through time, truncated", []string{"model rnn", "layer rnn"}, "Williams & Peng 1990"},
	{"multi-level hierarchy, history compression", []string{"model chunker", "layer chunker", "task chunks"}, "Schmidhuber 1992"},
	{"unsupervised pretraining and fine-tuning", []string{"model dbn", "model autoencoder"}, "Bengio, Lamblin, Popovici & Larochelle 2007"},
	{"deep belief network, feature detectors, layerwise learning, generation", []string{"model dbn", "task bars-and-stripes"}, "Hinton, Osindero & Teh 2006"},
	{"restricted Boltzmann machine, binary and real latent variables", []string{"model dbn"}, "Hinton & Salakhutdinov 2006"},
	{"persistent contrastive divergence", []string{"model dbn"}, "Tieleman 2008"},
	{"denoising autoencoder", []string{"model autoencoder"}, "Vincent, Larochelle, Bengio & Manzagol 2008"},
	{"long short-term memory", []string{"model lstm-1997", "layer lstm1997", "task adding", "task noise-free-lag", "task embedded-reber"}, "Hochreiter & Schmidhuber 1997"},
	{"forget gate", []string{"model lstm", "layer lstm", "probe forget"}, "Gers, Schmidhuber & Cummins 2000"},
	{"gated recurrent unit", []string{"model gru", "layer gru"}, "Cho et al. 2014"},
	{"bidirectional recurrent network", []string{"model bidirectional-lstm", "layer bidirectional"}, "Schuster & Paliwal 1997"},
	{"multi-dimensional LSTM", []string{"model mdlstm", "layer mdlstm", "model mdrnn", "task corner-bit"}, "Graves, Fernández & Schmidhuber 2007"},
	{"handwriting contests", []string{"model mdlstm", "task ctc-digits", "layer collapse", "layer window"}, "Graves & Schmidhuber 2009"},
	{"connectionist temporal classification", []string{"loss ctc", "task ctc-digits"}, "Graves"},
	{"residual network, skip connections", []string{"model resnet", "model conv-resnet", "layer residual", "layer zeropad"}, "arXiv:1512.03385"},
	{"highway network", []string{"model highway", "layer highway"}, "Srivastava, Greff & Schmidhuber 2015"},
	{"ensemble of shallow networks", []string{"model resnet"}, "Veit, Wilber & Belongie 2016"},
	{"norm preservation", []string{"probe norm", "model resnet"}, "Zaeemzadeh"},
	{"shattered gradients, looks-linear", []string{"model looks-linear", "initializer looks-linear", "layer crelu"}, "Balduzzi et al. 2017"},
	{"rectified linear unit", []string{"model rectified", "activation relu"}, "Glorot, Bordes & Bengio 2011"},
	{"leaky rectifier", []string{"activation leaky-relu", "initializer he-leaky"}, "Maas, Hannun & Ng 2013"},
	{"dead units", []string{"probe dead"}, "Maas, Hannun & Ng 2013"},
	{"exponential linear unit", []string{"activation elu"}, "Clevert"},
	{"self-normalising networks", []string{"model selu", "activation selu", "initializer lecun-normal"}, "Klambauer"},
	{"non-saturating activations", []string{"activation softplus", "activation softsign", "activation gelu", "activation mish"}, "Hendrycks & Gimpel 2016"},
	{"Swish", []string{"activation swish"}, "Ramachandran, Zoph & Le 2017"},
	{"oscillating, non-monotone activations", []string{"model oscillating", "model neuron", "activation gcu", "activation squ", "activation ncu", "activation ssu", "activation dsu", "task xor"}, "arXiv:2108.12943"},
	{"maxout", []string{"model maxout", "layer maxout"}, "Goodfellow"},
	{"hard thresholds", []string{"model step", "activation step"}, "McCulloch & Pitts 1943"},
	{"Xavier initialisation", []string{"model xavier", "initializer xavier-uniform", "initializer xavier-normal"}, "Glorot & Bengio 2010"},
	{"He initialisation", []string{"initializer he-normal", "initializer he-uniform", "initializer he-normal-fan-out"}, "He et al. 2015"},
	{"orthogonal initialisation, dynamical isometry", []string{"model orthogonal", "initializer orthogonal", "probe through"}, "Saxe, McClelland & Ganguli 2014"},
	{"layer-sequential unit variance", []string{"model lsuv"}, "Mishkin & Matas 2016"},
	{"variance control, mean field", []string{"probe chi", "probe preactivation"}, "Poole et al. 2016"},
	{"identity recurrence", []string{"model irnn", "initializer identity"}, "Le, Jaitly & Hinton 2015"},
	{"input normalisation", []string{"task csv"}, "Efficient BackProp"},
	{"batch normalisation, internal covariate shift", []string{"model batchnorm", "layer batchnorm"}, "Ioffe & Szegedy 2015"},
	{"why batch normalisation helps: smoothness", []string{"model noisy-batchnorm", "layer noise", "probe change", "probe range", "probe beta"}, "Santurkar"},
	{"why batch normalisation helps: large steps", []string{"model batchnorm"}, "Bjorck"},
	{"layer normalisation", []string{"model layernorm", "layer layernorm"}, "Ba, Kiros & Hinton 2016"},
	{"dropout", []string{"model dropout", "layer dropout"}, "Srivastava et al. 2014"},
	{"faster hardware, more training", []string{"task stroke-digits", "model plain"}, "Meier, Gambardella & Schmidhuber 2010"},
	{"deep learning, an overview", []string{"model plain"}, "Schmidhuber 2015"},
	{"Neural Abstraction Pyramid, image reconstruction", []string{"model pyramid", "layer pyramid", "task occlusion", "task contrast-noise", "task super-resolution"}, "Behnke 2001"},
	{"face localisation", []string{"task face-localisation", "model pyramid"}, "Behnke 2003"},
	{"sign of the gradient", []string{"optimizer rprop", "optimizer signsgd", "optimizer signum", "optimizer lion", "probe sign"}, "Riedmiller & Braun 1993"},
	{"random guessing", []string{"optimizer random-guessing", "optimizer random-search", "initializer guess", "model sequential-rnn", "task parity-over-time"}, "Schmidhuber, Hochreiter & Bengio 2001"},
	{"genetic algorithms", []string{"optimizer ga", "optimizer deep-ga", "optimizer ga-islands", "optimizer ga-steady", "optimizer samr-ga"}, "Montana & Davis 1989"},
	{"global search: evolution strategies", []string{"optimizer cma-es", "optimizer xnes", "optimizer snes", "optimizer openai-es"}, "Hansen 2016"},
	{"global search: neuroevolution", []string{"optimizer cosyne", "task pole-balancing"}, "Gomez, Schmidhuber & Miikkulainen 2008"},
	{"gradient amplification", []string{"model amplified", "layer amplify", "transform amplify"}, "Basodi"},
	{"gradient clipping", []string{"transform clip_norm", "transform clip_value"}, "Pascanu, Mikolov & Bengio 2013"},
	{"regulariser Omega", []string{"model rnn", "layer rnn", "task temporal-order"}, "Pascanu, Mikolov & Bengio 2013"},
	{"gradient noise", []string{"transform noise"}, "Neelakantan et al. 2015"},
	{"smoothness and attractors of recurrent networks", []string{"probe beta", "probe range"}, "Ribeiro"},
}

// everything is what the program races.
func everything() bench.Lists {
	return bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()}
}

// Whatever the literature names can be named here, is explained, and cites its papers;
// describe finds it by its name alone.
func TestLiterature(t *testing.T) {
	all, err := things(everything())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range literature {
		cited := false
		for _, n := range e.names {
			kind, name, _ := strings.Cut(n, " ")
			i := slices.IndexFunc(all, func(x thing) bool { return x.Kind == kind && x.Name == name })
			if i < 0 {
				t.Errorf("%s: there is no %s", e.term, n)
				continue
			}
			if len(all[i].Refs) == 0 && kind != "experiment" {
				t.Errorf("%s: %s cites no paper", e.term, n)
			}
			for _, r := range all[i].Refs {
				cited = cited || strings.Contains(r, e.paper)
			}
		}
		if !cited {
			t.Errorf("%s: none of %v cites %s", e.term, e.names, e.paper)
		}
	}
}

// Everything that is listed has a summary in one line; what is made of nothing of the
// user's own, or was not made up here, cites a paper.
func TestEverythingIsExplained(t *testing.T) {
	own := []string{"model network", "task clusters", "task stroke-digits", "task glyph-digits"}
	all, err := things(everything())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range all {
		id := x.Kind + " " + x.Name
		if seen[id] {
			t.Errorf("%s is listed twice", id)
		}
		seen[id] = true
		if x.Summary == "" || strings.Contains(x.Summary, "\n") {
			t.Errorf("%s: summary %q, want one line", id, x.Summary)
		}
		if len(x.Refs) == 0 && x.Kind != "experiment" && !slices.Contains(own, id) {
			t.Errorf("%s cites no paper", id)
		}
		if x.Kind == "transform" && len(x.Takers) == 0 {
			t.Errorf("%s: no optimizer has it", id)
		}
		for _, p := range x.Params {
			for i, c := range p.Choices {
				if slices.Contains(p.Choices[:i], c) {
					t.Errorf("%s: %s can be %s twice", id, p.Name, c)
				}
			}
		}
	}
	for _, g := range groups {
		if len(ofKind(all, g.kind)) == 0 {
			t.Errorf("no %s", g.name())
		}
	}
}
