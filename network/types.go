package network

import (
	"reflect"
	"strings"
)

// A LayerType is what a network file can name: a [Spec], as it is listed and explained.
type LayerType struct {
	Name    string // its "type"
	Summary string // one line, with the shapes of inputs and outputs
	Refs    []string
	Members []Member // what else the object has, in order
}

// A Member is one of those of a layer in a network file.
type Member struct {
	Name string `json:"name"`
	Type string `json:"type"` // in words, such as "an integer"
	Doc  string `json:"doc"`
	Must bool   `json:"required,omitempty"` // there is no default
}

// LayerTypes lists the types of layers in alphabetical order.
func LayerTypes() []LayerType {
	list := make([]LayerType, len(specTypes))
	for i, t := range specTypes {
		list[i] = LayerType{Name: t.zero.spec(), Summary: t.summary, Refs: t.refs}
		for f := range reflect.TypeOf(t.zero).Fields() {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			m := Member{Name: name, Type: kinds[f.Type.Kind()], Doc: f.Tag.Get("doc"), Must: option != "omitempty"}
			if f.Type == reflect.TypeFor[Specs]() {
				m.Type = "a list of layers"
			}
			list[i].Members = append(list[i].Members, m)
		}
	}
	return list
}

const (
	doiLSTM = "Hochreiter & Schmidhuber 1997, Long short-term memory, doi:10.1162/neco.1997.9.8.1735"
	mdrnns  = "Graves, Fernández & Schmidhuber 2007, Multi-dimensional recurrent neural networks, doi:10.1007/978-3-540-74690-4_56"
	reading = "Graves & Schmidhuber 2009, Offline handwriting recognition with multidimensional recurrent neural networks, NIPS 21"
	resnets = "He, Zhang, Ren & Sun 2016, Deep residual learning for image recognition, arXiv:1512.03385"
	lecun89 = "LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition, doi:10.1162/neco.1989.1.4.541"
	rumel86 = "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors, doi:10.1038/323533a0"
)

