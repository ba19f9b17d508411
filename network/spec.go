package network

// A Spec describes a layer before the shape of its input is known. Specs are
// plain data: they compare, print, and read from and write to JSON as an
// object whose "type" is the layer's name in lower case ([Specs]).
//
// The set is sealed: a new layer is one file, a line in the switch of
// build.go, and one in the list of json.go.
type Spec interface {
	spec() string // the name of the type in JSON
}

// Specs is a chain of layers with a JSON form.
type Specs []Spec

// Dense is a fully connected layer, (F) to (Out): z = W x + b, with W [Out][F]
// row-major before b [Out] in the weights.
type Dense struct {
	Out int `json:"out" doc:"units"`
	// Init names the initializer of W (package initializer); empty:
	// "xavier-uniform".
	Init string `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	// Gain multiplies the initial W, to make up for the slope of the
	// activation function: 4 for a sigmoid, the root of 2 for an orthogonal W
	// before a ReLU. 0: 1.
	Gain float64 `json:"gain,omitempty" doc:"multiplies the initial weights; 0: 1"`
	// NoBias leaves b out, as before a BatchNorm, which cancels it.
	NoBias bool `json:"no_bias,omitempty" doc:"leave biases out, as before a batchnorm, which cancels them"`
	// Bias is what every b starts at, as for the gate of a [Highway].
	Bias float64 `json:"bias,omitempty" doc:"what biases start at"`
	// BiasStd draws the initial b from N(Bias, BiasStd^2); 0: it is Bias.
	BiasStd float64 `json:"bias_std,omitempty" doc:"standard deviation of the initial biases; 0: all are bias"`
}

// Activation applies a function of package activation to every value.
type Activation struct {
	Func string `json:"func" doc:"function, of joust list activations"`
}

// BatchNorm normalises every feature over the minibatch, and for images
// (C, H, W) every channel over the minibatch and positions, then scales by
// gamma and shifts by beta, both weights (Ioffe & Szegedy 2015,
// arXiv:1502.03167). It needs at least two values to normalise over.
type BatchNorm struct {
	Eps float64 `json:"eps,omitempty" doc:"added to the variance; 0: 1e-5"`
}

// Flatten turns any shape into a vector, row-major.
type Flatten struct{}

func (Dense) spec() string      { return "dense" }
func (Activation) spec() string { return "activation" }
func (BatchNorm) spec() string  { return "batchnorm" }
func (Flatten) spec() string    { return "flatten" }
