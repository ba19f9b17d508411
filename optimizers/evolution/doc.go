// Package evolution holds the optimizers that keep a distribution and move it
// to where the losses are low.
package evolution
