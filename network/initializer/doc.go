// Package initializer draws the weights that training starts from.
//
// What a deep network can learn is decided before its first step: a weight
// matrix multiplies the signal on its way up, and the gradient on its way
// down, by about its standard deviation times the root of its fan. An
// initializer picks the standard deviation so that this factor, with the slope
// of the activation function, is near 1:
//
//	init, err := initializer.ByName("he-normal")
//	init.Fill(w, initializer.Shape{Out: 64, In: 32}, rng)
//
// [All] lists them. Which one goes with which activation function:
//
//	sigmoid            xavier-uniform with gain 4, for its slope of 1/4
//	tanh, softsign     xavier-uniform, xavier-normal, orthogonal
//	relu and relatives he-normal, he-uniform, orthogonal with gain sqrt 2
//	selu               lecun-normal
//	a crelu layer      looks-linear
//	gcu, squ, ncu      half of lecun-normal: their slopes grow
//
// Some have two names: what Caffe calls Xavier and He et al. 2015 compare with is
// lecun-normal, and cannot train thirty layers of rectifiers; Glorot is Xavier, and
// He is Kaiming.
//
// # Design
//
// Why is an initializer a value with two functions? Std is published with
// every block of weights, where an optimizer finds the scale it has to search
// at; Fill must have that standard deviation, and a test holds the two
// together.
//
// Why is the sigmoid's Xavier not another name? Glorot & Bengio 2010 derive theirs
// for f'(0) = 1; the logistic function has 1/4, and gain 4 makes up for it.
//
// Why is the gain not part of it? It belongs to the pair of initializer and
// activation function, so it is a setting of the layer, which multiplies.
//
// Why float64 alone? A network starts from the same weights at both
// precisions; the conversion to float32 is at the border, once.
//
// Why an orthogonalisation of our own? Gram-Schmidt done twice is thirty
// lines, has the sign convention that makes the result uniformly distributed
// built in, and its sums have a fixed order, where a library's QR depends on
// the processor it finds. Measured on one core at 4 GHz: 25 ms for 256x256 and
// 1.8 s for 1024x1024, once a trial. Matrices many times larger would change it.
package initializer