// specTypes has one of each spec, for the names in JSON.
var specTypes = []struct {
	zero    Spec
	summary string
	refs    []string
}{
	{Activation{}, "a function of every value by itself; joust list activations has them", []string{rumel86}},
	{Amplify{}, "passes what goes up, and multiplies the gradient that comes down", []string{"Basodi, Ji, Zhang & Pan 2020, Gradient amplification, doi:10.26599/BDMA.2020.9020004"}},
	{AveragePool{}, "the mean of every window of an image, (C, H, W) to (C, H', W')", []string{lecun89}},
	{BatchNorm{}, "normalises every feature, or channel, over the minibatch, then scales and shifts", []string{"Ioffe & Szegedy 2015, arXiv:1502.03167"}},
	{Bidirectional{}, "two copies of recurrent layers, one from each end of the sequence, (T, F) to (T, 2G)", []string{"Schuster & Paliwal 1997, Bidirectional recurrent neural networks, doi:10.1109/78.650093"}},
	{Chunker{}, "neural history compressor: levels that see what surprised the one below, (T, F) to (hidden)", []string{
		"Schmidhuber 1992, Learning complex, extended sequences using the principle of history compression, doi:10.1162/neco.1992.4.2.234",
	}},
	{Collapse{}, "an image, read from left to right, as the sums of its columns, (C, H, W) to (W, C)", []string{reading + ", sec. 2.3"}},
	{Conv{}, "a convolution, (C, H, W) to (channels, H', W')", []string{lecun89}},
	{Corner{}, "the last row and column of an image, (C, H, W) to (C)", []string{mdrnns}},
	{CReLU{}, "rectifiers of z and of -z, (F) to (2F)", []string{
		"Shang, Sohn, Almeida & Lee 2016, arXiv:1603.05201",
		"Balduzzi et al. 2017, The shattered gradients problem, arXiv:1702.08591",
	}},
	{Dense{}, "fully connected, (F) to (out)", []string{rumel86}},
	{Dropout{}, "leaves values out at random in training", []string{"Srivastava et al. 2014, Dropout, JMLR 15:1929-1958"}},
	{Flatten{}, "any shape as a vector", []string{lecun89}},
	{GlobalAveragePool{}, "the mean of each channel, (C, H, W) to (C)", []string{"Lin, Chen & Yan 2014, Network in network, arXiv:1312.4400, sec. 3.2"}},
	{GRU{}, "gated recurrent units, (T, F) to (T, hidden)", []string{"Cho et al. 2014, Learning phrase representations using RNN encoder-decoder, arXiv:1406.1078"}},
	{Highway{}, "a gate that chooses, value by value, between layers and their input; the shape stays", []string{"Srivastava, Greff & Schmidhuber 2015, Highway networks, arXiv:1505.00387"}},
	{Last{}, "the last step of a sequence, (T, F) to (F)", []string{"Elman 1990, Finding structure in time, doi:10.1207/s15516709cog1402_1"}},
	{LayerNorm{}, "normalises the features of every example by itself, then scales and shifts", []string{
		"Ba, Kiros & Hinton 2016, Layer normalization, arXiv:1607.06450",
		"Wu & He 2018, Group normalization, arXiv:1803.08494",
	}},
	{LSTM{}, "long short-term memory with forget gates, (T, F) to (T, hidden)", []string{
		doiLSTM,
		"Gers, Schmidhuber & Cummins 2000, Learning to forget, doi:10.1162/089976600300015015",
		"Gers, Schraudolph & Schmidhuber 2002, Learning precise timing with LSTM recurrent networks, JMLR 3:115-143",
		"Jozefowicz, Zaremba & Sutskever 2015, An empirical exploration of recurrent network architectures, ICML",
	}},
	{LSTM1997{}, "long short-term memory as first published, without forget gates, (T, F) to (T, blocks*size)", []string{doiLSTM}},
	{Maxout{}, "the largest of several linear functions, (F) to (out)", []string{"Goodfellow et al. 2013, Maxout networks, arXiv:1302.4389"}},
	{MaxPool{}, "the maximum of every window of an image, (C, H, W) to (C, H', W')", []string{"Riesenhuber & Poggio 1999, Hierarchical models of object recognition in cortex, doi:10.1038/14819"}},
	{MDLSTM{}, "long short-term memory that scans an image from its corners, (C, H, W) to (cells, H, W)", []string{mdrnns, reading}},
	{MDRNN{}, "recurrent units that scan an image from its corners, (C, H, W) to (units, H, W)", []string{mdrnns}},
	{Noise{}, "shifts and scales features at random in training", []string{"Santurkar, Tsipras, Ilyas & Mądry 2018, How does batch normalization help optimization?, arXiv:1805.11604, sec. 2.2"}},
	{Pyramid{}, "Neural Abstraction Pyramid: feature arrays that look at an image again and again, (C, H, W) to (outputs, H, W)", []string{
		"Behnke 2001, Learning iterative image reconstruction in the neural abstraction pyramid, doi:10.1142/S1469026801000342",
		"Behnke 2003, Hierarchical neural networks for image interpretation, LNCS 2766",
	}},
	{Residual{}, "layers whose output is added to their input", []string{resnets}},
	{RNN{}, "recurrent units, (T, F) to (T, hidden)", []string{
		"Elman 1990, Finding structure in time, doi:10.1207/s15516709cog1402_1",
		"Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490 (k1, k2)",
		"Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063 (omega)",
		"Le, Jaitly & Hinton 2015, arXiv:1504.00941 (recurrent: identity)",
	}},
	{SequentialRNN{}, "hidden and output units that see each other, hidden ones first, (T, F) to (T, out)", []string{"Hochreiter & Schmidhuber 1997, LSTM can solve hard long time lag problems, NIPS 9"}},
	{TimeDense{}, "fully connected at every step of a sequence, (T, F) to (T, out)", []string{"Elman 1990, Finding structure in time, doi:10.1207/s15516709cog1402_1"}},
	{Window{}, "gathers windows of an image, (C, H, W) to (C*height*width, H/height, W/width)", []string{reading + ", sec. 2.2"}},
	{ZeroPad{}, "channels of zeros, and every stride-th row and column: a shortcut without weights", []string{resnets + ", sec. 3.3"}},
}
